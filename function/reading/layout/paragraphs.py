"""Splits a region's rows into paragraphs, by what typesetters use: space, indents, short last lines, size, markers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.letter_widths import letter_size
from function.reading.layout.lists import leads_to_page, marker_kind
from function.reading.layout.pieces import Row, bounds, middle_of
from function.reading.layout.scripts import is_wide

#: All lengths in line heights.
#: A larger step to the next line than the usual one, by this factor and by this much, begins a paragraph.
_STEP_FACTOR, _STEP_MORE = 1.25, 0.3
#: Steps beyond the first are usual only where so many of them, in this part of all, are about the same: text set wide.
_LARGEST_STEP, _WIDEST_STEP = 2.2, 3.5
_FEWEST_STEPS, _WIDE_STEPS, _SAME_STEP = 4, 0.6, 0.1
#: Where so many steps are about the same and smaller than the median, they are those from line to line.
_LINE_STEPS = 0.3
#: Lines differ in size by this factor: measured by their boxes, by their fonts.
_SIZE_CHANGE, _FONT_CHANGE = 1.2, 1.1
#: A box is taller, too, where its line is a little askew; larger characters are also wider, by this factor.
_WIDER = 1.1
#: … and by this one within a sentence, which a stretched line may go on.
_WIDER_WITHIN = 1.25
#: Rows with fewer characters (wide ones count twice) are measured badly; of those, this factor is a change.
_TELLING, _SURE_CHANGE = 8, 1.6
#: … or this one, of its letters' width, too.
_BOTH = 1.3
#: Letters so much wider are larger, even in a box that is higher by this factor only.
_MUCH_WIDER, _HIGHER = 1.4, 1.05
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
#: A verse has so many lines at least, all this part of the column's width away from its end.
_VERSE_LINES, _VERSE_MARGIN = 3, 0.33
#: So many lines tell that they are set flush right, but for this, in line heights.
_RAGGED_LINES, _FLUSH = 3, 0.3
#: Pieces of a row this far from each other, in line heights, are cells rather than words.
_CELL_DISTANCE = 2.0
#: … unless all are single words, and the widest gap is at most so many times the narrowest.
_STRETCHED = 1.15

#: A paragraph of more lines is running text, of which no line is broken on purpose.
_RUNNING_LINES = 2

#: Kinds of markers that text does not begin a line with by chance.
_CERTAIN_MARKERS = frozenset(("bullet", "east_asian", "east_asian_bracketed", "circled"))
#: A line that ends with an amount is an entry of a bill, unless it is longer than this.
_LONGEST_ENTRY = 60

_AMOUNT_AT_END = re.compile(r"(?:[$€£¥]\s?|\s)-?\d[\d.,]*[.,]\d{2}$")
#: A label and what it says, as in the head of an invoice; no time of day, no address of the web.
_LABELLED = re.compile(r"[^\W\d_][^.,;:!?。，；：！？]{0,30}(?:：|:(?:\s|$)|(?<!\d):(?!/))")
#: The number of a contract's clause, whose text is set in.
_CLAUSE = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?\s")
#: (ii) within a line: then (iii) may begin the next by chance.
_BRACKETED_WITHIN = re.compile(r"\s\((?:[a-z\d]|[ivx]{1,4})\)\s")
_SENTENCE_END = re.compile(r"[.!?:;。！？：；…][\"'”’»)\]）」』]*\d{0,3}$")
_DIVIDED = re.compile(r"[^\W\d_][-\u2010\u00ad]$")


@dataclass(slots=True, eq=False)
class Paragraph:
    """Rows that run on, from top to bottom.

    Attributes:
        rows: at least one.
        breaks: of which rows (by index) the line break before them was meant, as in an address.
        headline: whether it is one by where it stands.
        listing: of a program, its text; else empty.
    """

    rows: list[Row]
    breaks: set[int] = field(default_factory=set)
    headline: bool = False
    listing: str = ""


def split_paragraphs(rows: Sequence[Row], usual_step: float) -> list[Paragraph]:
    """Split rows into paragraphs; each row goes into exactly one.

    Args:
        rows: of one region, from top to bottom.
        usual_step: from line to line on this page, in line heights, for regions too small to tell.
    """
    step = _usual_step(rows, usual_step)
    left, _, right, _ = bounds(rows) if rows else (0.0, 0.0, 0.0, 0.0)
    paragraphs: list[Paragraph] = []
    for at, row in enumerate(rows):
        if at == 0:
            paragraphs.append(Paragraph([row]))
            continue
        kind = _break(rows, at, paragraphs[-1], step, right)
        if kind == "paragraph":
            paragraphs.append(Paragraph([row]))
            continue
        if kind == "line":
            paragraphs[-1].breaks.add(len(paragraphs[-1].rows))
        paragraphs[-1].rows.append(row)
    for paragraph in paragraphs:
        _even_out(paragraph, left, right)
    return paragraphs


def _even_out(paragraph: Paragraph, left: float, right: float) -> None:
    """Where most breaks of short lines were meant (an address), or all seem so (a verse), the longest one's was."""
    count = len(paragraph.rows) - 1
    mostly = paragraph.breaks and 2 * len(paragraph.breaks) >= count
    short = max(map(breadth, paragraph.rows)) <= _SHORT_LINE
    rows = paragraph.rows
    if short and (mostly or _is_verse(rows, left, right) or _is_centred(rows) or _is_flush_right(rows)):
        paragraph.breaks = set(range(1, count + 1))


