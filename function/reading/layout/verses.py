"""Keeps the lines of verses apart: all begin with capitals in the middle of sentences, or all end long before the page.

What tells is spread over stanzas, one of which may be as even as running text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.lists import marker_kind
from function.reading.layout.paragraphs import Paragraph, breadth, ends_sentence
from function.reading.layout.pieces import Piece, Row, middle_of
from function.reading.layout.short_lines import free_until

#: A verse is at most so broad, in characters (wide ones count twice).
_BROADEST = 60
#: So many lines that begin with a capital where no sentence does are verses: by themselves, where one of them was seen
#: to be broken on purpose, where half of all lines end with a pause.
_SURE, _WITH_BREAKS, _WITH_PAUSES = 6, 4, 3
#: Verses without capitals: so many lines, the usual one at least so broad (else they are formulas), so many and
#: this part of them seen to be broken on purpose (not the first ones, which may be headlines), all this part of the
#: measure away from its end.
_LINES, _SHORTEST, _FEWEST_BROKEN, _BROKEN, _FREE = 4, 8, 2, 0.3, 0.33
_PAUSES = frozenset(".,;:!?—–…")
#: What stands before a line's first letter.
_OPENING = "\"'“”„‘’«»‹›([—–-…* "
_HYPHENS = "-\u2010\u00ad"


def keep_verses(paragraphs: Sequence[Paragraph], pieces: Sequence[Piece], end: float) -> None:
    """Mark the breaks of all lines of verses.

    Args:
        paragraphs: of one region, from top to bottom.
        pieces: of the page.
        end: of the page's text, in pixels.
    """
    for stanzas in _runs(paragraphs):
        capital = all(_begins_capital(row) for stanza in stanzas for row in stanza.rows)
        if _are_capital_verses(stanzas) if capital else _end_early(stanzas, pieces, end):
            for stanza in stanzas:
                stanza.breaks = set(range(1, len(stanza.rows)))


def _runs(paragraphs: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    """Paragraphs of several lines that may be stanzas of one poem."""
    several = [paragraph for paragraph in paragraphs if len(paragraph.rows) > 1]
    for (may_be, _), run in groupby(several, key=lambda one: (_may_be_verse(one), all(map(_begins_capital, one.rows)))):
        if may_be:
            yield list(run)


def _may_be_verse(paragraph: Paragraph) -> bool:
    texts = [row_text(row) for row in paragraph.rows]
    short = all(len(row.pieces) == 1 and breadth(row) <= _BROADEST for row in paragraph.rows)
    return short and not any(text[-1] in _HYPHENS or marker_kind(text) for text in texts)


def _begins_capital(row: Row) -> bool:
    return row_text(row).lstrip(_OPENING)[:1].isupper()


def _are_capital_verses(stanzas: Sequence[Paragraph]) -> bool:
    texts = [[row_text(row) for row in stanza.rows] for stanza in stanzas]
    words = [word for lines in texts for line in lines for word in line.split()[1:]]
    if 2 * sum(word[0].islower() for word in words) < len(words):  # names, titles
        return False
    within = sum(not ends_sentence(above) for lines in texts for above, _ in pairwise(lines))
    pauses = sum(line[-1] in _PAUSES for lines in texts for line in lines)
    if 2 * pauses >= sum(map(len, texts)):
        return within >= _WITH_PAUSES
    return within >= (_WITH_BREAKS if any(stanza.breaks for stanza in stanzas) else _SURE)


def _end_early(stanzas: Sequence[Paragraph], pieces: Sequence[Piece], end: float) -> bool:
    rows = [row for stanza in stanzas for row in stanza.rows]
    broken = sum(len(stanza.breaks - {1}) for stanza in stanzas)
    if len(rows) < _LINES or broken < max(_FEWEST_BROKEN, _BROKEN * (len(rows) - 2 * len(stanzas))):
        return False
    begin, free = min(row.x0 for row in rows), free_until(rows, pieces, end)
    far = max(row.x1 for row in rows) <= free - _FREE * (free - begin)
    return far and middle_of(map(breadth, rows), 0) >= _SHORTEST
