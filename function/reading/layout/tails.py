"""What stands below two columns on the left, and belongs to neither: a letter's date below the addresses.

Its place alone does not tell it from the end of a left column that is longer than the right one; its distance and the
shortness of its lines do.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile

from function.reading.layout.pieces import Piece

#: Times the widest distance between two lines of one column above: a paragraph's end is no wider than others are.
_WIDER = 1.3
#: Lines of running text fill so much of the way to the next column; a tail has at most one that does.
_FILLED, _MOST_FILLED = 0.75, 1


def is_tail(columns: Sequence[Piece], gap: tuple[float, float], below: Sequence[Piece], narrowest: float) -> bool:
    """Whether what comes below the columns is read after all of them.

    Args:
        columns: that stand side by side, all of them above `below`.
        gap: where the leftmost ends and the next begins.
        below: the pieces that come next, from top to bottom, at least one.
        narrowest: gaps narrower than this are none, in pixels.
    """
    tail = list(takewhile(lambda piece: piece.x1 + narrowest <= gap[1], below))
    after = below[len(tail)] if len(tail) < len(below) else None
    if after is not None:  # what stands beside it is no tail, but a row
        tail = [piece for piece in tail if piece.y1 <= after.y0]
    if not tail:
        return False
    left = [piece for piece in columns if piece.x1 <= gap[0]]
    right = [piece for piece in columns if piece.x0 >= gap[1]]
    empty = min(piece.y0 for piece in tail) - max(piece.y1 for piece in columns)
    if after is not None and after.x0 >= gap[0]:
        rest = [piece.y0 for piece in below if piece not in tail]
        empty = min(empty, min(rest) - max(piece.y1 for piece in tail))
    top = max(min(piece.y0 for piece in side) for side in (left, right))  # what stands above may be their title
    if empty < _WIDER * max(_widest_step([piece for piece in side if piece.y1 > top]) for side in (left, right)):
        return False
    room = gap[1] - min(piece.x0 for piece in (*left, *tail))
    return sum(piece.x1 - piece.x0 >= _FILLED * room for piece in tail) <= _MOST_FILLED


def _widest_step(column: Sequence[Piece]) -> float:
    """The widest empty stretch between two of a column's lines, in pixels."""
    from_top = sorted(column, key=lambda piece: piece.y0)
    return max((below.y0 - above.y1 for above, below in pairwise(from_top)), default=0.0)
