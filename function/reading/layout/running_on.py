"""Puts together what the end of a column took apart: a paragraph that goes on at the head of the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from function.reading.layout.joining import row_text
from function.reading.layout.lists import marker_kind
from function.reading.layout.paragraphs import Paragraph, character_width, ends_sentence, first_word_width, is_bold
from function.reading.layout.pieces import Row
from function.reading.layout.scripts import joins_without_space
from function.reading.layout.tables import Table

Part: TypeAlias = "Table | Paragraph"

#: A column's last line is full where it leaves less than this free besides the next word, in line heights.
_SPARE = 1.0
#: So many lines from a column's end tell how wide it is.
_LINES = 6
#: Text on both sides is of one size: by its fonts, by the width of its characters.
_SAME_FONT, _SAME_WIDTH = 1.05, 1.2
#: What goes on has so many lines, or is at least so wide, as a part of the column that it left: labels are neither.
_FEWEST_LINES, _WIDTH = 2, 0.5


def run_on(parts: Sequence[Sequence[Part]]) -> list[Part]:
    """Join paragraphs over the ends of columns; everything else stays as it is.

    Args:
        parts: what each stretch of a column holds, in reading order.
    """
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if part and isinstance(last, Paragraph) and isinstance(part[0], Paragraph) and _goes_on(last, part[0], joined):
            last.breaks |= {len(last.rows) + at for at in part[0].breaks}
            last.rows += part[0].rows
            joined += part[1:]
        else:
            joined += part
    return joined


def _goes_on(above: Paragraph, below: Paragraph, before: Sequence[Part]) -> bool:
    """Whether a sentence without an end, in a line without room, goes on in one that cannot be a beginning."""
    last, first = above.rows[-1], below.rows[0]
    text, text_above = row_text(first), row_text(last)
    if (
        above.headline
        or below.headline
        or above.listing
        or below.listing
        or ends_sentence(text_above)
        or marker_kind(text) is not None
    ):
        return False
    if len(above.rows) > _FEWEST_LINES and len(above.breaks) == len(above.rows) - 1:  # entries, a line each
        return False
    if not _cannot_begin(below, text, text_above) or is_bold(last) != is_bold(first) or not _same_size(last, first):
        return False
    rows = [row for part in before[-_LINES:] if isinstance(part, Paragraph) for row in part.rows][-_LINES:]
    column = [row for row in rows if row.x0 < last.x1 and row.x1 > last.x0]
    left, right = min(row.x0 for row in column), max(row.x1 for row in column)
    full = right - last.x1 <= first_word_width(first, text) + _SPARE * last.size
    return full and (len(below.rows) >= _FEWEST_LINES or first.x1 - first.x0 >= _WIDTH * (right - left))


def _cannot_begin(below: Paragraph, text: str, text_above: str) -> bool:
    """Small letters begin no paragraph; where a script has none, an indent would tell of one."""
    if text[:1].islower():
        return True
    level = len(below.rows) > 1 and below.rows[0].x0 - below.rows[1].x0 < below.rows[0].size / 2
    return level and joins_without_space(text[:1]) and joins_without_space(text_above[-1:])


def _same_size(one: Row, other: Row) -> bool:
    known = all(piece.source.font_size for piece in (*one.pieces, *other.pieces))
    sizes = (one.size, other.size) if known else (character_width(one), character_width(other))
    return max(sizes) <= (_SAME_FONT if known else _SAME_WIDTH) * min(sizes)