def _is_verse(rows: Sequence[Row], left: float, right: float) -> bool:
    """Whether every line begins with a capital, and none comes near the end of the column."""
    return (
        len(rows) >= _VERSE_LINES
        and all(row_text(row)[:1].isupper() for row in rows)
        and max(row.x1 for row in rows) < right - _VERSE_MARGIN * (right - left)
    )


def _is_centred(rows: Sequence[Row]) -> bool:
    """Whether lines stand centred below each other although each had room for the next one's first word."""
    widest = max(row.x1 - row.x0 for row in rows)
    return all(
        abs(above.x0 + above.x1 - below.x0 - below.x1) < above.size
        and abs(above.x0 - below.x0) > above.size / 2
        and above.x1 - above.x0 + first_word_width(below, row_text(below)) + above.size / 2 <= widest
        for above, below in pairwise(rows)
    )


def _is_flush_right(rows: Sequence[Row]) -> bool:
    """Whether lines end below each other and begin wherever they do, the first apart, which may be set in."""
    ends, begins = [row.x1 for row in rows], [row.x0 for row in rows[1:]]
    return (
        len(rows) >= _RAGGED_LINES
        and max(ends) - min(ends) <= _FLUSH * rows[0].size
        and max(begins) - min(begins) > rows[0].size
    )


def page_step(columns: Sequence[Sequence[Row]]) -> float:
    """The usual step from line to line on a page, in line heights."""
    return _usual([step for rows in columns for step in _steps(rows)], 1.4)


def _usual_step(rows: Sequence[Row], default: float) -> float:
    steps = _steps(rows)
    return _usual(steps, default) if len(steps) >= _FEWEST_STEPS else default


def _usual(steps: Sequence[float], default: float) -> float:
    """The median, unless that is a step between paragraphs, as in a letter of many short ones: then that of lines."""
    middle = middle_of(steps, default)
    close = [step for step in steps if step * _STEP_FACTOR < middle]
    line = middle_of(close, middle)
    same = [step for step in close if abs(step - line) <= _SAME_STEP * line]
    return line if len(same) >= max(_FEWEST_STEPS, _LINE_STEPS * len(steps)) else middle


