"""The layout's own story: lines become blocks in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from function.page import Box, ReadLine
from function.reading.layout.columns import read_order
from function.reading.layout.pieces import Row, body_size
from function.reading.layout.rows import gather_rows
from function.reading.layout.skew import find_skew, level
from function.results.model import Block, Line


def arrange(lines: Sequence[ReadLine], *, width: int, height: int, rulings: Sequence[Box] = ()) -> list[Block]:
    """Arrange a page's lines into blocks in reading order; pure and deterministic, nothing is dropped.

    Args:
        lines: in any order, in page pixels.
        width: of the page, in pixels.
        height: of the page, in pixels.
        rulings: ruled lines, as `find_rulings` gives them.

    Returns:
        Blocks in reading order.
    """
    skew = find_skew(lines)
    pieces = [level(line, skew, (width / 2, height / 2)) for line in lines]
    size = body_size(pieces)
    blocks = []
    for region in read_order(pieces, size, [box for box in rulings if box[2] - box[0] > box[3] - box[1]]):
        rows = gather_rows(region.pieces)
        out = [_line(row) for row in rows]
        blocks.append(Block("paragraph", out[0].bbox, "\n".join(line.text for line in out), 1.0, out))
    return blocks


def _line(row: Row) -> Line:
    boxes = [piece.source.box for piece in row.pieces]
    box = [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]
    return Line(box, " ".join(piece.text for piece in row.pieces), min(piece.source.confidence for piece in row.pieces))
