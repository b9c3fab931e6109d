"""Chooses how a page is looked at, so that everything after may read from left to right and from top to bottom.

Pages in Arabic or Hebrew are mirrored; pages written in columns from top to bottom are turned, so that their columns,
read from right to left, lie one below the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TypeAlias

from function.page import Box, ReadLine
from function.reading.layout.pieces import Piece
from function.reading.layout.scripts import right_to_left
from function.reading.layout.skew import find_skew, level

#: A line at a steeper angle to the page, in degrees, does not belong to its columns (notes in the margin, watermarks).
_STEEPEST = 30.0
#: A box so many times taller than wide, with so many characters, is a line that stands on its side.
_UPENDED, _UPENDED_CHARACTERS = 2.5, 4


Look: TypeAlias = Callable[[Box], Box]


def to_pieces(lines: Sequence[ReadLine], width: int, height: int) -> tuple[list[Piece], list[Piece], Look]:
    """Bring lines into working coordinates.

    Args:
        lines: as read.
        width: of the page, in pixels.
        height: of the page, in pixels.

    Returns:
        The pieces of the page, those that stand askew to it, and what brings other boxes into working coordinates.
    """
    skew = find_skew(lines)
    look = _look(lines, width)
    columns = _written_down(lines)
    pieces: list[Piece] = []
    askew: list[Piece] = []
    for line in lines:
        flat = level(line, skew, (width / 2, height / 2))
        box = look((flat.x0, flat.y0, flat.x1, flat.y1))
        piece = Piece(*box, flat.size, line.text, line)
        (askew if not columns and _is_askew(line, skew) else pieces).append(piece)
    return (pieces, askew, look) if pieces else (askew, [], look)


def _look(lines: Sequence[ReadLine], width: int) -> Look:
    if _written_down(lines):
        return lambda box: (box[1], width - box[2], box[3], width - box[0])
    if right_to_left("".join(line.text for line in lines)):
        return lambda box: (width - box[2], box[1], width - box[0], box[3])
    return lambda box: box


def _written_down(lines: Sequence[ReadLine]) -> bool:
    """Whether most characters stand in columns from top to bottom."""
    return 2 * sum(len(line.text) for line in lines if line.vertical) > sum(len(line.text) for line in lines)


def _is_askew(line: ReadLine, skew: float) -> bool:
    if line.vertical:
        return False
    if abs(line.angle - skew) > _STEEPEST:
        return True
    wide, high = line.box[2] - line.box[0], line.box[3] - line.box[1]
    return len(line.text) >= _UPENDED_CHARACTERS and high > _UPENDED * max(wide, 1.0)


def is_sound(line: ReadLine) -> bool:
    """Whether a line's box is made of numbers that geometry can use."""
    return all(map(isfinite, line.box)) and isfinite(line.angle)
