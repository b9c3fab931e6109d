"""Cuts a region from top to bottom into bands within which the white gaps between columns stay the same.

A band grows downwards piece by piece while its gaps stay open. It ends where a piece lies across the gaps (a headline
over columns, a paragraph as wide as the page), where pieces begin to stand side by side with gaps that it does not
have, at a ruled line across, or at a wide stretch of empty paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import TypeAlias

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
#: A ruled line ends a band when it runs across this part of the region's width, alone or with others at its height.
_RULED_ACROSS = 0.85
#: Empty paper around ruled lines that only together run across.
_CARD_BREAK = 2.0
#: A gap with this many pieces on either side belongs to columns: what lies across it among them is an island.
_STRONG = 5
#: A headline that stands in one column but belongs to what follows below both has at most so many pieces.
_HEADLINE_PIECES = 2

Gap: TypeAlias = tuple[float, float]


@dataclass(slots=True, eq=False)
class Band:
    """Pieces from one stretch of a region.

    Attributes:
        pieces: by the middle of their height.
        islands: pieces that lie across a gap while the columns run on to their left and right (a quote, a caption).
        free: stretches of x that no piece covers, in order; the first and last are endless.
    """

    pieces: list[Piece] = field(default_factory=list)
    islands: list[Piece] = field(default_factory=list)
    free: list[Gap] = field(default_factory=lambda: [(-inf, inf)])

    @classmethod
    def of(cls, pieces: Iterable[Piece], narrowest: float) -> Band:
        """A band of these pieces."""
        band = cls()
        for piece in pieces:
            band.add(piece, narrowest)
        return band

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

    def gaps(self) -> list[Gap]:
        """Free stretches between pieces that stand side by side."""
        return [gap for gap in self.free if gap[0] != -inf and gap[1] != inf and self.parts(gap)]

    def sides(self, gap: Gap) -> tuple[list[Piece], list[Piece]]:
        """What lies on the left and on the right of a gap."""
        left = [piece for piece in self.pieces if piece.x1 <= gap[0]]
        return left, [piece for piece in self.pieces if piece.x0 >= gap[1]]

    def parts(self, gap: Gap) -> bool:
        """Whether text on both sides of a gap shares some height, so that the gap truly parts it."""
        left, right = self.sides(gap)
        if not left or not right:
            return False
        top = max(min(piece.y0 for piece in side) for side in (left, right))
        bottom = min(max(piece.y1 for piece in side) for side in (left, right))
        return bottom - top >= _BESIDE * min(piece.height for piece in (*left, *right))


def cut_bands(pieces: Sequence[Piece], size: float, rulings: Sequence[Box] = ()) -> list[Band]:
    """Cut a region into bands, from top to bottom; each piece goes into exactly one.

    Args:
        pieces: of the region.
        size: of the page's body text, in pixels.
        rulings: horizontal ruled lines.
    """
    return _Cutter(pieces, size, rulings).cut()


class _Cutter:
    def __init__(self, pieces: Sequence[Piece], size: float, rulings: Sequence[Box]) -> None:
        self.pieces = sorted(pieces, key=lambda piece: (piece.middle, piece.x0))
        self.size = size
        self.narrowest = NARROWEST_GAP * size
        #: From each piece on: where the text below begins; up to each piece: where the text above ends.
        self.below = list(accumulate((piece.y0 for piece in reversed(self.pieces)), min))[::-1]
        self.above = [-inf, *accumulate((piece.y1 for piece in self.pieces), max)]
        self.ruled = _across(self.pieces, rulings, size)

    def cut(self) -> list[Band]:
        bands: list[Band] = []
        start, at = 0, 0
        band, islands = Band(), set[int]()
        while at < len(self.pieces):
            fresh = self._fresh_start(band, start, at, islands)
            if fresh is None:
                if at in islands:
                    band.islands.append(self.pieces[at])
                else:
                    band.add(self.pieces[at], self.narrowest)
                at += 1
                continue
            bands.append(self._close(start, fresh, islands))
            start = at = fresh
            band = Band()
        return [*bands, self._close(start, at, islands)] if start < at else bands

    def _close(self, start: int, end: int, islands: set[int]) -> Band:
        band = Band.of((self.pieces[at] for at in range(start, end) if at not in islands), self.narrowest)
        band.islands = [self.pieces[at] for at in range(start, end) if at in islands]
        return band

    def _fresh_start(self, band: Band, start: int, at: int, islands: set[int]) -> int | None:
        """Where the next band begins, if this one cannot take the piece; marks islands on the way."""
        if not band.pieces:
            return None
        if self._empty_above(at) >= _SECTION_BREAK * self.size or self._ruled_off(at):
            return at
        piece = self.pieces[at]
        closed = self._gaps_closed(band, piece)
        if closed:
            if self._is_island(band, closed, at):
                islands.add(at)
                return None
            survivors = [gap for gap in band.gaps() if gap not in closed]
            return self._headline(start, self._row_start(start, at)) if self._is_clear(at) or not survivors else None
        partner = self._strange_partner(band, start, at)
        if partner is None:
            return None
        fresh = self._row_start(start, partner)
        if not band.gaps():
            fresh = self._column_top(fresh, start, at)
        elif not self._is_clear(fresh):
            return None
        return fresh if fresh > start else None

    def _empty_above(self, at: int) -> float:
        return self.below[at] - self.above[at]

    def _is_clear(self, at: int) -> bool:
        return self._empty_above(at) >= _CLEAR_BREAK * self.size

    def _ruled_off(self, at: int) -> bool:
        above, below = self.above[at], self.below[at]
        slack = self.size / 3
        return below > above and any(
            above - slack <= y <= below + slack and below - above >= wanted for y, wanted in self.ruled
        )

    def _gaps_closed(self, band: Band, piece: Piece) -> list[Gap]:
        """Gaps that truly part text and that the piece would close."""
        closed = [
            (start, end)
            for start, end in band.free
            if -inf < start < piece.x1 and piece.x0 < end < inf
            if max(piece.x0 - start, end - piece.x1) < self.narrowest
        ]
        return [gap for gap in closed if band.parts(gap)]

    def _is_island(self, band: Band, closed: Sequence[Gap], at: int) -> bool:
        """Whether strong columns run on, close to each other, on both sides of a piece that lies across their gap."""
        if self._is_clear(at) or min(len(side) for side in band.sides(closed[0])) < _STRONG:
            return False
        beside = [self.pieces[index] for index in self._beside(at, 0, len(self.pieces))]
        piece = self.pieces[at]
        return any(other.x1 <= piece.x0 for other in beside) and any(other.x0 >= piece.x1 for other in beside)

    def _row_start(self, start: int, at: int) -> int:
        """The first of the pieces that stand beside this one, so that a row is not torn apart."""
        return min([at, *self._beside(at, start + 1, at)])

    def _headline(self, start: int, fresh: int) -> int:
        """Where the next band begins when a short line just above it, clear of all columns, is its headline."""
        for at in range(fresh - 1, max(start, fresh - 1 - _HEADLINE_PIECES), -1):
            if self._beside(at, start, fresh):
                break
            if self._is_clear(at) and self._empty_above(at) > self._empty_above(fresh):
                return at
        return fresh

    def _column_top(self, fresh: int, start: int, at: int) -> int:
        """Where columns begin that stand side by side only from `fresh` on: one may begin higher than the other.

        Goes up from there while lines follow closely and lie wholly right of the new gap; those on its left come first
        in any case.
        """
        piece, other = self.pieces[at], self.pieces[fresh]
        if other.x0 > piece.x0:
            piece, other = other, piece
        top = fresh
        while top - 1 > start:
            above = self.pieces[top - 1]
            if above.x0 < other.x1 or self.pieces[top].y0 - above.y1 > self.size or above.x0 > piece.x1:
                break
            top -= 1
        return top

    def _beside(self, at: int, start: int, end: int) -> list[int]:
        """Pieces from `start` to before `end` that share some height, but no width, with this one."""
        piece = self.pieces[at]
        found: list[int] = []
        for step in (-1, 1):
            index = at + step
            while start <= index < end and abs(self.pieces[index].middle - piece.middle) <= piece.height + self.size:
                other = self.pieces[index]
                shared = min(piece.y1, other.y1) - max(piece.y0, other.y0)
                if shared >= _BESIDE * min(piece.height, other.height) and (
                    other.x1 <= piece.x0 or other.x0 >= piece.x1
                ):
                    found.append(index)
                index += step
        return found

    def _strange_partner(self, band: Band, start: int, at: int) -> int | None:
        """The piece beside this one, where the gap between the two is none of the band's."""
        piece = self.pieces[at]
        beside = self._beside(at, start, at)
        nearest = {
            max((index for index in beside if self.pieces[index].x1 <= piece.x0), default=None, key=self._right_edge),
            min((index for index in beside if self.pieces[index].x0 >= piece.x1), default=None, key=self._left_edge),
        }
        strange = [index for index in nearest if index is not None and self._is_strange(band, piece, index)]
        return min(strange) if strange else None

    def _right_edge(self, index: int) -> float:
        return self.pieces[index].x1

    def _left_edge(self, index: int) -> float:
        return self.pieces[index].x0

    def _is_strange(self, band: Band, piece: Piece, index: int) -> bool:
        other = self.pieces[index]
        left, right = (other.x1, piece.x0) if other.x1 <= piece.x0 else (piece.x1, other.x0)
        if right - left < self.narrowest:
            return False
        shared = [gap for gap in band.free if min(right, gap[1]) - max(left, gap[0]) >= self.narrowest]
        if len(shared) > 1:  # something above stands in between, by itself: a title over two columns
            return not any(band.parts(gap) for gap in shared)
        return not shared


def _across(pieces: Sequence[Piece], rulings: Sequence[Box], size: float) -> list[tuple[float, float]]:
    """Heights at which ruled lines run across a region, and how much empty paper each wants to end a band.

    One that runs across in one piece ends it in any case; several side by side may be the edges of cards or only
    underline a headline in each column.
    """
    if not pieces or not rulings:
        return []
    left, right = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    enough = _RULED_ACROSS * (right - left)
    heights: list[tuple[float, float]] = []
    for box in rulings:
        level = [other for other in rulings if abs(other[1] - box[1]) <= size / 4]
        covered = [max(0.0, min(other[2], right) - max(other[0], left)) for other in level]
        if max(covered) >= enough:
            heights.append((box[1], 0.0))
        elif sum(covered) >= enough:
            heights.append((box[1], _CARD_BREAK * size))
    return heights
