"""Splits a region's rows into paragraphs, by what typesetters use: space, indents, short last lines, size, markers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.lists import marker_kind
from function.reading.layout.pieces import Row, middle_of
from function.reading.layout.scripts import is_wide

#: All lengths in line heights.
#: A larger step to the next line than the usual one, by this factor and by this much, begins a paragraph.
_STEP_FACTOR, _STEP_MORE = 1.25, 0.3
#: Steps beyond this are never usual.
_LARGEST_STEP = 2.2
#: Lines differ in size by this factor: measured by their boxes, by their fonts.
_SIZE_CHANGE, _FONT_CHANGE = 1.2, 1.1
#: Rows with fewer characters are measured badly; of those, this factor is a change.
_TELLING, _SURE_CHANGE = 8, 1.6
#: An indent is between these.
_INDENT, _DEEPEST_INDENT = 0.8, 6.0
#: A line could have taken the next one's first word when so much more would have been left free.
_SPARE = 1.0
#: Above and below a line, so many others tell how wide the column is there.
_NEIGHBOURS = 4
#: … of which one may reach out by so much more.
_OVERHANG = 2.0

#: Up to so many characters (wide ones count twice), a line is short, as in addresses and receipts.
_SHORT_LINE = 40
#: Pieces of a row this far from each other, in line heights, are cells rather than words.
_CELL_DISTANCE = 2.0

#: Kinds of markers that text does not begin a line with by chance.
_CERTAIN_MARKERS = frozenset(("bullet", "east_asian", "east_asian_bracketed", "circled"))
#: A line that ends with an amount is an entry of a bill, unless it is longer than this.
_LONGEST_ENTRY = 60

_AMOUNT_AT_END = re.compile(r"(?:[$€£¥]\s?|\s)-?\d[\d.,]*[.,]\d{2}$")
_SENTENCE_END = re.compile(r"[.!?:;。！？：；…][\"'”’»)\]）」』]*\d{0,3}$")


@dataclass(slots=True, eq=False)
class Paragraph:
    """Rows that run on, from top to bottom.

    Attributes:
        rows: at least one.
        breaks: of which rows (by index) the line break before them was meant, as in an address.
        headline: whether it is one by where it stands.
    """

    rows: list[Row]
    breaks: set[int] = field(default_factory=set)
    headline: bool = False


def split_paragraphs(rows: Sequence[Row], usual_step: float) -> list[Paragraph]:
    """Split rows into paragraphs; each row goes into exactly one.

    Args:
        rows: of one region, from top to bottom.
        usual_step: from line to line on this page, in line heights, for regions too small to tell.
    """
    step = _usual_step(rows, usual_step)
    paragraphs: list[Paragraph] = []
    for at, row in enumerate(rows):
        if at == 0:
            paragraphs.append(Paragraph([row]))
            continue
        kind = _break(rows, at, paragraphs[-1], step)
        if kind == "paragraph":
            paragraphs.append(Paragraph([row]))
            continue
        if kind == "line":
            paragraphs[-1].breaks.add(len(paragraphs[-1].rows))
        paragraphs[-1].rows.append(row)
    for paragraph in paragraphs:
        _even_out(paragraph)
    return paragraphs


def _even_out(paragraph: Paragraph) -> None:
    """Where most line breaks of short lines were meant (an address), the longest line's was too."""
    count = len(paragraph.rows) - 1
    mostly = paragraph.breaks and 2 * len(paragraph.breaks) >= count
    if mostly and max(map(breadth, paragraph.rows)) <= _SHORT_LINE:
        paragraph.breaks = set(range(1, count + 1))


def page_step(columns: Sequence[Sequence[Row]]) -> float:
    """The usual step from line to line on a page, in line heights."""
    return middle_of((step for rows in columns for step in _steps(rows)), 1.4)


def _usual_step(rows: Sequence[Row], default: float) -> float:
    steps = _steps(rows)
    return middle_of(steps, default) if len(steps) >= 4 else default


def _steps(rows: Sequence[Row]) -> list[float]:
    found = [(below.middle - above.middle) / ((above.size + below.size) / 2) for above, below in pairwise(rows)]
    return [step for step in found if 0.7 <= step <= _LARGEST_STEP]


