"""Rows of dots that lead from one text to another: painted over before a page is read, put back into what was read.

Detector and recogniser both stumble over them. A number behind them is not found, since so much of its line is dots;
what is found together with them is read with letters missing. (Measured on tables of contents, price lists and forms
at 100 to 200 dpi, clean and scanned: of 840 titles with what belongs to them 71 in 100 arrived, without the dots 98.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from function.engines.rapid.crops import Quad, part_of
from function.engines.rapid.dot_rows import DotRow, find_dot_rows
from function.page import Pixels, ReadLine

#: In heights of a line: how far behind its text the dots begin at most, and how far before the next they end; beside
#: dots that only look so, as of a rule, there is more room.
_BEHIND, _BEFORE, _OVER = 2.5, 0.6, 0.2
#: Where the dots stand within a line's height: on its baseline, or in its middle.
_HIGHEST, _LOWEST = 0.45, 0.85
#: In sizes of a dot: how much is painted over around its middle, and from how far the paper is taken.
_PAINT, _PAPER = 1.0, 3.0
#: How long a piece of a row is painted over at a time, in pixels, since rows may slope.
_PIECE = 32


def without_leaders(pixels: Pixels) -> tuple[Pixels, list[DotRow]]:
    """The page with its rows of dots painted over, and those rows; the very page where there are none."""
    rows = find_dot_rows(pixels)
    if not rows:
        return pixels, []
    clean = np.array(pixels)
    for row in rows:
        for start in range(int(row.x0 - row.size), int(row.x1 + row.size) + 1, _PIECE):
            end = min(start + _PIECE, int(row.x1 + row.size) + 1)
            _paint(clean, slice(max(0, start), end), row.height_at((start + end) / 2), row.size)
    return clean, rows


def _paint(page: Pixels, columns: slice, y: float, size: float) -> None:
    half, around = _PAINT * size + 1, _PAPER * size + 2
    paper = np.median(page[max(0, int(y - around)) : int(y + around) + 1, columns], axis=(0, 1))
    page[max(0, int(y - half)) : int(y + half) + 1, columns] = paper


def parted(quads: Iterable[Quad], rows: Sequence[DotRow]) -> list[Quad]:
    """Ordered quads, cut where a row of dots lies within them."""
    parts = list(quads)
    for row in rows:
        parts = [part for quad in parts for part in _cut_at(quad, row)]
    return parts


def _cut_at(quad: Quad, row: DotRow) -> list[Quad]:
    left, right = float(quad[[0, 3], 0].mean()), float(quad[[1, 2], 0].mean())
    if not left < row.x0 < row.x1 < right:
        return [quad]
    first, last = ((x - left) / (right - left) for x in (row.x0, row.x1))
    before, behind = part_of(quad, 0.0, first), part_of(quad, last, 1.0)
    return [before, behind] if _is_level(row.y0, before[1, 1], before[2, 1]) else [quad]


def with_leaders(lines: Sequence[ReadLine], rows: Iterable[DotRow]) -> list[ReadLine]:
    """The lines with the dots behind or before them; dots beside no text lead nowhere and say nothing."""
    told = list(lines)
    for row in rows:
        before = [at for at, line in enumerate(told) if _ends_before(line, row)]
        behind = [at for at, line in enumerate(told) if _begins_behind(line, row)]
        if before:
            at = max(before, key=lambda at: told[at].box[2])
            (x0, y0, x1, y1), text = told[at].box, f"{told[at].text} {'.' * row.dots}"
            told[at] = replace(told[at], text=text, box=(x0, y0, max(x1, row.x1), y1))
        elif behind:
            at = min(behind, key=lambda at: told[at].box[0])
            (x0, y0, x1, y1), text = told[at].box, f"{'.' * row.dots} {told[at].text}"
            told[at] = replace(told[at], text=text, box=(min(x0, row.x0), y0, x1, y1))
    return told


def _is_level(y: float, top: float, bottom: float) -> bool:
    return bool(_HIGHEST <= (y - top) / max(1.0, bottom - top) <= _LOWEST)


def _ends_before(line: ReadLine, row: DotRow) -> bool:
    _, y0, x1, y1 = line.box
    return -_OVER * (y1 - y0) <= row.x0 - x1 <= _BEHIND * (y1 - y0) and _is_level(row.y0, y0, y1)


def _begins_behind(line: ReadLine, row: DotRow) -> bool:
    x0, y0, _, y1 = line.box
    return -_OVER * (y1 - y0) <= x0 - row.x1 <= _BEFORE * (y1 - y0) and _is_level(row.y1, y0, y1)
