"""Finds the head of a table without ruled lines, whose words stand closer than its cells and so were no cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from function.reading.layout.bands import Band
from function.reading.layout.cell_cuts import cut_piece
from function.reading.layout.joining import row_text
from function.reading.layout.pieces import Piece, Row
from function.reading.layout.rows import gather_rows
from function.reading.layout.tables import Table, cut_cells

#: In line heights, from the head's middle to the first row's at most.
_NEAR = 2.2


def take_head(table: Table, band: Band, above: Sequence[Piece], size: float) -> tuple[Table, list[Piece]]:
    """Give a table the row just above it, if its words part where the columns do, one cell a column.

    Args:
        table: that a band is.
        band: itself.
        above: what stands above it, in no table.
        size: of the page's body text, in pixels.

    Returns:
        The table, and what is left above it.
    """
    rows = gather_rows(above)
    gaps = band.gaps()
    if not rows or len(gaps) + 1 != len(table.cells[0]) or not _may_be_head(rows[-1], table.rows[0], size):
        return table, list(above)
    head, xs = rows[-1], [sum(gap) / 2 for gap in gaps]
    parts = [part for piece in head.pieces for part in cut_piece(piece, [x for x in xs if piece.x0 < x < piece.x1])]
    cells = [Row.of(cell) for cell in cut_cells(Row.of(parts), gaps) if cell]
    if len(cells) <= len(gaps):
        return table, list(above)
    left = [piece for piece in above if piece not in head.pieces]
    return replace(table, rows=[*cells, *table.rows], cells=[[row_text(cell) for cell in cells], *table.cells]), left


def _may_be_head(row: Row, first: Row, size: float) -> bool:
    """Whether a row stands close above a table's first one and is no line of text, which is one piece.

    On mirrored pages, and those written downwards, pieces cannot be cut.
    """
    left, right = row.pieces[0].source, row.pieces[-1].source
    level = left.box[0] < right.box[0] and not (left.vertical or right.vertical)
    return level and 0 < first.middle - row.middle <= _NEAR * size
