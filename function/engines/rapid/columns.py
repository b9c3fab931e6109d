"""The characters of a column, cut out and put side by side: a line that reads well only if they stood upright."""

from __future__ import annotations

import cv2
import numpy as np

from function.engines.rapid.ink import find_ink, runs
from function.page import Pixels

#: Side of the square that a character is put into, in pixels.
_CELL = 48
_MOST = 8
#: An ink run this long, in widths of the column's ink, is one whole character; shorter ones are parts of one.
_SHORTEST, _LONGEST = 0.65, 1.15


def characters_in_a_row(column: Pixels) -> tuple[Pixels, int] | None:
    """A row of up to eight characters of the column, and how many they are; None where fewer than two stand apart.

    Args:
        column: a strip whose text runs downwards, one character below the other.
    """
    ink = find_ink(column)
    across = np.flatnonzero(ink.any(axis=0))
    if across.size == 0:
        return None
    left, right = int(across[0]), int(across[-1]) + 1
    cells = [
        cv2.resize(column[top:bottom, left:right], (_CELL - 8, _CELL - 8), interpolation=cv2.INTER_AREA)
        for top, bottom in runs(np.asarray(ink.any(axis=1)))
        if _SHORTEST * (right - left) <= bottom - top <= _LONGEST * (right - left)
    ][:_MOST]
    if len(cells) < 2:
        return None
    paper = tuple(int(value) for value in np.median(column.reshape(-1, 3), axis=0))
    framed = [cv2.copyMakeBorder(cell, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=paper) for cell in cells]
    return np.hstack(framed).astype(np.uint8), len(cells)
