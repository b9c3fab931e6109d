"""Makes the result's blocks from rows: original boxes, joined text, confidence by characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from function.page import ReadLine
from function.reading.layout.joining import row_text
from function.reading.layout.pieces import Piece, Row
from function.results.model import Block, BlockType, Line

#: A gap of so many heights of letters parts a row into lines of their own.
_GAP = 1.5
#: Degrees below which a line's slope is the detector's noise.
_SKEWED = 0.2


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
    return Block(
        kind, _bbox(sources), text, _confidence(sources), [line for row in rows for line in _lines(row)], level, cells
    )


def _lines(row: Row) -> Iterator[Line]:
    """One, or several where gaps part it: a cell's words are not to be looked for where the gap is."""
    parts: list[list[Piece]] = []
    for piece in row.pieces:
        if parts and piece.x0 - parts[-1][-1].x1 < _GAP * max(piece.size, parts[-1][-1].size):
            parts[-1].append(piece)
        else:
            parts.append([piece])
    for part in parts:
        sources = [piece.source for piece in part]
        angle = median(source.angle for source in sources)
        yield Line(
            _bbox(sources),
            row_text(row if len(parts) == 1 else Row.of(part)),
            _confidence(sources),
            angle=round(angle, 1) if abs(angle) >= _SKEWED else 0.0,
            vertical=all(source.vertical for source in sources),
        )


def _bbox(sources: Sequence[ReadLine]) -> list[float]:
    x0, y0, x1, y1 = zip(*(source.box for source in sources), strict=True)
    return [round(edge, 1) for edge in (min(x0), min(y0), max(x1), max(y1))]


def _confidence(sources: Iterable[ReadLine]) -> float:
    """The mean, every character counted once."""
    weighted = [(source.confidence, len(source.text)) for source in sources]
    total = sum(weight for _, weight in weighted)
    mean = sum(confidence * weight for confidence, weight in weighted) / max(total, 1)
    return round(min(max(mean, 0.0), 1.0), 4)
