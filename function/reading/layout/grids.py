"""Finds tables whose cells are drawn: ruled lines that cross, and the text between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from function.page import Box
from function.reading.layout.pieces import Piece, Row, middle_of
from function.reading.layout.rows import gather_rows

#: All lengths in line heights. Ruled lines meet, or are one line, when this close.
_MEETING, _SAME = 0.5, 0.35
#: Part of a cell's side that is drawn, where a side divides two cells.
_DRAWN = 0.5
#: A table has at most so many columns, and at least so much text in its cells; a form's boxes are no table.
_MOST_COLUMNS, _FULLEST = 30, 0.25
#: More lines than this in the usual cell are columns of a newspaper between rules.
_MOST_LINES = 6
#: No cell has more lines than this, or more rows in which pieces stand apart from each other.
_LONGEST_CELL, _PARTED_ROWS = 20, 3


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A drawn grid.

    Attributes:
        xs, ys: where its lines stand, in order.
        lying, standing: the ruled lines themselves.
    """

    xs: list[float]
    ys: list[float]
    lying: list[Box]
    standing: list[Box]

    @property
    def box(self) -> Box:
        """Around all of it."""
        return (self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def holds(self, piece: Piece) -> bool:
        """Whether the middle of a piece lies inside."""
        x, y = (piece.x0 + piece.x1) / 2, piece.middle
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def fill(self, pieces: Sequence[Piece]) -> list[list[list[Piece]]]:
        """Put pieces into cells; of cells that are one, the upper left one takes all."""
        owner = self.owners()
        cells: list[list[list[Piece]]] = [[[] for _ in self.xs[1:]] for _ in self.ys[1:]]
        for piece in pieces:
            row = _slot(self.ys, piece.middle)
            column = _slot(self.xs, piece.x0 + min(piece.size, piece.x1 - piece.x0) / 2)
            row, column = owner[row, column]
            cells[row][column].append(piece)
        return cells

    def owners(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Of each cell, the upper left one of those that no line divides from it."""
        beside = [[(box[1], box[3]) for box in self.standing if _at(box[0], box[2], x)] for x in pairwise(self.xs)]
        over = [[(box[0], box[2]) for box in self.lying if _at(box[1], box[3], y)] for y in pairwise(self.ys)]
        owner: dict[tuple[int, int], tuple[int, int]] = {}
        for row in range(len(self.ys) - 1):
            for column in range(len(self.xs) - 1):
                owner[row, column] = (row, column)
                if column and not _drawn(beside[column], self.ys[row], self.ys[row + 1]):
                    owner[row, column] = owner[row, column - 1]
                elif row and not _drawn(over[row], self.xs[column], self.xs[column + 1]):
                    owner[row, column] = owner[row - 1, column]
        return owner


def find_grids(rulings: Sequence[Box], pieces: Sequence[Piece], size: float) -> list[Grid]:
    """Find grids of at least two rows and two columns that hold a table's amount of text.

    Args:
        rulings: ruled lines in working coordinates.
        pieces: of the page.
        size: of its body text, in pixels.
    """
    lying = [box for box in rulings if box[2] - box[0] > box[3] - box[1]]
    standing = [box for box in rulings if box[2] - box[0] <= box[3] - box[1]]
    grids: list[Grid] = []
    for group in _groups(lying, standing, _MEETING * size):
        grid = _grid([box for box in lying if box in group], [box for box in standing if box in group], size)
        if grid is not None and _is_table(grid, [piece for piece in pieces if grid.holds(piece)], size):
            grids.append(grid)
    return grids


def _groups(lying: Sequence[Box], standing: Sequence[Box], reach: float) -> list[set[Box]]:
    """Ruled lines that hang together."""
    groups: list[set[Box]] = []
    for box in (*lying, *standing):
        across = standing if box in lying else lying
        met = {box, *(other for other in across if _meet(box, other, reach))}
        joined = [group for group in groups if group & met]
        groups = [group for group in groups if not group & met]
        groups.append(met.union(*joined))
    return groups


def _meet(box: Box, other: Box, reach: float) -> bool:
    across = box[0] - reach <= other[2] and other[0] - reach <= box[2]
    return across and box[1] - reach <= other[3] and other[1] - reach <= box[3]


def _grid(lying: Sequence[Box], standing: Sequence[Box], size: float) -> Grid | None:
    if len(lying) < 2 or not standing:
        return None
    left, right = min(box[0] for box in lying), max(box[2] for box in lying)
    xs = _lines([*((box[0] + box[2]) / 2 for box in standing), left, right], _SAME * size)
    ys = _lines([(box[1] + box[3]) / 2 for box in lying], _SAME * size)
    if len(ys) < 3 or not 3 <= len(xs) <= _MOST_COLUMNS + 1:
        return None
    return Grid(xs, ys, list(lying), list(standing))


def _lines(positions: Sequence[float], same: float) -> list[float]:
    """Positions in order, those nearly equal only once."""
    kept: list[float] = []
    for position in sorted(positions):
        if not kept or position - kept[-1] > same:
            kept.append(position)
    return kept


def _is_table(grid: Grid, pieces: Sequence[Piece], size: float) -> bool:
    filled = [gather_rows(cell) for row in grid.fill(pieces) for cell in row if cell]
    cells = len(set(grid.owners().values()))
    if len(filled) < 3 or cells < 4 or len(filled) < _FULLEST * cells:
        return False
    columns = {_slot(grid.xs, (piece.x0 + piece.x1) / 2) for piece in pieces}
    lines = middle_of(map(len, filled), 0)
    return len(columns) > 1 and lines <= _MOST_LINES and not any(_holds_columns(rows, size) for rows in filled)


def _holds_columns(rows: Sequence[Row], size: float) -> bool:
    """Whether what would be a cell is as long as a page's column, or has columns of its own."""
    parted = sum(any(b.x0 - a.x1 > size for a, b in pairwise(row.pieces)) for row in rows)
    return len(rows) > _LONGEST_CELL or parted > _PARTED_ROWS


def _slot(lines: Sequence[float], position: float) -> int:
    return max(0, min(bisect_right(lines, position) - 1, len(lines) - 2))


def _at(start: float, end: float, span: tuple[float, float]) -> bool:
    """Whether a ruled line stands at a grid's line rather than further into the cell that begins there."""
    return abs((start + end) / 2 - span[0]) <= 0.3 * (span[1] - span[0])


def _drawn(parts: Sequence[tuple[float, float]], start: float, end: float) -> bool:
    return sum(max(0.0, min(b, end) - max(a, start)) for a, b in parts) >= _DRAWN * (end - start)
