"""Cuts a region from top to bottom into bands within which the white gaps between columns stay the same.

A band grows downwards piece by piece while its gaps stay open. It ends where a piece lies across the gaps (a headline
over columns, a paragraph as wide as the page), where pieces begin to stand side by side with gaps that it does not
have, at a ruled line across, at a wide stretch of empty paper, or above what stands below its columns (see `tails`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import TypeAlias

from msgspec import Struct

from function.page import Box
from function.reading.layout.notes import stands_below
from function.reading.layout.pieces import Piece
from function.reading.layout.rows import gather_rows
from function.reading.layout.tails import is_tail

#: All lengths in line heights (the size of the page's body text).
#: A gap is at least this wide; words of one line that a detector took apart may be as far from each other. Boxes of
#: what was read are higher than its font, and wider than its text at either end: they leave less between columns.
_NARROWEST, _NARROWEST_READ = 0.5, 0.36
#: A gap truly parts text where that on both sides shares so much height, in widths of the narrowest gap.
_SHARED = 0.6
#: Empty paper across the whole region that ends a band, whatever its gaps.
_SECTION_BREAK = 3.0
#: Empty paper that lets a band end where some but not all of its gaps do.
_CLEAR_BREAK = 0.8
#: Empty paper below a title that stands centred over what follows; that of a picture is narrow, since boxes are high.
_TITLE_BREAK = 0.6
#: Pieces stand side by side when they share this part of the lower one's height.
_BESIDE = 0.3
#: A ruled line ends a band when it runs across this part of the region's width, alone or with others at its height.
_RULED_ACROSS = 0.85
#: Empty paper around ruled lines that only together run across.
_CARD_BREAK = 2.0
#: A gap with this many pieces on either side belongs to columns: what lies across it among them is an island.
_STRONG = 5
#: Columns go on beside a gap within one of them where so many of the next pieces, of those that are looked at, stand in
#: the other, most of them level with none: so far off, in heights.
_GOES_ON, _LOOK_BELOW, _LEVEL = 2, 10, 0.2
#: Looking for what stands beside a piece goes no further than so many pieces up and down.
_MOST_BESIDE = 100
#: A headline that stands in one column but belongs to what follows below both has at most so many pieces.
_HEADLINE_PIECES = 2

Gap: TypeAlias = tuple[float, float]


class _Free(Struct, frozen=True):
    """A stretch of x that no piece covers, and the heights between which text lies on its left and on its right."""

    start: float
    end: float
    left: Gap = (inf, -inf)
    right: Gap = (inf, -inf)

    def beside(self, piece: Piece) -> _Free:
        """The same with one more piece on one side."""
        top, bottom = self.left if piece.x1 <= self.start else self.right
        if top <= piece.y0 and bottom >= piece.y1:
            return self
        grown = (min(top, piece.y0), max(bottom, piece.y1))
        if piece.x1 <= self.start:
            return _Free(self.start, self.end, grown, self.right)
        return _Free(self.start, self.end, self.left, grown)

    def without(self, piece: Piece, narrowest: float) -> list[_Free]:
        """What a piece leaves of it."""
        if piece.x1 <= self.start or piece.x0 >= self.end:
            return [self.beside(piece)]
        cut = [(self.start, piece.x0), (piece.x1, self.end)]
        return [_Free(a, b, self.left, self.right).beside(piece) for a, b in cut if b - a >= narrowest]

    def parts(self, least: float) -> bool:
        """Whether text on both sides shares so much height that the gap truly parts it."""
        return min(self.left[1], self.right[1]) - max(self.left[0], self.right[0]) >= least


@dataclass(slots=True, eq=False)
class Band:
    """Pieces from one stretch of a region.

    Attributes:
        narrowest: gaps narrower than this are none, in pixels.
        pieces: by the middle of their height.
        islands: pieces that lie across a gap while the columns run on to their left and right (a quote, a caption).
        free: stretches of x that no piece covers, in order; the first and last are endless.
    """

    narrowest: float
    pieces: list[Piece] = field(default_factory=list)
    islands: list[Piece] = field(default_factory=list)
    free: list[_Free] = field(default_factory=lambda: [_Free(-inf, inf)])

    def add(self, piece: Piece) -> None:
        """Take a piece in; what it covers is free no longer."""
        self.pieces.append(piece)
        self.free = [left for free in self.free for left in free.without(piece, self.narrowest)]

    def gaps(self) -> list[Gap]:
        """Free stretches between pieces that stand side by side."""
        return [(free.start, free.end) for free in self.free if self.parts(free)]

    def parts(self, free: _Free) -> bool:
        """Whether a free stretch truly parts text."""
        return free.parts(_SHARED * self.narrowest)

    def closed_by(self, piece: Piece) -> list[Gap]:
        """Gaps that a piece would close."""
        across = [free for free in self.free if free.start < piece.x1 and piece.x0 < free.end and self.parts(free)]
        return [(free.start, free.end) for free in across if not free.without(piece, self.narrowest)]

    def sides(self, gap: Gap) -> tuple[int, int]:
        """How many pieces lie on the left and on the right of a gap."""
        return sum(piece.x1 <= gap[0] for piece in self.pieces), sum(piece.x0 >= gap[1] for piece in self.pieces)

    def joined_with(self, below: Band, gaps: int) -> bool:
        """Take the pieces of the next band in, if at least so many gaps stay open."""
        free = self.free
        for piece in below.pieces:
            free = [left for stretch in free for left in stretch.without(piece, self.narrowest)]
            if len(free) < gaps + 2:
                return False
        if sum(map(self.parts, free)) < gaps:
            return False
        self.pieces, self.free = [*self.pieces, *below.pieces], free
        return True


def narrowest_gap(pieces: Sequence[Piece], size: float) -> float:
    """How wide a gap between columns is at least, in pixels.

    Args:
        pieces: of the region.
        size: of the page's body text, in pixels.
    """
    read = any(piece.source.font_size is None for piece in pieces)
    return (_NARROWEST_READ if read else _NARROWEST) * size


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
        self.measures = [(piece.x0, piece.y0, piece.x1, piece.y1, piece.middle) for piece in self.pieces]
        self.size = size
        self.narrowest = narrowest_gap(pieces, size)
        #: From each piece on: where the text below begins; up to each piece: where the text above ends.
        self.below = list(accumulate((piece.y0 for piece in reversed(self.pieces)), min))[::-1]
        self.above = [-inf, *accumulate((piece.y1 for piece in self.pieces), max)]
        self.ruled = _across(self.pieces, rulings, size)
        middle = (min(piece.x0 for piece in pieces) + max(piece.x1 for piece in pieces)) / 2 if pieces else 0.0
        self.centred = [abs((piece.x0 + piece.x1) / 2 - middle) <= size for piece in self.pieces]

    def cut(self) -> list[Band]:
        bands: list[Band] = []
        start, at = 0, 0
        band, islands = Band(self.narrowest), set[int]()
        while at < len(self.pieces):
            fresh = self._fresh_start(band, start, at, islands)
            if fresh is None:
                if at in islands:
                    band.islands.append(self.pieces[at])
                else:
                    band.add(self.pieces[at])
                at += 1
                continue
            bands.append(band if fresh == at else self._again(start, fresh, islands))
            start = at = fresh
            band = Band(self.narrowest)
        return [*bands, band] if start < at else bands

    def _again(self, start: int, end: int, islands: set[int]) -> Band:
        """A band that ends above pieces that it had taken in."""
        band = Band(self.narrowest, islands=[self.pieces[at] for at in range(start, end) if at in islands])
        for at in range(start, end):
            if at not in islands:
                band.add(self.pieces[at])
        return band

    def _fresh_start(self, band: Band, start: int, at: int, islands: set[int]) -> int | None:
        """Where the next band begins, if this one cannot take the piece; marks islands on the way."""
        if not band.pieces:
            return None
        if self._empty_above(at) >= _SECTION_BREAK * self.size or self._ruled_off(at) or self._is_titled(start, at):
            return at
        if (
            self._is_clear(at)
            and (gaps := band.gaps())
            and is_tail(band.pieces, gaps[0], self.pieces[at:], self.narrowest)
        ):
            return at
        piece = self.pieces[at]
        closed = band.closed_by(piece)
        if closed:
            if self._is_island(band, closed, at):
                islands.add(at)
                return None
            survivors = [gap for gap in band.gaps() if gap not in closed]
            ends = not survivors or self._is_clear(at) or self._is_note(band, start, at)
            return self._headline(start, self._row_start(start, at)) if ends else None
        partner = self._strange_partner(band, start, at)
        if partner is None:
            return None
        fresh = self._row_start(start, partner)
        if not band.gaps():
            fresh = self._column_top(fresh, start, at)
        elif not self._is_clear(fresh) or self._columns_run_on(band, partner, at):
            return None
        return fresh if fresh > start else None

    def _empty_above(self, at: int) -> float:
        return self.below[at] - self.above[at]

    def _is_clear(self, at: int) -> bool:
        return self._empty_above(at) >= _CLEAR_BREAK * self.size

    def _is_titled(self, start: int, at: int) -> bool:
        """Whether only lines centred over the whole region, a title's, stand above: columns beside them begin below."""
        clear = self._empty_above(at) >= _TITLE_BREAK * self.size
        return clear and not self.centred[at] and all(self.centred[start:at])

    def _ruled_off(self, at: int) -> bool:
        above, below = self.above[at], self.below[at]
        slack = self.size / 3
        return below > above and any(
            above - slack <= y <= below + slack and below - above >= wanted for y, wanted in self.ruled
        )

    def _is_island(self, band: Band, closed: Sequence[Gap], at: int) -> bool:
        """Whether strong columns run on, close to each other, on both sides of a piece that lies across their gap."""
        if self._is_clear(at) or min(band.sides(closed[0])) < _STRONG:
            return False
        beside = [self.pieces[index] for index in self._beside(at, 0, len(self.pieces))]
        piece = self.pieces[at]
        return any(other.x1 <= piece.x0 for other in beside) and any(other.x0 >= piece.x1 for other in beside)

    def _is_note(self, band: Band, start: int, at: int) -> bool:
        """Whether a piece stands by itself below the rows of a table."""
        alone = not self._beside(at, start, len(self.pieces))
        return alone and stands_below(gather_rows(band.pieces), self.pieces[at])

    def _columns_run_on(self, band: Band, partner: int, at: int) -> bool:
        """Whether the gap beside a piece is one within a column, as between a job and its years, of those that go on.

        Lines of the other column stand wherever they do, not level with it as a table's cells would.
        """
        piece, other = self.pieces[at], self.pieces[partner]
        below = self.pieces[at : at + _LOOK_BELOW]
        for gap in band.gaps():
            middle = sum(gap) / 2
            left, right = [one for one in below if one.x1 <= middle], [one for one in below if one.x0 >= middle]
            near, far = (right, left) if piece.x0 >= middle else (left, right)
            within = piece in near and (other.x0 >= middle if near is right else other.x1 <= middle)
            level = sum(any(abs(one.middle - two.middle) <= _LEVEL * one.height for two in near) for one in far)
            run_on = len(left) + len(right) == len(below) and len(far) >= _GOES_ON and 2 * level < len(far)
            if within and run_on and min(band.sides(gap)) >= _STRONG:
                return True
        return False

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
        x0, y0, x1, y1, middle = self.measures[at]
        reach = y1 - y0 + self.size
        found: list[int] = []
        for step in (-1, 1):
            last = min(end, at + _MOST_BESIDE) if step > 0 else max(start - 1, at - _MOST_BESIDE)
            for index in range(at + step, last, step):
                left, top, right, bottom, height = self.measures[index]
                if abs(height - middle) > reach:
                    break
                if right > x0 and left < x1:
                    continue
                if min(y1, bottom) - max(y0, top) >= _BESIDE * min(y1 - y0, bottom - top):
                    found.append(index)
        return found

    def _strange_partner(self, band: Band, start: int, at: int) -> int | None:
        """The piece beside this one, where the gap between the two is none of the band's."""
        piece = self.pieces[at]
        beside = self._beside(at, start, at)
        if not beside:
            return None
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
        shared = [free for free in band.free if min(right, free.end) - max(left, free.start) >= self.narrowest]
        if len(shared) > 1:  # something above stands in between, by itself: a title over two columns
            return not any(map(band.parts, shared))
        return not shared


def _across(pieces: Sequence[Piece], rulings: Sequence[Box], size: float) -> list[tuple[float, float]]:
    """Heights at which ruled lines run across a region, and how much empty paper each wants to end a band.

    One that runs across in one piece ends it in any case; several side by side may be the edges of cards or only
    underline a headline in each column.
    """
    if not pieces or not rulings:
        return []
    left, right = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    top, bottom = min(piece.y0 for piece in pieces) - size, max(piece.y1 for piece in pieces) + size
    enough = _RULED_ACROSS * (right - left)
    heights: list[tuple[float, float]] = []
    level: list[Box] = []
    for box in sorted((box for box in rulings if top <= box[1] <= bottom), key=lambda box: box[1]):
        level = [*(other for other in level if box[1] - other[1] <= size / 4), box]
        covered = [max(0.0, min(other[2], right) - max(other[0], left)) for other in level]
        if covered[-1] >= enough:
            heights.append((box[1], 0.0))
        elif sum(covered) >= enough:
            heights.append((box[1], _CARD_BREAK * size))
    return heights
