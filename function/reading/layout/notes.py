"""What is said below a table: a text alone at its height, further from the rows than they are from each other.

Taken for a row, it would lie across the columns and hide the gaps between them, or fill a first cell with a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.paragraphs import breadth
from function.reading.layout.pieces import Piece, Row, middle_of

#: A table has so many rows of several cells above it.
_FEWEST_ROWS = 3
#: Times the usual step from row to row: boxes of one line's cells differ by less.
_FURTHER = 1.1
#: A note has so many characters (wide ones count twice); fewer are a cell's.
_SHORTEST = 20
#: … and at most so many lines.
_MOST_LINES = 8
#: What sentences end with; a sum's label may end with a colon.
_ENDS = (".", "!", "?", "。", "！", "？")


def stands_below(rows: Sequence[Row], piece: Piece) -> bool:
    """Whether a text that lies across columns stands below the rows of a table.

    Args:
        rows: from top to bottom.
        piece: the next one, alone at its height.
    """
    return _is_below(rows, Row.of([piece]))


def note_start(rows: Sequence[Row]) -> int:
    """Which of a table's rows begins a sentence that stands below it, in its first column; none: how many there are."""
    first = len(rows)
    while first > len(rows) - _MOST_LINES and first and len(rows[first - 1].pieces) == 1:
        first -= 1
    if not rows or not row_text(rows[-1]).endswith(_ENDS):
        return len(rows)
    left = min(row.x0 for row in rows)
    begins = (at for at in range(first, len(rows)) if rows[at].x0 - left < rows[at].size / 2)
    return next((at for at in begins if _is_below(rows[:at], rows[at])), len(rows))


def _is_below(rows: Sequence[Row], below: Row) -> bool:
    if sum(len(row.pieces) > 1 for row in rows) < _FEWEST_ROWS or breadth(below) < _SHORTEST:
        return False
    usual = middle_of((lower.middle - upper.middle for upper, lower in pairwise(rows)), 0.0)
    return below.middle - rows[-1].middle >= _FURTHER * usual
