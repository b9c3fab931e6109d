"""Finds where rows of a table stand between ruled lines that run across, above each other, with none between columns.

A page's own lines, and those below headlines, are such lines, too; `open_grids` tells the tables among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from function.page import Box
from function.reading.layout.bands import Gap
from function.reading.layout.cell_cuts import cut_piece
from function.reading.layout.columns import are_values
from function.reading.layout.pieces import Piece, Row
from function.reading.layout.rows import gather_rows

#: All lengths in line heights. Ruled lines of one table end within so much of each other, …
_SAME_END = 1.0
#: … and are at most so far apart.
_FURTHEST = 30.0
#: Shorter lines than so many others underline words.
_MOST_STACKS = 64
#: A head above the first line, or a last row below the last one, has its middle this close to it.
_NEAR = 1.6
#: A head above a single line has at least so many cells, and its rows follow each other with less space between them.
_HEADS, _SPACE = 3, 1.5
#: Where each row has a line below it, at least so many have, but for the first.
_RULED_ROWS = 3
#: A row of a single cell is as low as others but for this factor; around a headline between tables there is more space.
_LOW = 1.3
#: Lines of one cell are this close to each other; those of a head's are no higher altogether.
_CLOSE, _HIGHEST_HEAD = 0.5, 8.0
#: Text as wide as this part of the lines is no cell, but runs across.
_WIDE = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What stands between two ruled lines, or beside the first or last one.

    Attributes:
        top, bottom: where it begins and ends.
        rows: of its text.
        is_sure: else it may be no part of the table: a single text above the first line.
    """

    top: float
    bottom: float
    rows: list[Row]
    is_sure: bool = True


def find_stretches(rulings: Sequence[Box], pieces: Sequence[Piece], size: float) -> Iterator[list[Stretch]]:
    """Find what may be tables, each as its stretches from top to bottom.

    Args:
        rulings: ruled lines in working coordinates.
        pieces: that are in no drawn table.
        size: of the page's body text, in pixels.
    """
    for rules in _stacks(rulings, size):
        yield from _runs(rules, pieces, size)


def _stacks(rulings: Sequence[Box], size: float) -> list[list[Box]]:
    """Lying lines that begin and end at the same places, from top to bottom."""
    stacks: list[list[Box]] = []
    for box in _whole([box for box in rulings if box[2] - box[0] > box[3] - box[1]], size):
        for stack in stacks:
            above = stack[-1]
            if (
                max(abs(above[0] - box[0]), abs(above[2] - box[2])) <= _SAME_END * size
                and box[1] - above[3] >= size / 2
            ):
                stack.append(box)
                break
        else:
            stacks.append([box])
    widest = sorted(stacks, key=lambda stack: stack[0][0] - stack[0][2])[:_MOST_STACKS]
    return [stack for stack in stacks if stack in widest]


