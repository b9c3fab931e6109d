"""Makes tables: of drawn grids, and of rows whose cells line up in columns without being drawn.

Two columns of prose are no table; neither is a list, an index or a form of labels and values. When in doubt, rows stay
lines of text, which reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from function.reading.layout.bands import Band, Gap
from function.reading.layout.columns import are_values
from function.reading.layout.grids import Grid
from function.reading.layout.joining import join_lines, row_text
from function.reading.layout.letter_widths import letter_size
from function.reading.layout.notes import note_start
from function.reading.layout.paragraphs import first_word_width
from function.reading.layout.pieces import Piece, Row, middle_of
from function.reading.layout.rows import gather_rows

#: Rows with two cells or more that a table without drawn cells has, by its number of columns.
_ROWS_OF_TWO, _ROWS_OF_MORE = 3, 2
#: Part of its cells that are filled, and how long the usual cell is at most, in characters.
_FULLEST, _LONGEST = 0.4, 45
#: Fewer characters than this in the usual cell are scattered signs, as in formulas.
_SHORTEST = 2
#: Rows further from each other than this, in line heights, are not of one table.
_FAR = 2.0
#: Space between rows, in line heights and times the usual one, that parts a table from what is above or below.
_WIDE_SPACE, _WIDE_FACTOR = 1.2, 2.0
#: A headline is so many times larger than a table's text: by the font's size, by the height of the line read, and by
#: that where it stands above all rows.
_LARGER, _LARGER_READ, _LARGER_FIRST = 1.15, 1.3, 1.2
#: … or its letters are so many times wider; a head's, which are bold, are so by less.
_WIDER_FIRST = 1.25
#: Where a band ends is told from so many pieces, of which a row can hardly have more.
_LAST_PIECES = 60
#: A line of a cell with several is this close to the one above, in line heights …
_CLOSE = 1.45
#: … while rows are so many times further apart.
_WIDER = 1.15

#: Columns of amounts set close are this far apart at least, in line heights …
_NARROW = 0.25
#: … where no more than one row in so many lies across, as heads over several columns do, and so many have both.
_ROWS_A_HEAD, _ROWS_OF_AMOUNTS = 10, 4

#: A table of contents has so many pages that are told.
_PAGES = 3
_DOTS = ".…· "
#: A page, or nothing, where it was not read, and what is left of dots before it, and after a title.
_PAGE = re.compile(rf"[{_DOTS}]*(\d{{0,4}})$")
_DOTS_AFTER = re.compile(r"(?<=\S)(?: ?[.…·])+$")
_LEADER = re.compile(r"\.{4,}|…{2,}|·{4,}|_{4,}")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table.

    Attributes:
        rows: its lines, in reading order.
        cells: row by row, equally long; empty cells are empty texts.
    """

    rows: list[Row]
    cells: list[list[str]]

    @property
    def text(self) -> str:
        """Its rows one a line, cells separated by tabs."""
        return "\n".join("\t".join(row) for row in self.cells)


def table_of_grid(grid: Grid, pieces: Sequence[Piece], words: Set[str]) -> Table:
    """Make the table of a drawn grid; rows and columns without any text are left out."""
    filled = [[gather_rows(cell) for cell in row] for row in grid.fill(grid.cut(pieces))]
    return Table([row for cells in filled for rows in cells for row in rows], _written(filled, words))


def table_of_band(band: Band, size: float, words: Set[str]) -> Table | None:
    """Make the table that a band is, if it is one.

    Args:
        band: whose gaps part cells.
        size: of the page's body text, in pixels.
        words: the page's words, to mend hyphens by.
    """
    gaps = band.gaps()
    if not gaps:
        return None
    rows = gather_rows([*band.pieces, *band.islands])
    gaps = _with_narrow(gaps, rows, size)
    cells = [cut_cells(row, gaps) for row in rows]
    if not _is_table(rows, cells):
        return None
    groups = group_lines(rows, cells, size)
    columns = range(len(gaps) + 1)
    filled = [
        [[Row.of(cells[at][column]) for at in group if cells[at][column]] for column in columns] for group in groups
    ]
    return Table([row for line in filled for cell in line for row in cell], _without_leaders(_written(filled, words)))


