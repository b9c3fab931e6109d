"""The layout's working values: pieces of text on a levelled page, and the visual lines that they make up.

All coordinates here are working coordinates: the page with its skew taken out, mirrored where it is read from right to
left, and turned where it is written in columns from top to bottom, so that every other module may think "left to right,
top to bottom". The untouched lines travel along in `source`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct

from function.page import Box, ReadLine


class Piece(Struct, frozen=True, eq=False):
    """One line as it was read, on the levelled page.

    Attributes:
        x0, y0, x1, y1: its box in working coordinates.
        size: how tall its characters are: the font's size where known, else the height of the box.
        text: as read.
        source: the line itself.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    text: str
    source: ReadLine

    @property
    def middle(self) -> float:
        """Of its height."""
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        """Of its box, never zero."""
        return max(self.y1 - self.y0, 1.0)


class Row(Struct, frozen=True, eq=False):
    """Pieces that stand side by side, in reading order; in running text, a line."""

    pieces: tuple[Piece, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    size: float

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Row:
        """Put pieces in a row, from left to right."""
        if len(pieces) == 1:
            piece = pieces[0]
            return cls((piece,), piece.x0, piece.y0, piece.x1, piece.y1, piece.size)
        ordered = tuple(sorted(pieces, key=lambda piece: (piece.x0, piece.x1, piece.y0)))
        x0, y0, x1, y1 = bounds(ordered)
        longest = max(ordered, key=lambda piece: len(piece.text))
        return cls(ordered, x0, y0, x1, y1, longest.size)

    @property
    def middle(self) -> float:
        """Of its height."""
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        """Of its box, never zero."""
        return max(self.y1 - self.y0, 1.0)

    @property
    def characters(self) -> int:
        """How many there are in it."""
        return sum(len(piece.text) for piece in self.pieces)


def bounds(boxes: Iterable[Piece | Row]) -> Box:
    """The smallest box around all of them (at least one)."""
    x0, y0, x1, y1 = zip(*((box.x0, box.y0, box.x1, box.y1) for box in boxes), strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def body_size(pieces: Iterable[Piece]) -> float:
    """The size in which most characters are set, in pixels; 1 where there are none."""
    return max(weighted_middle((piece.size, len(piece.text)) for piece in pieces), 1.0)


def weighted_middle(values: Iterable[tuple[float, int]]) -> float:
    """The median of values, each counted so many times; 0 where there is none."""
    weighted = sorted(values)
    half = sum(weight for _, weight in weighted) / 2
    passed = 0
    for value, weight in weighted:
        passed += weight
        if passed >= half:
            return value
    return 0.0


def middle_of(values: Iterable[float], default: float) -> float:
    """The median, or the default where there is no value."""
    found = list(values)
    return median(found) if found else default