def _whole(lying: Sequence[Box], size: float) -> list[Box]:
    """Lines put together of those that follow each other at one height: the edges of cells side by side."""
    whole: list[Box] = []
    for box in sorted(lying, key=lambda box: (round(box[1] / size * 4), box[0])):
        last = whole[-1] if whole else None
        if last and abs(last[1] - box[1]) <= size / 4 and -size < box[0] - last[2] <= _SAME_END * size / 2:
            whole[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            whole.append(box)
    return sorted(whole, key=lambda box: box[1])


def _runs(rules: Sequence[Box], pieces: Sequence[Piece], size: float) -> list[list[Stretch]]:
    """Between which of the lines rows stand in cells; what stands outside, close to such rows, may be one more."""
    left, right = min(box[0] for box in rules) - size, max(box[2] for box in rules) + size
    within = [piece for piece in pieces if left <= piece.x0 and piece.x1 <= right]
    heights = [(box[1] + box[3]) / 2 for box in rules]
    if len(rules) == 1:
        run = _below_head(heights[0], right - left, within, size)
        return [run] if run else []
    runs: list[list[Stretch]] = [[]]
    stretches = [
        Stretch(top, bottom, gather_rows([piece for piece in within if top < piece.middle < bottom]))
        for top, bottom in pairwise(heights)
    ]
    rows = [one.bottom - one.top for one in stretches if len(one.rows) == 1 and len(one.rows[0].pieces) > 1]
    for stretch in stretches:
        is_low = len(stretch.rows) == 1 and stretch.bottom - stretch.top <= _LOW * min(rows, default=0.0)
        near = stretch.bottom - stretch.top <= _FURTHEST * size
        if near and _has_cells(stretch, right - left, is_low=is_low):
            runs[-1].append(stretch)
        elif runs[-1]:
            runs.append([])
    found = [(run, _with_ends(run, within, size)) for run in runs if run]
    found = [(run, _headed(run, right - left, within, size) or ends) for run, ends in found]
    return [ends for run, ends in found if len(run) > 1 or ends[0] is not run[0] or len(ends[-1].rows) > 1]


def _headed(run: Sequence[Stretch], width: float, pieces: Sequence[Piece], size: float) -> list[Stretch]:
    """A head between two lines, with rows below that no line closes; nothing where it is none."""
    return _below_head(run[0].bottom, width, pieces, size) if len(run) == len(run[0].rows) == 1 else []


def _below_head(height: float, width: float, pieces: Sequence[Piece], size: float) -> list[Stretch]:
    """A head above a single line, and the rows below that keep to its columns."""
    head = gather_rows([piece for piece in pieces if height - _NEAR * size <= piece.middle <= height])[-1:]
    if not head or len(head[0].pieces) < _HEADS or head[0].x1 - head[0].x0 < _WIDE * width:
        return []
    gaps = [(a.x1, b.x0) for a, b in pairwise(head[0].pieces)]
    rows: list[Row] = []
    bottom = height
    for row in gather_rows([piece for piece in pieces if piece.middle > height]):
        gaps = [_narrowed(gap, row) for gap in gaps]
        if row.y0 - bottom > _SPACE * size or any(right - left < size / 4 for left, right in gaps):
            break
        rows.append(row)
        bottom = max(bottom, row.y1)
    columns = {sum(piece.x0 >= sum(gap) / 2 for gap in gaps) for row in rows for piece in row.pieces}
    if len(rows) < 2 or len(columns) <= len(gaps):
        return []
    return [Stretch(head[0].y0 - size / 4, height, head), Stretch(height, bottom + size / 4, rows)]


def _narrowed(gap: Gap, row: Row) -> Gap:
    """What a row's text leaves of a gap, unless it is two amounts that were read as one."""
    left, right = gap
    middle = (left + right) / 2
    for piece in row.pieces:
        if piece.x0 < left and right < piece.x1:
            parts = cut_piece(piece, [middle])
            if len(parts) == 1 or not all(are_values([Row.of([part])]) for part in parts):
                return middle, middle
        elif piece.x0 + piece.x1 <= 2 * middle:
            left = max(left, piece.x1)
        else:
            right = min(right, piece.x0)
    return left, right


def _has_cells(stretch: Stretch, width: float, *, is_low: bool) -> bool:
    """Whether text stands in cells there, or is a single one's: a sum, or a title of the rows below."""
    parted = sum(len(row.pieces) > 1 for row in stretch.rows)
    wide = sum(row.x1 - row.x0 > _WIDE * width for row in stretch.rows if len(row.pieces) == 1)
    return parted > wide or (is_low and not wide)


def _with_ends(run: list[Stretch], pieces: Sequence[Piece], size: float) -> list[Stretch]:
    """The same with the row above the first line and the one below the last one, where those stand in cells, too."""
    top, bottom = run[0].top, run[-1].bottom
    just_above = [piece for piece in pieces if top - _HIGHEST_HEAD * size <= piece.middle <= top]
    above = _last_row(gather_rows(just_above), top, size)
    below = gather_rows([piece for piece in pieces if bottom <= piece.middle <= bottom + _NEAR * size])[:1]
    if above:
        is_sure = len(above[0].pieces) > max(1, len(run[0].rows[0].pieces) / 2)
        first = Stretch(above[0].y0 - size / 4, top, above, is_sure)
        run = [*_unruled_head(first, run, pieces, size), first, *run]
    if below and len(below[0].pieces) > 1:
        run = [*run, Stretch(bottom, below[0].y1 + size / 4, below)]
    return run


def _unruled_head(first: Stretch, run: Sequence[Stretch], pieces: Sequence[Piece], size: float) -> list[Stretch]:
    """The head above a table's first row, where all rows but the head, perhaps on dark ground, have a line below."""
    if not first.is_sure or len(run) < _RULED_ROWS:
        return []
    height = max(_NEAR * size, min(one.bottom - one.top for one in run))
    head = gather_rows([piece for piece in pieces if first.top - height <= piece.middle <= first.top])[-1:]
    cells = max(len(row.pieces) for one in run for row in one.rows)
    if not head or len(head[0].pieces) < max(_HEADS, cells):
        return []
    return [Stretch(head[0].y0 - size / 4, first.top, head)]


def _last_row(rows: Sequence[Row], bottom: float, size: float) -> list[Row]:
    """The lines just above a height, up to the first in which several cells begin."""
    found: list[Row] = []
    for row in reversed(rows):
        if (found[0].y0 - row.y1 > _CLOSE * size) if found else (row.middle < bottom - _NEAR * size):
            break
        found.insert(0, row)
        if len(row.pieces) > 1:
            break
    return found
