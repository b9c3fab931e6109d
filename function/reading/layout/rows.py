"""Gathers pieces that stand side by side into rows; within a column, a row is a line of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from function.reading.layout.pieces import Piece, Row

#: Two pieces stand in one row when they share this part of the lower one's height …
_SHARED_HEIGHT = 0.5
#: … and at most this part of the narrower one's width: what overlaps more stands below or above.
_SHARED_WIDTH = 0.3


def gather_rows(pieces: Sequence[Piece]) -> list[Row]:
    """Gather pieces into rows, from top to bottom; each piece goes into exactly one."""
    gathered: list[list[Piece]] = []
    open_rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.middle, piece.x0)):
        open_rows = [row for row in open_rows if max(other.y1 for other in row) > piece.y0]
        best = max(open_rows, key=lambda row: _nearness(piece, row), default=None)
        if best is not None and _fits(piece, best):
            best.append(piece)
        else:
            gathered.append([piece])
            open_rows.append(gathered[-1])
    return sorted((Row.of(row) for row in gathered), key=lambda row: (row.middle, row.x0))


def _nearness(piece: Piece, row: Iterable[Piece]) -> float:
    return max(-abs(piece.middle - other.middle) for other in row)


def _fits(piece: Piece, row: Sequence[Piece]) -> bool:
    if any(_shared(piece.x0, piece.x1, other.x0, other.x1) > _SHARED_WIDTH for other in row):
        return False
    tallest = max(row, key=lambda other: other.height)
    return _shared(piece.y0, piece.y1, tallest.y0, tallest.y1) >= _SHARED_HEIGHT


def _shared(start: float, end: float, other_start: float, other_end: float) -> float:
    """How much two spans overlap, as a part of the shorter."""
    shorter = max(min(end - start, other_end - other_start), 1.0)
    return (min(end, other_end) - max(start, other_start)) / shorter
