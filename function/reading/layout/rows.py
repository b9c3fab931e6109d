"""Gathers pieces that stand side by side into rows; within a column, a row is a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from function.reading.layout.pieces import Piece, Row

#: Two pieces stand in one row when they share this part of the lower one's height …
_SHARED_HEIGHT = 0.5
#: … and at most this part of the narrower one's width: what overlaps more stands below or above.
_SHARED_WIDTH = 0.4
#: So many rows may be open at once; only pieces heaped upon each other need more.
_MOST_OPEN = 24


class _OpenRow:
    """A row that may still grow; it is as tall as its tallest piece."""

    __slots__ = ("bottom", "pieces", "right", "tallest")

    def __init__(self, piece: Piece) -> None:
        self.pieces = [piece]
        self.tallest = piece
        self.bottom = piece.y1
        self.right = piece.x1

    def take(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.bottom = max(self.bottom, piece.y1)
        self.right = max(self.right, piece.x1)
        if piece.height > self.tallest.height:
            self.tallest = piece

    def fits(self, piece: Piece) -> bool:
        if _shared(piece.y0, piece.y1, self.tallest.y0, self.tallest.y1) < _SHARED_HEIGHT:
            return False
        # The comparisons that come first are for speed: most pieces of a row share no width at all.
        return piece.x0 >= self.right or not any(
            piece.x0 < other.x1
            and other.x0 < piece.x1
            and _shared(piece.x0, piece.x1, other.x0, other.x1) > _SHARED_WIDTH
            for other in self.pieces
        )


def gather_rows(pieces: Sequence[Piece]) -> list[Row]:
    """Gather pieces into rows, from top to bottom; each piece goes into exactly one."""
    rows: list[_OpenRow] = []
    open_rows: list[_OpenRow] = []
    for piece in sorted(pieces, key=lambda piece: (piece.middle, piece.x0)):
        open_rows = [row for row in open_rows if row.bottom > piece.y0][-_MOST_OPEN:]
        best = max(open_rows, key=lambda row: row.pieces[-1].middle, default=None)
        if best is not None and best.fits(piece):
            best.take(piece)
        else:
            rows.append(_OpenRow(piece))
            open_rows.append(rows[-1])
    return sorted((Row.of(row.pieces) for row in rows), key=lambda row: (row.middle, row.x0))


def _shared(start: float, end: float, other_start: float, other_end: float) -> float:
    """How much two spans overlap, as a part of the shorter."""
    shorter = max(min(end - start, other_end - other_start), 1.0)
    return (min(end, other_end) - max(start, other_start)) / shorter