def _steps(rows: Sequence[Row]) -> list[float]:
    """From line to line; wide steps only where they are the rule."""
    found = [(below.middle - above.middle) / ((above.size + below.size) / 2) for above, below in pairwise(rows)]
    wide = middle_of(found, 0)
    same = [step for step in found if abs(step - wide) <= _SAME_STEP * wide]
    if _LARGEST_STEP < wide <= _WIDEST_STEP and len(same) >= max(_FEWEST_STEPS, _WIDE_STEPS * len(found)):
        return same
    return [step for step in found if 0.7 <= step <= _LARGEST_STEP]


def _break(rows: Sequence[Row], at: int, paragraph: Paragraph, usual: float, end: float) -> str | None:
    """What lies between a row and the one before it: "paragraph", "line" (meant), or None (the text runs on).

    Args:
        rows: of the region.
        at: which of them.
        paragraph: that the row before it belongs to.
        usual: step from line to line, in line heights.
        end: of the region's longest row, in pixels.
    """
    above, row = rows[at - 1], rows[at]
    size = (above.size + row.size) / 2
    step = (row.middle - above.middle) / size
    if _sizes_differ(paragraph.rows, row) or (step > _STEP_FACTOR * usual and step > usual + _STEP_MORE):
        return "paragraph"
    text, text_above = row_text(row), row_text(above)
    if leads_to_page(text) and leads_to_page(text_above):
        return "line"
    left, right = _edges(rows, at)
    wanted = first_word_width(row, text) + _SPARE * size
    ended = ends_sentence(text_above)
    short = right - above.x1 > wanted
    if ended and len(paragraph.rows) == 1:  # lines around one that stands alone need not be as long as the column
        short = end - above.x1 > wanted
    if _begins_item(row, text, paragraph, size, short or ended) or _leaves_item(row, paragraph, size):
        return "paragraph"
    same_weight = is_bold(row) == is_bold(above)
    goes_on = not ended and text[:1].islower()
    second = same_weight and goes_on and not short and len(paragraph.rows) == 1  # of a reference, set in
    within = not goes_on and not ended and not short  # so is a line of a term's text that begins with a number
    clause = not short and len(paragraph.rows) == 1 and bool(_CLAUSE.match(text_above))
    indented = not (_is_item(paragraph) or second or within or clause) and _indented(rows, at, left, size, ended)
    headed = short and not same_weight and row.characters >= _TELLING
    hanging = _hanging(row, above, paragraph, size)
    if hanging and is_labelled(paragraph.rows[0]) and is_labelled(row):
        return "line"
    if headed or indented or hanging:
        return "paragraph"
    if goes_on and (_DIVIDED.search(text_above) or _running(paragraph) > _RUNNING_LINES):
        return None  # lines that make room for a picture
    return _line_break(row, above, paragraph, short=short, ended=ended)


def _line_break(row: Row, above: Row, paragraph: Paragraph, *, short: bool, ended: bool) -> str | None:
    """The same, of lines that stand below each other as those of a paragraph do."""
    if short:
        running = _is_item(paragraph) or _running(paragraph) > 1 or breadth(above) > _SHORT_LINE
        return "paragraph" if ended and running else "line"
    cells = _has_cells(above) or _has_cells(row)
    texts = row_text(above), row_text(row)
    return "line" if cells or any(map(is_entry, texts)) or all(map(_LABELLED.match, texts)) else None


def _is_item(paragraph: Paragraph) -> bool:
    return marker_kind(row_text(paragraph.rows[0])) is not None


def _running(paragraph: Paragraph) -> int:
    """How many of its lines were not broken on purpose."""
    return len(paragraph.rows) - len(paragraph.breaks)


def is_labelled(row: Row) -> bool:
    """Whether a line is a label and what it says."""
    return bool(_LABELLED.match(row_text(row)))


def ends_sentence(text: str) -> bool:
    """Whether a line ends with what sentences end with."""
    return bool(_SENTENCE_END.search(text))


def is_entry(text: str) -> bool:
    """Whether a line ends as those of bills do, with an amount."""
    return bool(_AMOUNT_AT_END.search(text)) and len(text) <= _LONGEST_ENTRY


