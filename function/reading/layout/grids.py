"""Finds tables whose cells are drawn: ruled lines that cross, and the text between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from function.page import Box
from function.reading.layout.cell_cuts import cut_piece
from function.reading.layout.pieces import Piece, Row, middle_of
from function.reading.layout.rows import gather_rows

#: All lengths in line heights. Ruled lines meet, or are one line, when this close.
_MEETING, _SAME = 0.5, 0.35
#: A head without lines has its middle this close to the line below it.
_HEAD_NEAR = 1.6
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

    def spans(self, piece: Piece) -> bool:
        """Whether a piece stands between its outermost standing lines, but for a little that boxes are too wide."""
        slack = piece.size / 4
        return self.xs[0] - slack <= piece.x0 and piece.x1 <= self.xs[-1] + slack

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

    def cut(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Part pieces that were read as one although a line stands between their cells; not on a mirrored page."""
        first, last = (of(pieces, key=lambda piece: piece.x0) for of in (min, max))
        if first.source.box[0] >= last.source.box[0] or any(piece.source.vertical for piece in pieces):
            return list(pieces)
        parted: list[Piece] = []
        for piece in pieces:
            near, slack = piece.size / 2, piece.height / 4
            within = [box for box in self.standing if piece.x0 + near < box[0] and box[2] < piece.x1 - near]
            across = [box for box in within if box[1] <= piece.middle - slack and box[3] >= piece.middle + slack]
            parted += cut_piece(piece, _lines(((box[0] + box[2]) / 2 for box in across), near))
        return parted

    def parts(self) -> list[Grid]:
        """The tables drawn as one: what stands in rows without columns between them is text, no part of either."""
        beside = self._beside()
        sides = [{at for at in range(1, len(self.xs) - 1) if _drawn(beside[at], *row)} for row in pairwise(self.ys)]
        runs: list[list[int]] = [[0]]  # of rows; each after a row without columns
        for row in range(1, len(sides)):
            if sides[row] and not sides[row - 1]:
                runs.append([])
            runs[-1].append(row)
        tables: list[tuple[int, set[int]]] = []  # where each begins, and its columns
        for run in runs:
            columns = set[int]().union(*(sides[row] for row in run))
            if not tables or (columns - tables[-1][1] and tables[-1][1] - columns):
                tables.append((run[0], columns))
            else:
                tables[-1] = (tables[-1][0], tables[-1][1] | columns)
        if len(tables) == 1:
            return [self]
        ends = [first for first, _ in tables[1:]]
        spans = [(first, _last(sides, first, end)) for (first, _), end in zip(tables, [*ends, len(sides)], strict=True)]
        return [self._rows(first, last, columns) for (first, last), (_, columns) in zip(spans, tables, strict=True)]

    def _rows(self, first: int, last: int, columns: Set[int]) -> Grid:
        """Some of its rows (before `last`) as a grid of their own, with those columns alone that are drawn there."""
        top, bottom = self.ys[first], self.ys[last]
        standing = [box for box in self.standing if min(bottom, box[3]) - max(top, box[1]) > 0]
        lying = [box for box in self.lying if first <= _line(self.ys, (box[1] + box[3]) / 2) <= last]
        xs = [x for at, x in enumerate(self.xs) if at in columns or at in {0, len(self.xs) - 1}]
        return Grid(xs, self.ys[first : last + 1], lying, standing)

    def _beside(self) -> list[list[tuple[float, float]]]:
        """Of each standing line, what is drawn of it."""
        beside: list[list[tuple[float, float]]] = [[] for _ in self.xs]
        for box in self.standing:
            beside[_line(self.xs, (box[0] + box[2]) / 2)].append((box[1], box[3]))
        return beside

    def owners(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Of each cell, the upper left one of those that no line divides from it."""
        beside = self._beside()
        over: list[list[tuple[float, float]]] = [[] for _ in self.ys]
        for box in self.lying:
            over[_line(self.ys, (box[1] + box[3]) / 2)].append((box[0], box[2]))
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
            first, *others = grid.parts()
            grids += [_with_head(first, pieces, size), *others]
    return grids


def _last(sides: Sequence[Set[int]], first: int, end: int) -> int:
    """Where a table's last rows without columns begin, if another follows: they are notes, or its title."""
    if end == len(sides):
        return end
    return next(row + 1 for row in range(end - 1, first - 1, -1) if sides[row] or row == first)


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
    ends = _open_ends(ys, standing, size) if ys else []
    ys = sorted([*ys, *ends])
    if len(ys) < 3 or not 3 <= len(xs) <= _MOST_COLUMNS + 1:
        return None
    return Grid(xs, ys, [*lying, *((left, y, right, y) for y in ends)], list(standing))


def _open_ends(ys: Sequence[float], standing: Sequence[Box], size: float) -> list[float]:
    """Where standing lines end together beyond the first or last lying one: a row without a line of its own."""
    above = [box[1] for box in standing if box[1] < ys[0] - size]
    below = [box[3] for box in standing if box[3] > ys[-1] + size]
    found: list[float] = []
    for ends, end in ((above, min(above, default=0.0)), (below, max(below, default=0.0))):
        level = sum(abs(other - end) <= _SAME * size for other in ends)
        if level > 1 and 2 * level >= len(standing):
            found.append(end)
    return found


def _with_head(grid: Grid, pieces: Sequence[Piece], size: float) -> Grid:
    """The same with the row just above it, where that has a text for each column: a head on a dark ground."""
    top = grid.ys[0]
    near = [piece for piece in pieces if top - _HEAD_NEAR * size <= piece.middle < top and grid.spans(piece)]
    head = gather_rows(near)[-1:]
    if not head or len(head[0].pieces) != len(grid.xs) - 1:
        return grid
    slack = size / 4
    places = [(_slot(grid.xs, piece.x0 + slack), _slot(grid.xs, piece.x1 - slack)) for piece in head[0].pieces]
    if places != [(column, column) for column in range(len(places))]:
        return grid
    start = head[0].y0 - size / 4
    sides = [(x, start, x, top) for x in grid.xs]
    return Grid(
        grid.xs, [start, *grid.ys], [*grid.lying, (grid.xs[0], start, grid.xs[-1], start)], [*grid.standing, *sides]
    )


def _lines(positions: Iterable[float], same: float) -> list[float]:
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


def _line(lines: Sequence[float], position: float) -> int:
    """Which of the grid's lines a ruled line is: see `_lines`."""
    return max(0, bisect_right(lines, position) - 1)


def _drawn(parts: Sequence[tuple[float, float]], start: float, end: float) -> bool:
    return sum(max(0.0, min(b, end) - max(a, start)) for a, b in parts) >= _DRAWN * (end - start)
