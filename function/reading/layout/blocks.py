"""Makes the result's blocks from rows: original boxes, joined text, confidence by characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from function.page import ReadLine
from function.reading.layout.joining import row_text
from function.reading.layout.pieces import Row
from function.results.model import Block, BlockType, Line


def make_block(
    kind: BlockType, rows: Sequence[Row], text: str, *, level: int | None = None, cells: list[list[str]] | None = None
) -> Block:
    """Make a block.

    Args:
        kind: of the block.
        rows: its lines, in reading order.
        text: its running text.
        level: of a heading.
        cells: of a table.
    """
    sources = [piece.source for row in rows for piece in row.pieces]
    return Block(kind, _bbox(sources), text, _confidence(sources), list(map(_line, rows)), level, cells)


def _line(row: Row) -> Line:
    sources = [piece.source for piece in row.pieces]
    return Line(_bbox(sources), row_text(row), _confidence(sources))


def _bbox(sources: Sequence[ReadLine]) -> list[float]:
    boxes = [source.box for source in sources]
    start = [round(min(box[side] for box in boxes), 1) for side in (0, 1)]
    return start + [round(max(box[side] for box in boxes), 1) for side in (2, 3)]


def _confidence(sources: Iterable[ReadLine]) -> float:
    """The mean, every character counted once."""
    weighted = [(source.confidence, len(source.text)) for source in sources]
    total = sum(weight for _, weight in weighted)
    mean = sum(confidence * weight for confidence, weight in weighted) / max(total, 1)
    return round(min(max(mean, 0.0), 1.0), 4)
