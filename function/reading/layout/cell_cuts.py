"""Parts a line at the ruled lines that it was read across, where two cells stand so close that they were taken for one.

Engines do not tell where each character stands, so the place is estimated; nearby, one of the joints between two texts
(a blank, a change of script, an amount's sign) is the cut. Where there is none, nothing is torn apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from function.reading.layout.pieces import Piece
from function.reading.layout.scripts import is_wide

#: How far from the estimate a joint may be: halves of a wide character, and as a part of the line.
_REACH, _REACH_PART = 3.0, 0.08
#: An amount ends, and another begins.
_BETWEEN_AMOUNTS = re.compile(r"(?<=[\d%)）])(?=[-+−–(（$€£¥])|(?<=[%)）])(?=\w)|(?<=\.\d\d)(?=\d)")


def cut_piece(piece: Piece, xs: Sequence[float]) -> list[Piece]:
    """Part a piece.

    Args:
        piece: written from left to right.
        xs: of the lines that it lies across, in order.

    Returns:
        Its parts, which together hold its text but for blanks; the piece itself where no line fits its text.
    """
    text = piece.text
    ends = [0.0, *accumulate(_width(character) for character in text)]
    joints = _joints(text)
    cuts = [(piece.x0, 0)]
    for x in xs:
        place = (x - piece.x0) / (piece.x1 - piece.x0) * ends[-1]
        nearest = min(joints, key=lambda at: abs(ends[at] - place), default=0)
        is_near = abs(ends[nearest] - place) <= max(_REACH, _REACH_PART * ends[-1])
        if is_near and text[cuts[-1][1] : nearest].strip() and text[nearest:].strip():
            cuts.append((x, nearest))
    cuts.append((piece.x1, len(text)))
    if len(cuts) == 2:
        return [piece]
    return [_part(piece, start, end) for start, end in pairwise(cuts)]


def _part(piece: Piece, start: tuple[float, int], end: tuple[float, int]) -> Piece:
    text = piece.text[start[1] : end[1]].strip()
    left, top, right, bottom = piece.source.box
    scale = (right - left) / (piece.x1 - piece.x0)
    box = (left + (start[0] - piece.x0) * scale, top, left + (end[0] - piece.x0) * scale, bottom)
    return Piece(start[0], piece.y0, end[0], piece.y1, piece.size, text, replace(piece.source, box=box, text=text))


def _joints(text: str) -> list[int]:
    changes = [at for at, (one, other) in enumerate(pairwise(text), start=1) if _is_joint(one, other)]
    return sorted({*changes, *(found.start() for found in _BETWEEN_AMOUNTS.finditer(text))})


def _is_joint(one: str, other: str) -> bool:
    return one.isspace() or is_wide(one) != is_wide(other)


def _width(character: str) -> float:
    """In halves of a wide character."""
    return 2.0 if is_wide(character) else 1.0