def _break(rows: Sequence[Row], at: int, paragraph: Paragraph, usual: float) -> str | None:
    """What lies between a row and the one before it: "paragraph", "line" (meant), or None (the text runs on)."""
    above, row = rows[at - 1], rows[at]
    size = (above.size + row.size) / 2
    step = (row.middle - above.middle) / size
    if _sizes_differ(paragraph.rows, row) or (step > _STEP_FACTOR * usual and step > usual + _STEP_MORE):
        return "paragraph"
    left, right = _edges(rows, at)
    text, text_above = row_text(row), row_text(above)
    short = right - above.x1 > first_word_width(row, text) + _SPARE * size
    ended = bool(_SENTENCE_END.search(text_above))
    if _begins_item(row, text, above, text_above, size, short or ended):
        return "paragraph"
    item = marker_kind(row_text(paragraph.rows[0])) is not None
    if (_indented(rows, at, left, size, ended) and not item) or _hanging(row, above, paragraph, size):
        return "paragraph"
    if short:
        running = len(paragraph.rows) - len(paragraph.breaks) > 1 or breadth(above) > _SHORT_LINE
        return "paragraph" if ended and running else "line"
    return "line" if _has_cells(above) or _has_cells(row) or _is_entry(text_above) or _is_entry(text) else None


def _is_entry(text: str) -> bool:
    """Whether a line ends as those of bills do, with an amount."""
    return bool(_AMOUNT_AT_END.search(text)) and len(text) <= _LONGEST_ENTRY


def _has_cells(row: Row) -> bool:
    """Whether pieces stand too far apart for words of one sentence (an item and its price)."""
    return any(right.x0 - left.x1 > _CELL_DISTANCE * row.size for left, right in pairwise(row.pieces))


def breadth(row: Row) -> int:
    """How many characters, wide ones counted twice."""
    return sum(2 if is_wide(character) else 1 for piece in row.pieces for character in piece.text)


def _sizes_differ(rows: Sequence[Row], row: Row) -> bool:
    """Whether a row is set larger or smaller than those above it; very short rows say nothing about it."""
    above = middle_of((line.size for line in rows[-_NEIGHBOURS:]), row.size)
    ratio = max(above, row.size) / min(above, row.size)
    known = all(piece.source.font_size for piece in (*rows[-1].pieces, *row.pieces))
    if min(rows[-1].characters, row.characters) < _TELLING:
        return ratio > _SURE_CHANGE
    return ratio > (_FONT_CHANGE if known else _SIZE_CHANGE)


def _edges(rows: Sequence[Row], at: int) -> tuple[float, float]:
    """Where the column begins and ends near a row; of many lines, one may reach out a little further by chance."""
    near = rows[max(0, at - 1 - _NEIGHBOURS) : at + _NEIGHBOURS]
    ends = sorted(row.x1 for row in near)
    by_chance = len(ends) >= _NEIGHBOURS and ends[-1] - ends[-2] <= _OVERHANG * rows[at].size
    return min(row.x0 for row in near), ends[-2] if by_chance else ends[-1]


def first_word_width(row: Row, text: str) -> float:
    """About how wide the first word of a row is, in pixels; of East Asian text, one character."""
    if is_wide(text[:1]):
        return row.size
    word = text.split(" ", 1)[0]
    return (row.x1 - row.x0) * len(word) / max(len(text), 1)


def _begins_item(row: Row, text: str, above: Row, text_above: str, size: float, likely: bool) -> bool:
    kind = marker_kind(text)
    if kind is None:
        return False
    if likely or kind in _CERTAIN_MARKERS:
        return True
    return abs(row.x0 - above.x0) > _INDENT * size / 2 or marker_kind(text_above) == kind


def _indented(rows: Sequence[Row], at: int, left: float, size: float, ended: bool) -> bool:
    """A first line set in, between lines that are not (or after a sentence's end)."""
    row, above = rows[at], rows[at - 1]
    if not _INDENT * size < row.x0 - left < _DEEPEST_INDENT * size or above.x0 - left > _INDENT * size / 2:
        return False
    back = at + 1 < len(rows) and rows[at + 1].x0 - left < _INDENT * size / 2
    return back or ended


def _hanging(row: Row, above: Row, paragraph: Paragraph, size: float) -> bool:
    """Back out at the left, where this paragraph's first line stood and the rest was set in (references)."""
    first = paragraph.rows[0]
    return len(paragraph.rows) > 1 and abs(row.x0 - first.x0) < size / 2 and above.x0 - row.x0 > _INDENT * size
