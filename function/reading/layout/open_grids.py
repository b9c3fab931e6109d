"""Finds tables that are ruled across only: above and below the head, below the last row, perhaps between all rows.

Their columns are told from where the text of their rows is parted. What comes out is a grid as if it were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import groupby, pairwise
from typing import TypeAlias

from function.page import Box
from function.reading.layout.bands import Gap
from function.reading.layout.cell_cuts import cut_piece
from function.reading.layout.columns import are_values, is_prose
from function.reading.layout.grids import Grid, find_grids
from function.reading.layout.pieces import Piece, Row, middle_of
from function.reading.layout.stretches import Stretch, find_stretches
from function.reading.layout.tables import cut_cells, group_lines

#: Part of the rows that have two cells or more, and how long a cell's usual line is at most, in characters.
_PARTED, _LONGEST = 0.7, 45
#: A cell of more lines is a column of text.
_MOST_LINES = 6
#: More columns are no table's; each is held against every piece.
_MOST_COLUMNS = 60
#: So many single words, one for each column but one, are as many heads.
_WORDS = 3
#: Part of their height that rows share where a cell of one stands beside cells of the other.
_BESIDE = 0.2
#: A table that may be ruled between all of its rows has at least so many below its head.
_RULED_ROWS = 3

#: Of each row of text, its pieces column by column.
_Cells: TypeAlias = dict[Row, list[list[Piece]]]


def find_all_grids(rulings: Sequence[Box], pieces: Sequence[Piece], size: float) -> list[Grid]:
    """Find the grids that are drawn, and those that are ruled across only.

    Args:
        rulings: ruled lines in working coordinates.
        pieces: of the page.
        size: of its body text, in pixels.
    """
    grids = find_grids(rulings, pieces, size)
    free = [piece for piece in pieces if not any(grid.holds(piece) for grid in grids)]
    for stretches in find_stretches(rulings, free, size):
        grid = _grid(stretches, size)
        if grid is not None and not any(_meet(grid.box, other.box) for other in grids):
            grids.append(grid)
    return grids


def _meet(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _grid(stretches: Sequence[Stretch], size: float) -> Grid | None:
    if not stretches[0].is_sure:
        stretches = stretches[_is_title(stretches, size) :]
    if len(stretches) < 2:
        return None
    rows = [row for stretch in stretches for row in stretch.rows]
    borders = _borders(rows, size)
    if not borders:
        return None
    gaps = [(x, x) for x in borders]
    cuts = [_cut(row, gaps) for row in rows]
    cells = dict(zip(rows, (cut_cells(row, gaps) for row, _ in cuts), strict=True))
    alone = sum(len(stretch.rows) == 1 for stretch in stretches)
    many = len(stretches) > _RULED_ROWS
    parts = [_groups(one, cells, size, many=many, ruled=many and 2 * alone >= len(stretches)) for one in stretches]
    groups = [group for part in parts for group in part]
    each_ruled = len(stretches) if len(groups) == len(stretches) else 0
    if _are_headed(parts, cells) or any(_is_text(one, cells) for one in stretches):
        return None
    if not _is_table(groups, cells, each_ruled):
        return None
    whole = {row for row, (_, is_parted) in zip(rows, cuts, strict=True) if not is_parted}
    return _drawn(borders, _heights(stretches, groups), groups, whole)


def _drawn(borders: Sequence[float], ys: list[float], groups: Sequence[Sequence[Row]], whole: Set[Row]) -> Grid:
    """The grid as if it were drawn: no line stands between columns where a text lies over both, and is `whole`."""
    rows = [row for group in groups for row in group]
    xs = [min(row.x0 for row in rows), *borders, max(row.x1 for row in rows)]
    standing: list[Box] = []
    for x in borders:
        stands = [not any(row in whole and _crosses(row, x) for row in group) for group in groups]
        for stands_there, run in groupby(range(len(groups)), key=stands.__getitem__):
            places = list(run)
            if stands_there:
                standing.append((x, ys[places[0]], x, ys[places[-1] + 1]))
    return Grid(xs, ys, [(xs[0], y, xs[-1], y) for y in ys], standing)


def _is_title(stretches: Sequence[Stretch], size: float) -> bool:
    """Whether what stands above the first line does not fall into the columns below it, as a head read as one does."""
    first, *others = stretches
    gaps = [(x, x) for x in _borders([row for stretch in others for row in stretch.rows], size)]
    heads = [cut_cells(_cut(row, gaps)[0], gaps) for row in first.rows]
    words = sum(len(piece.text.split()) for row in first.rows for piece in row.pieces)
    are_heads = len(heads) == 1 and words <= len(gaps) + 2 and sum(map(bool, heads[0])) >= max(2, len(gaps))
    return not gaps or not are_heads


def _borders(rows: Sequence[Row], size: float) -> list[float]:
    """Where columns part: the fewest places that lie in all gaps of all rows, and in little text."""
    gaps: list[Gap] = []
    for row in rows:
        for a, b in pairwise(row.pieces):
            middle = (a.x1 + b.x0) / 2
            gaps.append((min(a.x1, middle - size / 4), max(b.x0, middle + size / 4)))
    borders: list[Gap] = []
    for start, end in sorted(gaps, key=lambda gap: gap[1]):
        if borders and start <= borders[-1][1]:
            borders[-1] = (max(borders[-1][0], start), borders[-1][1])
        else:
            borders.append((start, end))
    if len(borders) > _MOST_COLUMNS:
        return []
    return [x for x in (_border(rows, gap, size) for gap in borders) if _parts(rows, x)]


def _border(rows: Sequence[Row], gap: Gap, size: float) -> float:
    """Where in a gap most pieces that lie across it can be cut: in its middle, or beside one of the columns."""
    near = min(size / 4, (gap[1] - gap[0]) / 2)
    places = [sum(gap) / 2, gap[1] - near, gap[0] + near]
    return max(places, key=lambda x: sum(_may_be_cut(piece, x) for row in rows for piece in row.pieces))


def _may_be_cut(piece: Piece, x: float) -> bool:
    return _lies_across(piece, x) and len(cut_piece(piece, [x])) > 1


def _parts(rows: Sequence[Row], x: float) -> bool:
    """Whether most rows that reach over a place are parted there; amounts read as one may be more."""
    over = [row for row in rows if row.x0 < x < row.x1]
    across = [row for row in over if _crosses(row, x)]
    if 2 * len(across) <= len(over):
        return True
    parts = [cut_piece(piece, [x]) for row in across for piece in row.pieces if _lies_across(piece, x)]
    amounts = sum(len(part) > 1 and are_values([Row.of(part[1:])]) for part in parts)
    return 2 * (len(across) - amounts) < len(over)


def _crosses(row: Row, x: float) -> bool:
    return any(_lies_across(piece, x) for piece in row.pieces)


def _lies_across(piece: Piece, x: float) -> bool:
    near = piece.size / 2
    return piece.x0 + near < x < piece.x1 - near


def _cut(row: Row, gaps: Sequence[Gap]) -> tuple[Row, bool]:
    """A row with its pieces parted, if that gives each column its text; and whether none lies across columns now."""
    parts: list[Piece] = []
    for piece in row.pieces:
        across = [x for x, _ in gaps if _lies_across(piece, x)]
        parts += cut_piece(piece, across) if across else [piece]
    if len(parts) == len(row.pieces):
        return row, not any(_crosses(row, x) for x, _ in gaps)
    cut = Row.of(parts)
    filled = sum(map(bool, cut_cells(cut, gaps)))
    words = filled >= _WORDS and filled == len(gaps) and not any(" " in part.text for part in parts)
    values = are_values([Row.of([part for part in parts if part not in row.pieces][1:])])
    return (cut, True) if filled > len(gaps) or words or values else (row, False)


def _groups(stretch: Stretch, cells: _Cells, size: float, *, many: bool, ruled: bool) -> list[list[Row]]:
    """The table's rows between two lines.

    One, where no cell has several amounts: if there are `many` lines and a cell has a single one, or if most rows are
    `ruled` off and only a cell or two have further lines.
    """
    rows = stretch.rows
    filled = [cells[row] for row in rows]
    columns = [[Row.of(cell) for cell in column if cell] for column in zip(*filled, strict=True)]
    amounts = any(len(column) > 1 and are_values(column) for column in columns)
    single = any(len(column) == 1 for column in columns)
    few = all(2 * sum(map(bool, line)) < len(line) for line in filled[1:])
    if len(rows) == 1 or (many and single and not amounts) or (ruled and few and not amounts):
        return [rows]
    groups: list[list[Row]] = []
    for group in ([rows[at] for at in group] for group in group_lines(rows, filled, size)):
        if groups and _stand_beside(groups[-1], group[0], cells):
            groups[-1] += group
        else:
            groups.append(group)
    return groups


def _stand_beside(above: Sequence[Row], below: Row, cells: _Cells) -> bool:
    """Whether a row shares height and no column with others: a cell that spans two rows stands halfway between them.

    So does one of a single line beside one of several.
    """
    last = above[-1]
    shared = min(last.y1, below.y1) - max(last.y0, below.y0)
    new = _columns([below], cells)
    goes_on = len(new) == 1 and new == _columns(above[:1], cells) and not new & _columns([last], cells)
    apart = goes_on or not new & _columns(above, cells)
    return apart and shared >= _BESIDE * min(last.height, below.height)


def _columns(rows: Sequence[Row], cells: _Cells) -> set[int]:
    """In which of the columns rows have text."""
    return {at for row in rows for at, cell in enumerate(cells[row]) if cell}


def _are_headed(groups: Sequence[Sequence[Sequence[Row]]], cells: _Cells) -> bool:
    """Whether the lines underline headlines: most of them have a text of its own just above, with rows above that."""
    several = [part for part in groups[:-1] if len(part) > 1]
    return bool(several) and 2 * sum(len(_columns(part[-1], cells)) == 1 for part in several) >= len(several)


def _is_text(stretch: Stretch, cells: _Cells) -> bool:
    """Whether columns of running text stand side by side, and no amounts beside them."""
    columns = list(zip(*(cells[row] for row in stretch.rows), strict=True))
    rows = [[Row.of(cell) for cell in column if cell] for column in columns]
    return sum(map(is_prose, rows)) > 1 and not any(column and are_values(column) for column in rows)


def _is_table(groups: Sequence[Sequence[Row]], cells: _Cells, ruled: int) -> bool:
    columns = len(next(iter(cells.values())))
    filled = [[[cells[row][at] for row in group if cells[row][at]] for at in range(columns)] for group in groups]
    parted = sum(sum(map(bool, row)) > 1 for row in filled)
    lines = [len(cell) for row in filled for cell in row]
    usual = middle_of((len(piece.text) for row in cells for piece in row.pieces), 0)
    if parted < max(2, _PARTED * len(groups)) or max(lines) > _MOST_LINES or usual > _LONGEST:
        return False
    right = [Row.of(cell) for row in filled[1:] for cell in row[1]]
    return columns > 2 or ruled >= _RULED_ROWS or are_values(right)


def _heights(stretches: Sequence[Stretch], groups: Sequence[Sequence[Row]]) -> list[float]:
    """Where the grid's rows end: at the lines, and halfway between other rows."""
    ends = {stretch.rows[-1]: stretch.bottom for stretch in stretches}
    heights = [stretches[0].top]
    for group, below in pairwise([*groups, []]):
        last = group[-1]
        heights.append(ends[last] if last in ends else (max(r.y1 for r in group) + min(r.y0 for r in below)) / 2)
    return heights