def _with_narrow(gaps: Sequence[Gap], rows: Sequence[Row], size: float) -> list[Gap]:
    """Add the narrow gaps that part amounts from amounts; between words they may be mere spaces."""
    narrow = [gap for gap in _narrow_gaps(rows, size) if not any(gap[0] < b and a < gap[1] for a, b in gaps)]
    if not narrow:
        return list(gaps)
    found = sorted([*gaps, *narrow])
    cells = [cut_cells(row, found) for row in rows]
    columns = [[Row.of(row[at]) for row in cells if row[at]] for at in range(len(found) + 1)]
    both = [sum(bool(row[at] and row[at + 1]) for row in cells) for at in range(len(found))]
    return [
        gap
        for at, gap in enumerate(found)
        if gap not in narrow or (both[at] >= _ROWS_OF_AMOUNTS and are_values([*columns[at], *columns[at + 1]]))
    ]


def _narrow_gaps(rows: Sequence[Row], size: float) -> list[Gap]:
    """Where text leaves a narrow stretch of x free in all rows but the few that lie across."""
    pieces = [piece for row in rows for piece in row.pieces]
    edges = sorted([*((piece.x0, 1) for piece in pieces), *((piece.x1, -1) for piece in pieces)])
    across, free = 0, False
    gaps: list[Gap] = []
    for (x, change), (following, _) in pairwise(edges):
        across += change
        if across * _ROWS_A_HEAD > len(rows):
            free = False
        elif free:
            gaps[-1] = (gaps[-1][0], following)
        else:
            free = True
            gaps.append((x, following))
    left, right = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    return [gap for gap in gaps if gap[1] - gap[0] >= _NARROW * size and left < gap[0] and gap[1] < right]


def cut_cells(row: Row, gaps: Sequence[Gap]) -> list[list[Piece]]:
    """Part a row's pieces by where they begin; what lies across a gap belongs to the first column that it covers."""
    cells: list[list[Piece]] = [[] for _ in range(len(gaps) + 1)]
    for piece in row.pieces:
        start = piece.x0 + min(piece.size, piece.x1 - piece.x0) / 2
        cells[sum(start >= (gap[0] + gap[1]) / 2 for gap in gaps)].append(piece)
    return cells


def join_bands(bands: Sequence[Band], size: float) -> list[Band]:
    """Put bands together whose cells stand in the same columns; ruled lines or a wide cell had parted them."""
    joined: list[Band] = []
    for band in bands:
        if not joined or not _join(joined[-1], band, size):
            joined.append(band)
    return [part for band in joined for part in _cut_wide_steps(band, size)]


def _cut_wide_steps(band: Band, size: float) -> list[Band]:
    """Part what stands far above or below a table's rows, as a headline of two pieces may, or is larger, from them."""
    if not band.gaps() or band.islands:
        return [band]
    rows = gather_rows(band.pieces)
    spaces = [below.y0 - above.y1 for above, below in pairwise(rows)]
    wide = max(_WIDE_SPACE * size, _WIDE_FACTOR * middle_of(spaces, 0))
    usual = middle_of((row.size for row in rows), size)
    headlines = [_is_headline(row, usual, is_first=row is rows[0]) for row in rows]
    headlines[0] = headlines[0] or _is_wider(rows)
    note = note_start(rows)
    parts = [Band(band.narrowest)]
    for at, row in enumerate(rows):
        if at and (spaces[at - 1] > wide or at == note or headlines[at] or headlines[at - 1]):
            parts.append(Band(band.narrowest))
        for piece in row.pieces:
            parts[-1].add(piece)
    return parts


def _is_headline(row: Row, usual: float, *, is_first: bool) -> bool:
    """Whether a text of its own is larger than a table's; boxes of what was read from a picture are no good measure."""
    known = row.pieces[0].source.font_size is not None
    least = _LARGER if known else _LARGER_FIRST if is_first else _LARGER_READ
    return len(row.pieces) == 1 and row.size >= least * usual


def _is_wider(rows: Sequence[Row]) -> bool:
    """Whether the letters of a text that stands alone above all rows are larger: boxes are about as high as theirs."""
    letters = letter_size(rows[0]) if len(rows[0].pieces) == 1 else None
    usual = middle_of((size for row in rows[1:] for piece in row.pieces if (size := letter_size([piece]))), 0.0)
    known = any(piece.source.font_size is not None for row in rows for piece in row.pieces)
    return not known and letters is not None and usual > 0 and letters >= _WIDER_FIRST * usual


