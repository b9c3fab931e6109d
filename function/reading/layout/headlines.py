"""Finds headlines that are no larger than the text, by where they stand: a short line close above running text.

Those that are counted, each with a text of its own below, need not stand above several lines.

Only for lines whose font is not known; where it is, weight and size tell (see `headings`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.lists import marker_kind, marker_number
from function.reading.layout.paragraphs import Paragraph, breadth, ends_sentence, is_labelled
from function.reading.layout.pieces import Row

#: A headline is at most so broad, in characters (wide ones count double), and as a part of the text below it.
_BROADEST, _WIDEST = 60, 0.75
#: The text below runs on for at least so many lines.
_LINES_BELOW = 2
#: It stands this much further from what is above than from the text, in line heights.
_LIFTED = 0.25
#: Fewer that are counted may be one item.
_FEWEST_COUNTED = 2
#: What sentences end or pause with; dots lead to a page's number.
_RUNNING = frozenset(".,;:。，；：、…-")


def lift_headlines(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Make headlines paragraphs of their own and mark them.

    Args:
        paragraphs: of one region, from top to bottom.
    """
    lifted: list[Paragraph] = []
    counted = _counted(paragraphs)
    above: Row | None = None
    for at, paragraph in enumerate(paragraphs):
        first, rest = paragraph.rows[0], paragraph.rows[1:]
        text = paragraph if rest else paragraphs[at + 1] if at + 1 < len(paragraphs) else None
        below = [] if text is None or (rest and 1 not in paragraph.breaks) else rest or text.rows
        if at in counted or (text and _is_headline(first, below, above) and _runs_on(below, text)):
            lifted.append(Paragraph([first], headline=True))
            if rest:
                lifted.append(Paragraph(rest, {index - 1 for index in paragraph.breaks if index > 1}))
        else:
            lifted.append(paragraph)
        above = paragraph.rows[-1]
    return lifted


def _counted(paragraphs: Sequence[Paragraph]) -> set[int]:
    """Which paragraphs begin with headlines that are counted: none, if any number at their left begins an item."""
    counted = [at for at, paragraph in enumerate(paragraphs) if marker_kind(row_text(paragraph.rows[0])) == "number"]
    left = min((paragraphs[at].rows[0].x0 for at in counted), default=0.0)
    counted = [at for at in counted if paragraphs[at].rows[0].x0 - left < paragraphs[at].rows[0].size / 2]
    numbers = [marker_number(row_text(paragraphs[at].rows[0])) or 0 for at in counted]
    if len(counted) < _FEWEST_COUNTED or any(two - one != 1 for one, two in pairwise(numbers)):
        return set()
    texts = [(paragraphs[at].rows[0], _below(paragraphs, at)) for at in counted]
    if not all(_heads(row, below) for row, below in texts):
        return set()
    long = any(len(below) > 1 or row.x1 - row.x0 < _WIDEST * (below[0].x1 - below[0].x0) for row, below in texts)
    return set(counted) if long else set()


def _below(paragraphs: Sequence[Paragraph], at: int) -> Sequence[Row]:
    """What stands below a paragraph's first line, if the break between them was meant."""
    paragraph = paragraphs[at]
    if len(paragraph.rows) > 1:
        return paragraph.rows[1:] if 1 in paragraph.breaks else []
    return paragraphs[at + 1].rows if at + 1 < len(paragraphs) else []


def _heads(row: Row, below: Sequence[Row]) -> bool:
    """Whether a short line stands above sentences that begin where it does; further lines of an item are set in."""
    text = row_text(row)
    if not below or len(row.pieces) > 1 or row.pieces[0].source.font_size is not None or text[-1] in _RUNNING:
        return False
    begins, ends = row_text(below[0]), row_text(below[-1])
    level = abs(below[0].x0 - row.x0) < row.size / 2
    said = marker_kind(begins) is None and not begins[0].islower() and ends_sentence(ends)
    return level and said and breadth(row) <= _BROADEST


def _runs_on(below: Sequence[Row], paragraph: Paragraph) -> bool:
    """Whether lines below a headline are running text, and no label's values.

    Args:
        below: the lines.
        paragraph: that they are from, maybe with the headline as its first.
    """
    inner = sum(len(paragraph.rows) - len(below) < at for at in paragraph.breaks)
    return len(below) - inner >= _LINES_BELOW


def _is_headline(row: Row, below: Sequence[Row], above: Row | None) -> bool:
    if not below or len(row.pieces) > 1 or row.pieces[0].source.font_size is not None:
        return False
    text = row_text(row)
    starts = text[0].isupper() or text[0].isdigit() or (text[0].isalpha() and not text[0].islower())
    if (
        not starts
        or text[-1] in _RUNNING
        or marker_kind(text) not in (None, "number", "east_asian", "east_asian_bracketed")
    ):
        return False
    width = max(line.x1 for line in below) - min(line.x0 for line in below)
    if breadth(row) > _BROADEST or row.x1 - row.x0 > _WIDEST * width or not any(map(str.isalpha, text)):
        return False
    if is_labelled(row) and is_labelled(below[0]):  # the first of several labels with their values
        return False
    step = below[0].middle - row.middle
    return above is None or row.middle - above.middle >= step + _LIFTED * row.size
