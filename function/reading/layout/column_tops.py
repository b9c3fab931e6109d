"""Gives columns their first lines back: what does not stand side by side there was taken for text above the columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from function.reading.layout.bands import Band, narrowest_gap
from function.reading.layout.pieces import Piece
from function.reading.layout.rows import gather_rows

#: In line heights. A column's first lines follow each other at most so far apart, as a heading and its text do, …
_CLOSE = 1.5
#: … and begin where the column does but for so much, or stand centred over it; a date on the right does neither.
_SET_IN, _OFF_CENTRE = 2.0, 1.0


class _Column:
    """A column that may still grow upwards."""

    def __init__(self, pieces: Sequence[Piece], size: float) -> None:
        self.pieces = list(pieces)
        self.size = size
        self.left, self.right = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
        self.first = min(pieces, key=lambda piece: piece.y0)

    def is_below(self, piece: Piece) -> bool:
        """Whether a piece stands on top of it."""
        size = max(self.size, self.first.size, piece.size)
        if self.first.y0 - piece.y1 > _CLOSE * size or piece.x0 < self.left - self.size:
            return False
        if piece.x1 - piece.x0 > self.right - self.left + self.size:
            return False
        off = abs(piece.x0 + piece.x1 - self.left - self.right) / 2
        return piece.x0 - self.left <= _SET_IN * self.size or off <= _OFF_CENTRE * self.size

    def take(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.first = min(self.first, piece, key=lambda piece: piece.y0)


def take_tops(above: list[Band], columns: Sequence[Sequence[Piece]], size: float) -> list[list[Piece]]:
    """Move what stands on top of columns out of the bands above.

    Args:
        above: read row by row, from top to bottom; bands that end up empty are taken out.
        columns: just below, from left to right.
        size: of the page's body text, in pixels.

    Returns:
        The columns with their tops.
    """
    grown = [_Column(column, size) for column in columns]
    limits = [right.left - narrowest_gap(right.pieces, size) for _, right in pairwise(grown)]
    taken: set[Piece] = set()
    for row in reversed(gather_rows([piece for band in above for piece in (*band.pieces, *band.islands)])):
        places = [sum(piece.x1 > limit for limit in limits) for piece in row.pieces]
        pairs = [(grown[place], piece) for place, piece in zip(places, row.pieces, strict=True)]
        if not all(column.is_below(piece) for column, piece in pairs):
            break
        for column, piece in pairs:
            column.take(piece)
            taken.add(piece)
    if taken:
        above[:] = [band for band in (_without(band, taken) for band in above) if band.pieces]
    return [column.pieces for column in grown]


def _without(band: Band, taken: set[Piece]) -> Band:
    left = Band(band.narrowest, islands=[piece for piece in band.islands if piece not in taken])
    for piece in band.pieces:
        if piece not in taken:
            left.add(piece)
    return left