def _join(above: Band, below: Band, size: float) -> bool:
    gaps = max(len(above.gaps()), len(below.gaps()))
    if not gaps or above.islands or below.islands:
        return False
    ends = max(piece.y1 for piece in above.pieces[-_LAST_PIECES:])
    if min(piece.y0 for piece in below.pieces) - ends >= _FAR * size:
        return False
    return above.joined_with(below, gaps)


def _is_table(rows: Sequence[Row], cells: Sequence[Sequence[Sequence[Piece]]]) -> bool:
    columns = len(cells[0])
    filled = [sum(bool(cell) for cell in row) for row in cells]
    several = sum(count > 1 for count in filled)
    if several < (_ROWS_OF_TWO if columns == 2 else _ROWS_OF_MORE) or sum(filled) < _FULLEST * columns * len(rows):
        return False
    texts = [" ".join(piece.text for piece in cell) for row in cells for cell in row if cell]
    usual = middle_of(map(len, texts), 0)
    if not _SHORTEST <= usual <= _LONGEST or any(map(_LEADER.search, texts)):
        return False
    if columns > 2:
        return True
    left, right = ([Row.of(row[column]) for row in cells if row[column]] for column in (0, 1))
    return 2 * several > len(rows) and are_values(right) and not are_values(left)


def group_lines(rows: Sequence[Row], cells: Sequence[Sequence[Sequence[Piece]]], size: float) -> list[list[int]]:
    """Which rows of text are one row of the table.

    A cell's further lines stand closer than rows do, or below a line that had no room for their first word.
    """
    steps = [below.middle - above.middle for above, below in pairwise(rows)]
    full = [steps[at - 1] for at in range(1, len(rows)) if cells[at][0]]
    usual = middle_of(full, 0)
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    groups = [[0]]
    for at in range(1, len(rows)):
        filled = sum(map(bool, cells[at]))
        few = 2 * filled <= len(cells[at])
        near = steps[at - 1] <= _CLOSE * size
        closer = steps[at - 1] * _WIDER <= usual
        goes_on = (few or (closer and filled < len(cells[at]))) and _goes_on(cells[at - 1], cells[at], widths)
        if near and (goes_on or (few and closer and not cells[at][0])):
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _width(cell: Sequence[Piece]) -> float:
    return max((piece.x1 for piece in cell), default=0.0) - min((piece.x0 for piece in cell), default=0.0)


def _goes_on(above: Sequence[Sequence[Piece]], below: Sequence[Sequence[Piece]], widths: Sequence[float]) -> bool:
    """Whether every text of a line stands below one that it did not fit into, and neither is an amount."""
    for over, cell, width in zip(above, below, widths, strict=True):
        if cell and not (over and _had_no_room(Row.of(over), Row.of(cell), width)):
            return False
    return True


def _had_no_room(over: Row, row: Row, width: float) -> bool:
    text = row_text(row)
    if any(are_values([line]) and not row_text(line).isalpha() for line in (over, row)):
        return False
    return over.x1 - over.x0 + first_word_width(row, text) > width


def _written(filled: Sequence[Sequence[Sequence[Row]]], words: Set[str]) -> list[list[str]]:
    texts = [[join_lines([row_text(row) for row in cell], words) for cell in row] for row in filled]
    kept = [row for row in texts if any(row)]
    used = [column for column in range(len(texts[0])) if any(row[column] for row in kept)]
    return [[row[column] for column in used] for row in kept]


def _without_leaders(cells: list[list[str]]) -> list[list[str]]:
    """Of a table of contents, told by its pages, take what an engine read of the dots that lead to them."""
    pages = [found[1] for row in cells if (found := _PAGE.match(row[-1]))]
    numbers = [int(page) for page in pages if page]
    left = sum(bool(_DOTS_AFTER.search(row[0]) or (row[-1] and row[-1][0] in _DOTS)) for row in cells)
    if len(cells[0]) != 2 or len(pages) < len(cells) or len(numbers) < _PAGES or numbers != sorted(numbers) or left < 2:
        return cells
    return [[_DOTS_AFTER.sub("", title), page.lstrip(_DOTS)] for title, page in cells]
