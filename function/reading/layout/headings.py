"""Tells headings from text: by size, by weight, by capitals."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from function.reading.layout.letter_widths import letter_size
from function.reading.layout.lists import leads_to_page, marker_kind
from function.reading.layout.paragraphs import is_bold, is_entry
from function.reading.layout.pieces import Piece, Row, body_size, weighted_middle

#: Times the body's size: measured by boxes, which vary with the letters in a line, or by fonts.
_LARGER, _LARGER_FONT = 1.22, 1.12
#: Times the body's size from which a heading is of level 1, of level 2.
_FIRST, _SECOND = 1.8, 1.4
#: The same by the width of letters, which are wider, too, where they are bold: from which a line that is alone is a
#: heading, one of level 2, one of level 1. Its box is at least as high as the text's, by this factor.
_WIDER, _SECOND_WIDER, _FIRST_WIDER, _NO_LOWER = 1.27, 1.5, 1.75, 1.0
#: So many letters tell that they are no larger, by this factor, in a box that raised signs or a slope have made higher.
_TELLING, _NO_WIDER = 20, 1.1
#: … and of those no larger than the text.
HEADLINE_LEVEL = 4
#: A heading has at most so many rows and characters; one told by weight or capitals only, fewer.
_MOST_ROWS, _MOST_CHARACTERS = 4, 200
_FEW_ROWS, _FEW_CHARACTERS = 2, 90
#: A page where so much is bold or in capitals does not use them for headings.
_COMMON = 0.4
#: A size in which so much of a page is set, in so many rows, belongs to text.
_TEXT_SHARE, _TEXT_ROWS = 0.2, 5
#: Sizes are about the same up to this part.
_NEAR = 0.07
#: A text without a word of three letters (or two that are whole words each) says something if so much of it is letters.
_LETTERS = 0.6
_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff]{2}")
#: What sentences end or pause with.
_RUNNING = frozenset(".,;:。，；：")


class Sizes:
    """The sizes in which a page is set.

    Attributes:
        body: of most characters, in pixels.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.body = body_size(pieces)
        self._set = _Census([(piece.size, len(piece.text)) for piece in pieces])
        read = [piece for piece in pieces if piece.source.font_size is None]
        letters = [(size, len(piece.text)) for piece in read if (size := letter_size([piece])) is not None]
        self._letters = _Census(letters)
        self._usual_letters = weighted_middle(letters)

    def is_common(self, size: float) -> bool:
        """Whether a good part of the page is set in about this size."""
        return self._is_common(size, self._set)

    def wider(self, rows: Sequence[Row]) -> float | None:
        """How much wider the letters of some lines are than most of the page; None where that cannot be told."""
        told = [size for row in rows if (size := letter_size(row)) is not None]
        if not told or not self._usual_letters or self._is_common(told[0], self._letters):
            return None
        return sum(told) / len(told) / self._usual_letters

    def are_no_wider(self, rows: Sequence[Row]) -> bool:
        """Whether the letters of some lines are known to be no wider than most of the page."""
        told = [letter_size(row) for row in rows]
        return bool(self._usual_letters) and all(size and size < _NO_WIDER * self._usual_letters for size in told)

    def of(self, rows: Sequence[Row]) -> float:
        """How large some lines are set, in pixels: by their font, their letters' width, or else their boxes."""
        wider = None if is_known(rows) else self.wider(rows)
        return wider * self.body if wider else sum(row.size for row in rows) / len(rows)

    def _is_common(self, size: float, census: _Census) -> bool:
        rows, characters = census.near(size)
        return rows >= _TEXT_ROWS and characters > _TEXT_SHARE * self._set.characters


class _Census:
    """How many rows and characters are set in which size; a look costs no more on a page of thousands of lines."""

    def __init__(self, sizes: Sequence[tuple[float, int]]) -> None:
        self._sizes = sorted(size for size, _ in sizes)
        self._characters = [0, *accumulate(count for _, count in sorted(sizes))]

    @property
    def characters(self) -> int:
        """All of them."""
        return self._characters[-1]

    def near(self, size: float) -> tuple[int, int]:
        """Rows and characters of about a size."""
        start, end = bisect_left(self._sizes, (1 - _NEAR) * size), bisect_right(self._sizes, (1 + _NEAR) * size)
        return end - start, self._characters[end] - self._characters[start]


def heading_level(rows: Sequence[Row], text: str, sizes: Sizes, *, plain: bool) -> int | None:
    """The level of a heading, 1 the largest, or None for text.

    Args:
        rows: of the paragraph.
        text: of the paragraph.
        sizes: of the page's text.
        plain: whether the page's text is neither bold nor in capitals, so that these mean something.
    """
    letters = sum(character.isalpha() for character in text)
    if letters < 2 or len(rows) > _MOST_ROWS or len(text) > _MOST_CHARACTERS or not _says_something(text, letters):
        return None
    size = sum(row.size for row in rows) / len(rows)
    known = is_known(rows)
    level = _by_size(size / sizes.body, known=known) if not sizes.is_common(size) else None
    if not known and size >= _NO_LOWER * sizes.body and marker_kind(text) not in ("bullet", "dash"):
        if level and level > 1 and letters >= _TELLING and sizes.are_no_wider(rows):
            level = None
        told = [found for found in (level, _by_letters(sizes.wider(rows))) if found]
        level = min(told, default=None)
    if level:
        return level if level < 3 or (len(rows) <= _FEW_ROWS and text.rstrip()[-1:] not in _RUNNING) else None
    if plain and size >= 0.9 * sizes.body and _stands_out(rows, text, letters):
        return HEADLINE_LEVEL
    return None


def is_known(rows: Sequence[Row]) -> bool:
    """Whether the font of some lines is."""
    return all(piece.source.font_size for row in rows for piece in row.pieces)


def _by_size(ratio: float, *, known: bool) -> int | None:
    if ratio < (_LARGER_FONT if known else _LARGER):
        return None
    return 1 if ratio >= _FIRST else 2 if ratio >= _SECOND else 3


def _by_letters(ratio: float | None) -> int | None:
    if ratio is None or ratio < _WIDER:
        return None
    return 1 if ratio >= _FIRST_WIDER else 2 if ratio >= _SECOND_WIDER else 3


def _says_something(text: str, letters: int) -> bool:
    """Whether a text has words, as formulas and amounts have not, and is no entry of a table of contents."""
    words = _WORD.search(text) or letters >= _LETTERS * len("".join(text.split()))
    return bool(words) and not leads_to_page(text)


def is_plain(rows: Sequence[Row]) -> bool:
    """Whether most of a page's rows are neither bold nor in capitals."""
    loud = sum(row.characters for row in rows if is_bold(row) or _capitals(row))
    return loud <= _COMMON * sum(row.characters for row in rows)


def _stands_out(rows: Sequence[Row], text: str, letters: int) -> bool:
    if len(rows) > _FEW_ROWS or len(text) > _FEW_CHARACTERS or text.rstrip()[-1:] in _RUNNING:
        return False
    if any(len(row.pieces) > 1 for row in rows) or letters < 4 or is_entry(text):
        return False
    return all(map(is_bold, rows)) or all(map(_capitals, rows))


def _capitals(row: Row) -> bool:
    text = "".join(piece.text for piece in row.pieces)
    letters = sum(map(str.isalpha, text))
    words = "_" not in text  # with it, it is a name in a program
    return words and text.upper() == text != text.lower() and letters > 0.7 * len(text.replace(" ", ""))
