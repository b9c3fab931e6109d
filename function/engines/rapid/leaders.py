"""Dots that lead to what a strip says, as to the page's number in a table of contents.

The recogniser stumbles over dots at the edge of a strip: it doubles the digit behind them, or drops the number. Read
without them, it does neither (measured on a table of contents: of 30 numbers, 13 were wrong).
"""

from __future__ import annotations

import numpy as np

from function.engines.rapid.ink import find_ink, runs
from function.page import Pixels

#: A dot is this wide and tall at most, in heights of the strip; fewer than so many lead nowhere.
_DOT, _FEWEST = 0.2, 2


def leader(strip: Pixels) -> tuple[int, int]:
    """How many dots a level strip begins with, and the column between the last and what follows; 0, 0 without any."""
    ink = find_ink(strip)
    marks = runs(np.asarray(ink.any(axis=0)))
    dots = next((at for at, mark in enumerate(marks) if not _is_dot(ink[:, slice(*mark)])), 0)
    if dots < _FEWEST:
        return 0, 0
    return dots, (marks[dots - 1][1] + marks[dots][0]) // 2


def _is_dot(mark: np.ndarray) -> bool:
    height, width = mark.shape
    rows = np.flatnonzero(mark.any(axis=1))
    return bool(max(width, rows[-1] + 1 - rows[0]) <= _DOT * height)
