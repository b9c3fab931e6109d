"""Whether short texts beside running text stand for themselves, as a sidebar does, or head its paragraphs."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.lists import marker_kind
from function.reading.layout.pieces import Row

#: Rows of two columns are level with each other when their middles differ by less than this part of the lower's height.
LEVEL = 0.25
#: A paragraph begins after a step so much larger than usual, or after a line that leaves so much of the column free.
_NEW_PARAGRAPH, _SHORT_LINE = 1.25, 0.15
#: Lines that go on from the one before, from which a column holds running text; as many texts that begin beside them
#: belong to none of its paragraphs.
_RUNNING, _BESIDE = 2, 2
#: In heights: they need not be level with the lines beside them, but follow each other as lines do; a label that stands
#: in the middle of its cell has none of its kind so near.
_OVERLAPPING, _NEAR = 0.5, 2.0
_WORD = re.compile(r"[^\W\d_]{2}")


def beginnings(rows: Sequence[Row], pitch: float) -> list[Row]:
    """Where paragraphs begin: their first rows.

    Args:
        rows: of one column, from top to bottom.
        pitch: from one row's middle to the next one's, as usual there.
    """
    right = max(row.x1 for row in rows)
    short = _SHORT_LINE * (right - min(row.x0 for row in rows))
    return [rows[0]] + [
        row
        for above, row in pairwise(rows)
        if row.middle - above.middle > _NEW_PARAGRAPH * pitch or right - above.x1 > short
    ]


def stand_at(labels: Sequence[Row], rows: Sequence[Row], level: float = LEVEL) -> int:
    """How many labels stand level with one of the rows, which go from top to bottom."""
    middles = [row.middle for row in rows]
    return sum(len(middles[_within(middles, label, level * label.height)]) > 0 for label in labels)


def beside(label: Row, rows: Sequence[Row], middles: Sequence[float]) -> Sequence[Row]:
    """The rows that stand level with a label.

    Args:
        label: of the column beside theirs.
        rows: from top to bottom.
        middles: of these.
    """
    near = rows[_within(middles, label, LEVEL * label.height)]
    return [row for row in near if abs(row.middle - label.middle) <= LEVEL * row.height]


def _within(middles: Sequence[float], label: Row, reach: float) -> slice:
    return slice(bisect_left(middles, label.middle - reach), bisect_right(middles, label.middle + reach))


def stands_alone(texts: Sequence[Row], rows: Sequence[Row], pitch: float) -> bool:
    """Whether texts begin in the middle of the paragraphs beside them, so that they cannot be those paragraphs' labels.

    Args:
        texts: of one column.
        rows: of the one beside it, which may hold running text.
        pitch: of `rows`, as for `beginnings`.
    """
    begun = set(beginnings(rows, pitch))
    going_on = [row for row in rows if row not in begun and goes_on(row)]
    if len(going_on) < _RUNNING:
        return False
    near = {at for at, (above, row) in enumerate(pairwise(texts)) if row.middle - above.middle <= _NEAR * row.height}
    begin = [row for at, row in enumerate(texts) if (at in near or at - 1 in near) and _begins(row)]
    return stand_at(begin, going_on, _OVERLAPPING) >= _BESIDE


def _begins(row: Row) -> bool:
    """Whether something begins here; a mark or number by itself only begins what stands beside it."""
    text = row_text(row)
    return holds_word(row) and (text[:1].isupper() or text[:1].isdigit() or marker_kind(text) is not None)


def holds_word(row: Row) -> bool:
    """Whether it is more than a mark or a number."""
    return bool(_WORD.search(row_text(row)))


def goes_on(row: Row) -> bool:
    """Whether it begins as only the middle of a sentence does."""
    return row.pieces[0].text[:1].islower()
