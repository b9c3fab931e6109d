"""Cuts a region from top to bottom into bands within which the white gaps between columns stay the same.

A band grows downwards piece by piece while its gaps stay open. It ends where a piece lies across the gaps (a headline
over columns, a paragraph as wide as the page), where pieces begin to stand side by side with gaps that it does not
have, or at a wide stretch of empty paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf

from function.page import Box
from function.reading.layout.pieces import Piece

#: All lengths in line heights (the size of the page's body text).
#: A gap is at least this wide; words of one line that a detector took apart may be as far from each other.
NARROWEST_GAP = 0.5
#: Empty paper across the whole region that ends a band, whatever its gaps.
_SECTION_BREAK = 3.0
#: Empty paper that lets a band end where some but not all of its gaps do.
_CLEAR_BREAK = 0.8
#: Pieces stand side by side when they share this part of the lower one's height.
_BESIDE = 0.3

Gap = tuple[float, float]


@dataclass(slots=True, eq=False)
class Band:
    """Pieces from one stretch of a region.

    Attributes:
        pieces: by the middle of their height.
        free: stretches of x that no piece covers, in order; the first and last are endless.
    """

    pieces: list[Piece] = field(default_factory=list)
    free: list[Gap] = field(default_factory=lambda: [(-inf, inf)])

    def gaps(self, narrowest: float) -> list[Gap]:
        """Free stretches between pieces that stand side by side."""
        inner = [gap for gap in self.free if gap[0] != -inf and gap[1] != inf and gap[1] - gap[0] >= narrowest]
        return [gap for gap in inner if self._parts(gap)]

    def add(self, piece: Piece, narrowest: float) -> None:
        """Take a piece in; what it covers is free no longer."""
        self.pieces.append(piece)
        left: list[Gap] = []
        for start, end in self.free:
            if piece.x1 <= start or piece.x0 >= end:
                left.append((start, end))
                continue
            if piece.x0 - start >= narrowest:
                left.append((start, piece.x0))
            if end - piece.x1 >= narrowest:
                left.append((piece.x1, end))
        self.free = left

    def _parts(self, gap: Gap) -> bool:
        """Whether text on both sides of a gap shares some height, so that the gap truly parts it."""
        left = [(piece.y0, piece.y1) for piece in self.pieces if piece.x1 <= gap[0] + 1e-6]
        right = [(piece.y0, piece.y1) for piece in self.pieces if piece.x0 >= gap[1] - 1e-6]
        if not left or not right:
            return False
        shared = min(max(y1 for _, y1 in left), max(y1 for _, y1 in right))
        shared -= max(min(y0 for y0, _ in left), min(y0 for y0, _ in right))
        return shared >= _BESIDE * min(min(y1 - y0 for y0, y1 in left), min(y1 - y0 for y0, y1 in right))


def cut_bands(pieces: Sequence[Piece], size: float, rulings: Sequence[Box] = ()) -> list[Band]:
    """Cut a region into bands, from top to bottom.

    Args:
        pieces: of the region.
        size: of the page's body text, in pixels.
        rulings: horizontal ones that run across the region; each ends a band.
    """
    return _Cutter(pieces, size, rulings).cut()


class _Cutter:
    def __init__(self, pieces: Sequence[Piece], size: float, rulings: Sequence[Box]) -> None:
        self.pieces = sorted(pieces, key=lambda piece: (piece.middle, piece.x0))
        self.size = size
        self.narrowest = NARROWEST_GAP * size
        self.rulings = rulings
        #: Of each piece on: where the text below it begins; up to each piece: where the text above ends.
        self.below = list(accumulate((piece.y0 for piece in reversed(self.pieces)), min))[::-1]
        self.above = [-inf, *accumulate((piece.y1 for piece in self.pieces), max)]

    def cut(self) -> list[Band]:
        bands: list[Band] = []
        start, at = 0, 0
        band = Band()
        while at < len(self.pieces):
            new_start = self._new_start(band, start, at)
            if new_start is None:
                band.add(self.pieces[at], self.narrowest)
                at += 1
                continue
            kept = Band()
            for piece in self.pieces[start:new_start]:
                kept.add(piece, self.narrowest)
            bands.append(kept)
            start = at = new_start
            band = Band()
        return [*bands, band] if band.pieces else bands

    def _new_start(self, band: Band, start: int, at: int) -> int | None:
        """Where the next band begins, if this one cannot take the piece."""
        if at == start:
            return None
        empty = self.below[at] - self.above[at]
        if empty >= _SECTION_BREAK * self.size or self._ruled_off(at):
            return at
        clear = empty >= _CLEAR_BREAK * self.size
        piece = self.pieces[at]
        if self._covers_a_gap(band, piece):
            survivors = [gap for gap in band.gaps(self.narrowest) if piece.x1 <= gap[0] or piece.x0 >= gap[1]]
            if clear or not survivors:
                return at
            return None
        partner = self._strange_partner(band, start, at)
        if partner is not None and partner > start and (not band.gaps(self.narrowest) or self._clear(partner)):
            return partner
        return None

    def _clear(self, at: int) -> bool:
        return self.below[at] - self.above[at] >= _CLEAR_BREAK * self.size

    def _ruled_off(self, at: int) -> bool:
        above, below = self.above[at], self.below[at]
        return any(above - self.size / 2 <= (y0 + y1) / 2 <= below + self.size / 2 for _, y0, _, y1 in self.rulings) and (
            below > above
        )

    def _covers_a_gap(self, band: Band, piece: Piece) -> bool:
        """Whether a piece would close a gap that truly parts text."""
        closed = []
        for start, end in band.free:
            if start == -inf or end == inf or piece.x1 <= start or piece.x0 >= end:
                continue
            if max(piece.x0 - start, end - piece.x1) < self.narrowest:
                closed.append((start, end))
        return bool(closed) and any(band._parts(gap) for gap in closed)

    def _strange_partner(self, band: Band, start: int, at: int) -> int | None:
        """The piece beside this one, where the gap between the two is none of the band's."""
        piece = self.pieces[at]
        nearest: dict[bool, tuple[float, int]] = {}
        for index in range(at - 1, start - 1, -1):
            other = self.pieces[index]
            if other.middle < piece.y0 - 2 * self.size:
                break
            shared = min(piece.y1, other.y1) - max(piece.y0, other.y0)
            if shared < _BESIDE * min(piece.height, other.height):
                continue
            on_left = other.x1 <= piece.x0
            distance = piece.x0 - other.x1 if on_left else other.x0 - piece.x1
            if distance >= 0 and (on_left not in nearest or distance < nearest[on_left][0]):
                nearest[on_left] = (distance, index)
        strange = [index for distance, index in nearest.values() if self._is_strange(band, piece, distance, index)]
        return min(strange) if strange else None

    def _is_strange(self, band: Band, piece: Piece, distance: float, index: int) -> bool:
        if distance < self.narrowest:
            return False
        other = self.pieces[index]
        left, right = (other.x1, piece.x0) if other.x1 <= piece.x0 else (piece.x1, other.x0)
        return not any(min(right, end) - max(left, start) >= self.narrowest for start, end in band.free)
