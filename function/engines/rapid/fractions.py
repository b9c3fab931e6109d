"""A fraction that was found as one tall line: what stands above its bar and below it, each a line of its own.

Read upright, one of the two is lost; read turned, the bar becomes a dash between letters that lie on their side.
"""

from __future__ import annotations

import numpy as np

from function.engines.rapid.ink import find_ink, runs
from function.page import Pixels

#: A bar is at least this much wider than it is tall, and covers so much of the strip's width; what stands above and
#: below is so many times taller than the bar.
_FLAT, _ACROSS, _TALLER = 5.0, 0.5, 2.0
#: Paper left around each part, of its height.
_PAPER = 0.2


def fraction(strip: Pixels) -> tuple[Pixels, Pixels] | None:
    """What stands above and below the bar of a fraction; None where the strip shows none."""
    ink = find_ink(strip)
    rows = runs(np.asarray(ink.any(axis=1)))
    if len(rows) != 3:
        return None
    (above, top), (bar, bar_end), (below, bottom) = rows
    columns = np.flatnonzero(ink[bar:bar_end].any(axis=0))
    width, height = int(columns[-1] - columns[0]) + 1, bar_end - bar
    if width < max(_FLAT * height, _ACROSS * strip.shape[1]):
        return None
    if min(top - above, bottom - below) < _TALLER * height:
        return None
    return _part(strip, above, top, bar), _part(strip, below, bottom, strip.shape[0], first=bar_end)


def _part(strip: Pixels, start: int, end: int, last: int, first: int = 0) -> Pixels:
    paper = round(_PAPER * (end - start))
    return strip[max(first, start - paper) : min(last, end + paper)]


def as_text(above: str, below: str) -> str:
    """A fraction on one line; what holds more than a word or a number is put in brackets."""
    return "/".join(part if part.isalnum() else f"({part})" for part in (above.strip(), below.strip()))