def _has_cells(row: Row) -> bool:
    """Whether pieces stand too far apart for words of one sentence (an item and its price)."""
    gaps = [right.x0 - left.x1 for left, right in pairwise(row.pieces)]
    return any(gap > _CELL_DISTANCE * row.size for gap in gaps) and not _is_stretched(row, gaps)


def _is_stretched(row: Row, gaps: Sequence[float]) -> bool:
    """Whether every blank of a line is equally wide, as where few words fill a narrow column from side to side."""
    words = [piece.text.strip() for piece in row.pieces]
    if any(" " in word or not any(map(str.isalpha, word)) for word in words):
        return False
    return max(gaps) <= _STRETCHED * min(gaps) and (len(gaps) > 1 or words[1][0].islower())


def is_bold(row: Row) -> bool:
    """Whether all of a row is known to be bold."""
    return all(piece.source.bold for piece in row.pieces)


def breadth(row: Row) -> int:
    """How many characters, wide ones counted twice."""
    return sum(2 if is_wide(character) else 1 for piece in row.pieces for character in piece.text)


def character_width(row: Row) -> float:
    """How wide a character is on average, in pixels: unlike a box's height, the same however a line slopes."""
    return max(sum(piece.x1 - piece.x0 for piece in row.pieces), 1.0) / max(breadth(row), 1)


def _sizes_differ(rows: Sequence[Row], row: Row) -> bool:
    """Whether a row is set larger or smaller than those above it; very short rows say nothing about it."""
    near = rows[-_NEIGHBOURS:]
    above = middle_of((line.size for line in near), row.size)
    ratio = max(above, row.size) / min(above, row.size)
    known = all(piece.source.font_size for piece in (*rows[-1].pieces, *row.pieces))
    if known:
        return ratio > _FONT_CHANGE
    telling = [line for line in near if breadth(line) >= _TELLING]
    if not telling or breadth(row) < _TELLING:
        return ratio > _SURE_CHANGE or (ratio > _BOTH and _are_wider(row, rows[-1], _BOTH))
    if ratio <= _SIZE_CHANGE:
        return ratio > _HIGHER and not _goes_on(rows[-1], row) and _are_wider(row, telling[-1], _MUCH_WIDER)
    wider = [_times_wider(row, line) for line in telling]
    factors = (wider[-1], middle_of(wider, 1.0))  # of several, too, since justified lines are stretched
    least = _WIDER_WITHIN if _goes_on(rows[-1], row) else _WIDER
    return all(factor > least if row.size > above else 1 / factor > least for factor in factors)


def _goes_on(above: Row, row: Row) -> bool:
    """Whether a sentence does from one row to the next."""
    return row_text(row)[:1].islower() and not ends_sentence(row_text(above))


def _are_wider(row: Row, other: Row, factor: float) -> bool:
    """Whether the letters of the row in the higher box are wider, too, by a factor, as far as letters tell."""
    one, two = letter_size(row), letter_size(other)
    if one is None or two is None:
        return False
    return one > factor * two if row.size > other.size else two > factor * one


def _times_wider(row: Row, other: Row) -> float:
    one, two = letter_size(row), letter_size(other)
    return one / two if one and two else character_width(row) / character_width(other)


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


def _begins_item(row: Row, text: str, paragraph: Paragraph, size: float, likely: bool) -> bool:
    kind = marker_kind(text)
    if kind is None:
        return False
    if likely or kind in _CERTAIN_MARKERS:
        return True
    above = paragraph.rows[-1]
    text_above = row_text(above)
    within = kind == "bracketed" and _BRACKETED_WITHIN.search(text_above)
    return marker_kind(text_above) == kind or (abs(row.x0 - above.x0) > _INDENT * size / 2 and not within)


def _leaves_item(row: Row, paragraph: Paragraph, size: float) -> bool:
    """Back out left of a bullet; numbers may stand before a first line that is set in."""
    first = paragraph.rows[0]
    return row.x0 < first.x0 - _INDENT * size and marker_kind(row_text(first)) == "bullet"


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
