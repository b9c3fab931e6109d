"""Rows of dots on a page, as they lead from a title to its page's number, or wait to be written on.

Small equal marks, evenly spaced on one line, with nothing between them. Ellipses are shorter.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from function.engines.rapid.small_marks import Letters, Marks, dark_on_light, find_marks
from function.page import Pixels

#: Dots are so many at least: fewer are an ellipsis. Parts of a row that noise has torn apart are shorter.
FEWEST, _FEWEST_TOGETHER = 6, 3
#: How far apart dots are at most, of the page's longer side (9 points on A4), and at least, in pixels: what is closer
#: is the ragged edge of a scan.
_PITCH, _CLOSEST = 1 / 90, 2.5
#: Distances within a row differ by so much of themselves, or so many pixels; a dot is off its line by so many, and of
#: so many times another's size, but for a pixel.
_UNEVEN, _UNEVEN_PIXELS, _OFF, _UNEQUAL = 0.2, 1.3, 1.5, 2.0
#: Parts of a row are apart by so many of its distances at most, or so many of the longest that there are.
_TORN, _TORN_LONGEST = 12, 3
#: Over so many dots a row's slope shows; pages are not known to slope more than by a pixel in so many.
_SLOPING, _SLOPE = 12, 50
#: In sizes of a dot, above its middle: where there is nothing between one and the next.
_ABOVE, _HIGHEST = 1.0, 3.5
#: Rows of pixels that are searched together for the next dot.
_BAND = 4
#: So near the upper and lower edge, of the page's longer side, there are only a scan's shadows.
_EDGE = 1 / 150
#: A page with more marks than this is a picture.
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class DotRow:
    """Evenly spaced dots on one line, level but for the page's skew.

    Attributes:
        x0, y0: middle of its first dot.
        x1, y1: middle of its last dot.
        pitch: from one dot to the next, in pixels.
        size: of one, in pixels.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    pitch: float
    size: float

    @property
    def dots(self) -> int:
        """How many they are."""
        return round((self.x1 - self.x0) / self.pitch) + 1

    def height_at(self, x: float) -> float:
        """Its y at any x, along its slope; a short one's tells nothing."""
        slope = (self.y1 - self.y0) / (self.x1 - self.x0) if self.dots > _SLOPING else 0.0
        return self.y1 + slope * (x - self.x1)


def find_dot_rows(pixels: Pixels) -> list[DotRow]:
    """The rows of dots on an upright page, from left to right."""
    grey = dark_on_light(pixels)
    letters = Letters(grey)
    marks = find_marks(grey, letters)
    if not FEWEST <= len(marks.x) <= _MOST:
        return []
    furthest = _PITCH * max(grey.shape)
    edge = _EDGE * max(grey.shape)
    rows = _joined(_parts(marks, letters, furthest), letters, furthest)
    return [row for row in rows if row.dots >= FEWEST and edge <= row.y0 <= grey.shape[0] - edge]


def _parts(marks: Marks, letters: Letters, furthest: float) -> list[DotRow]:
    """Dots of which each is followed by the next at the same distance."""
    search = _Search(marks, letters, furthest)
    found = []
    for start in range(len(marks.x)):
        chain = search.chain(start)
        if len(chain) >= _FEWEST_TOGETHER:
            first, last, size = chain[0], chain[-1], float(np.median(marks.size[chain]))
            (x0, x1), (y0, y1) = marks.x[[first, last]].tolist(), marks.y[[first, last]].tolist()
            found.append(DotRow(x0, y0, x1, y1, (x1 - x0) / (len(chain) - 1), size))
    return found


class _Search:
    """Follows dots to the right; each belongs to one row."""

    def __init__(self, marks: Marks, letters: Letters, furthest: float) -> None:
        self._x, self._y, self._size = (values.tolist() for values in (marks.x, marks.y, marks.size))
        self._letters = letters
        self._furthest = furthest
        self._taken: set[int] = set()
        self._bands: dict[int, list[int]] = defaultdict(list)
        for mark, y in enumerate(self._y):
            self._bands[int(y) // _BAND].append(mark)
        self._places = {band: [self._x[mark] for mark in members] for band, members in self._bands.items()}

    def chain(self, start: int) -> list[int]:
        """The row that begins with a mark, taken; only that mark, where none follows."""
        chain = [start]
        while start not in self._taken and (after := self._next(chain)) is not None:
            chain.append(after)
        if len(chain) >= _FEWEST_TOGETHER:
            self._taken.update(chain)
        return chain

    def _next(self, chain: list[int]) -> int | None:
        last, size = chain[-1], self._size[chain[-1]]
        nearest, furthest = max(_CLOSEST, size), self._furthest
        if len(chain) > 1:
            pitch = (self._x[last] - self._x[chain[0]]) / (len(chain) - 1)
            give = max(_UNEVEN_PIXELS, _UNEVEN * pitch)
            nearest, furthest = pitch - give, pitch + give
        after = min(self._within(last, nearest, furthest), key=lambda mark: self._x[mark], default=None)
        if after is None or not 1 / _UNEQUAL <= (self._size[after] + 1) / (size + 1) <= _UNEQUAL:
            return None
        return after if self._is_free(last, after) else None

    def _within(self, last: int, nearest: float, furthest: float) -> list[int]:
        """Of each band, the first mark that is so far to the right and not off the line."""
        x, y = self._x[last], self._y[last]
        found = []
        for band in {int(y - _OFF) // _BAND, int(y + _OFF) // _BAND}:
            members, places = self._bands.get(band, []), self._places.get(band, [])
            for at in range(bisect_left(places, x + max(nearest, _CLOSEST)), len(places)):
                if places[at] > x + furthest:
                    break
                if abs(self._y[members[at]] - y) <= _OFF and members[at] not in self._taken:
                    found.append(members[at])
                    break
        return found

    def _is_free(self, one: int, other: int) -> bool:
        size, y = max(self._size[one], self._size[other]), min(self._y[one], self._y[other])
        left, right = self._x[one] + self._size[one] / 2 + 1, self._x[other] - self._size[other] / 2
        return not self._letters.within(left, y - _HIGHEST * size, right, y - _ABOVE * size)


def _joined(parts: list[DotRow], letters: Letters, furthest: float) -> list[DotRow]:
    """Rows put together of the parts that noise has left of them; where it took every other dot, they look wider."""
    joined: list[DotRow] = []
    for part in sorted(parts, key=lambda part: part.x0):
        near = [at for at, row in enumerate(joined) if _goes_on(row, part, letters, furthest)]
        if not near:
            joined.append(part)
            continue
        at = max(near, key=lambda at: joined[at].x1)
        row = joined[at]
        end = max(row, part, key=lambda part: part.x1)
        joined[at] = DotRow(row.x0, row.y0, end.x1, end.y1, min(row.pitch, part.pitch), max(row.size, part.size))
    return joined


def _goes_on(row: DotRow, part: DotRow, letters: Letters, furthest: float) -> bool:
    gap = max(0.0, part.x0 - row.x1)
    if gap > max(_TORN * part.pitch, _TORN_LONGEST * furthest):
        return False
    if abs(row.height_at(part.x0) - part.y0) > _OFF + gap / _SLOPE:
        return False
    size, y = max(row.size, part.size), min(row.y1, part.y0)
    return not letters.within(row.x1 + size, y - _HIGHEST * size, part.x0 - size, y - _ABOVE * size)
