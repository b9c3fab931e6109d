"""Parts what is drawn in frames: cards, panels, boxes of a form side by side, a box beside an address.

A single line between texts may divide cells of a table or columns; two close together, with nothing but paper between
them, are the right side of one frame and the left side of the next, and four that meet are a frame.
"""

from __future__ import annotations

from collections.abc import Sequence

from function.page import Box
from function.reading.layout.columns import are_level, are_values
from function.reading.layout.pieces import Piece
from function.reading.layout.rows import gather_rows

#: All lengths in line heights. Sides of two frames are this far from each other.
_NEAREST, _FURTHEST = 0.3, 4.0
#: They run along each other for this part of the longer one, and are at least this long.
_ALONG, _SHORTEST = 0.8, 4.0
#: Above and below frames that stand side by side, there is empty paper across the page.
_EMPTY = 1.0
#: Amounts in this many rows that stand level are a table with a double line in it.
_TABLE_ROWS = 4
#: More pairs of sides than this are a pattern.
_MOST_PAIRS = 64
#: Sides of one frame meet but for this; in it, and beside it, stand so many lines at least; larger text beside it is
#: a title, to which belongs what stands below both.
_MEETING, _FEWEST_LINES, _LARGEST = 0.6, 2, 1.4


def part_frames(pieces: Sequence[Piece], rulings: Sequence[Box], size: float) -> list[list[Piece]]:
    """Part pieces into what stands above frames, in each of them, and below, in reading order.

    Args:
        pieces: of the page.
        rulings: ruled lines in working coordinates.
        size: of the page's body text, in pixels.

    Returns:
        Each piece in exactly one part; a single part where there are no frames side by side.
    """
    pairs = _pairs(rulings, size)
    gutters = sorted([*pairs, *_beside_boxes(pieces, rulings, size)], key=lambda box: (box[1], box[0]))
    return _part(list(pieces), gutters, size) if 0 < len(gutters) <= _MOST_PAIRS else [list(pieces)]


def _part(pieces: list[Piece], gutters: Sequence[Box], size: float) -> list[list[Piece]]:
    for at, (left, top, right, bottom) in enumerate(gutters):
        above = [piece for piece in pieces if piece.middle < top]
        below = [piece for piece in pieces if piece.middle > bottom]
        beside = [piece for piece in pieces if top <= piece.middle <= bottom]
        first = [piece for piece in beside if piece.x1 <= right]
        second = [piece for piece in beside if piece.x0 >= left and piece.x1 > right]
        parted = first and second and len(first) + len(second) == len(beside)
        clear = parted and _is_clear(above, beside, size) and _is_clear(beside, below, size)
        if clear and not _is_table(first, second):
            parts = [_part(part, gutters[at + 1 :], size) for part in (above, first, second, below) if part]
            return [piece for part in parts for piece in part]
    return [pieces] if pieces else []


def _pairs(rulings: Sequence[Box], size: float) -> list[Box]:
    """The paper between two sides that stand next to each other, from top to bottom and left to right."""
    standing = sorted(box for box in rulings if box[3] - box[1] >= _SHORTEST * size and box[2] - box[0] < size)
    found: list[Box] = []
    for at, one in enumerate(standing):
        for other in standing[at + 1 :]:
            if other[0] - one[2] > _FURTHEST * size or len(found) > _MOST_PAIRS:
                break
            shared = min(one[3], other[3]) - max(one[1], other[1])
            longer = max(one[3] - one[1], other[3] - other[1])
            if other[0] - one[2] >= _NEAREST * size and shared >= _ALONG * longer:
                found.append((one[0], min(one[1], other[1]), other[2], max(one[3], other[3])))
    return sorted(found, key=lambda box: (box[1], box[0]))


def _beside_boxes(pieces: Sequence[Piece], rulings: Sequence[Box], size: float) -> list[Box]:
    """Sides of frames that stand alone beside text, as high as what stands there without a gap."""
    found: list[Box] = []
    for box in _boxes(rulings, size):
        inside = [piece for piece in pieces if _holds(box, piece)]
        top, bottom = _reach(pieces, box, size)
        beside = [piece for piece in pieces if top <= piece.middle <= bottom and not _holds(box, piece)]
        several = min(len(gather_rows(inside)), len(gather_rows(beside))) >= _FEWEST_LINES
        if several and all(piece.size <= _LARGEST * size for piece in beside):
            found += [(x, top, x, bottom) for x in (box[0], box[2])]
    return found


def _holds(box: Box, piece: Piece) -> bool:
    return box[0] <= piece.x0 and piece.x1 <= box[2] and box[1] <= piece.middle <= box[3]


def _boxes(rulings: Sequence[Box], size: float) -> list[Box]:
    """Frames of four sides."""
    lying = [box for box in rulings if box[2] - box[0] > box[3] - box[1]]
    standing = sorted(box for box in rulings if box[3] - box[1] >= _SHORTEST * size and box[2] - box[0] < size)
    if len(standing) > _MOST_PAIRS:
        return []
    near = _MEETING * size

    def closed(left: Box, right: Box, y: float) -> bool:
        return any(
            abs(o[1] - y) <= near and abs(o[0] - left[0]) <= near and abs(o[2] - right[2]) <= near for o in lying
        )

    return [
        (left[0], left[1], right[2], left[3])
        for at, left in enumerate(standing)
        for right in standing[at + 1 :]
        if max(abs(left[1] - right[1]), abs(left[3] - right[3])) <= near
        and closed(left, right, left[1])
        and closed(left, right, left[3])
    ]


def _reach(pieces: Sequence[Piece], box: Box, size: float) -> tuple[float, float]:
    """From where to where text stands at a frame's height, or close to such text."""
    top, bottom = box[1], box[3]
    while True:
        near = [piece for piece in pieces if piece.y1 > top - _EMPTY * size and piece.y0 < bottom + _EMPTY * size]
        reach = min([top, *(piece.y0 for piece in near)]), max([bottom, *(piece.y1 for piece in near)])
        if reach == (top, bottom):
            return reach
        top, bottom = reach


def _is_table(first: Sequence[Piece], second: Sequence[Piece]) -> bool:
    left, right = gather_rows(first), gather_rows(second)
    amounts = are_values(left) or are_values(right)
    return min(len(left), len(right)) >= _TABLE_ROWS and amounts and are_level(left, right)


def _is_clear(above: Sequence[Piece], below: Sequence[Piece], size: float) -> bool:
    if not above or not below:
        return True
    return min(piece.y0 for piece in below) - max(piece.y1 for piece in above) >= _EMPTY * size
