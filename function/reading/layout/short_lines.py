"""Keeps the lines of addresses and the like apart where only the free space beside them tells that they were meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.lists import marker_kind
from function.reading.layout.paragraphs import Paragraph, breadth, first_word_width
from function.reading.layout.pieces import Piece, Row

#: Up to so many characters (wide ones count twice), a line is short.
_SHORT_LINE = 40
#: What stands beside a column keeps this distance from it, and a line that is broken on purpose leaves so much free
#: besides the next one's first word. In line heights.
_GUTTER, _SPARE = 1.0, 0.5
#: So many lines, a number among them, are an address even where only one of them leaves so much of the width free.
_LINES, _FAR = 3, 0.33
#: "received 20.11.2026, 10:45" has few words.
_FEW_WORDS = 4
#: An address of the net, or of mail.
_ADDRESS = re.compile(r"\S+[@./]\S")
_NUMBER = re.compile(r"[\d@]")


def keep_short_lines(paragraphs: Sequence[Paragraph], pieces: Sequence[Piece], end: float) -> None:
    """Mark the breaks of paragraphs whose lines could have taken more, and begin as names and numbers do.

    A column that holds nothing else is no wider than they are, so that it cannot tell.

    Args:
        paragraphs: of one region.
        pieces: of the page.
        end: of the page's text, in pixels.
    """
    for paragraph in paragraphs:
        texts = [row_text(row) for row in paragraph.rows]
        if len(texts) > 1 and _are_names(texts) and max(map(breadth, paragraph.rows)) <= _SHORT_LINE:
            free = free_until(paragraph.rows, pieces, end)
            if _had_room(paragraph.rows, free) or (_are_address(texts) and _is_uneven(paragraph.rows, free)):
                paragraph.breaks = set(range(1, len(texts)))


def _are_names(texts: Sequence[str]) -> bool:
    """Whether all begin as names and numbers do, or end as an index's; in text set in capitals, everything does.

    A line below the first may be a few words that say what its number is ("born 14.02.1979").
    """
    if len(texts) >= _LINES and all(text[-1].isdigit() for text in texts):
        return True
    begun = _begins_as_name(texts[0]) and all(_begins_as_name(text) or _is_dated(text) for text in texts)
    return begun and not "".join(texts).isupper() and marker_kind(texts[0]) is None


def _begins_as_name(text: str) -> bool:
    return text[0].isupper() or text[0].isdigit() or text[0] in "+(" or bool(_ADDRESS.match(text))


def _is_dated(text: str) -> bool:
    return bool(_NUMBER.search(text)) and len(text.split()) <= _FEW_WORDS


def _are_address(texts: Sequence[str]) -> bool:
    return len(texts) >= _LINES and any(map(_NUMBER.search, texts))


def _had_room(rows: Sequence[Row], end: float) -> bool:
    """Whether every line could have taken the next one's first word."""
    return all(
        end - above.x1 > first_word_width(below, row_text(below)) + _SPARE * below.size
        for above, below in pairwise(rows)
    )


def _is_uneven(rows: Sequence[Row], end: float) -> bool:
    """Whether a line before the last leaves much of the width free."""
    return end - min(row.x1 for row in rows[:-1]) > _FAR * (end - rows[0].x0)


def free_until(rows: Sequence[Row], pieces: Sequence[Piece], end: float) -> float:
    """How far lines could have gone: to what stands beside them, or to where the page's text ends."""
    right, top, bottom = max(row.x1 for row in rows), rows[0].y0, rows[-1].y1
    beside = [piece.x0 for piece in pieces if piece.x0 >= right and piece.y1 > top and piece.y0 < bottom]
    return min(beside) - _GUTTER * rows[0].size if beside else end
