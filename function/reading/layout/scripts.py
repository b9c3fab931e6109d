"""What kind of writing a character belongs to, as far as layout needs to know."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache


@lru_cache(maxsize=4096)
def is_wide(character: str) -> bool:
    """Whether a character fills a square cell: Chinese, Japanese, Hangul, full-width forms (Unicode TR 11)."""
    return unicodedata.east_asian_width(character) in ("W", "F")


@lru_cache(maxsize=4096)
def joins_without_space(character: str) -> bool:
    """Whether its script writes words without spaces between them: Han, Kana and their punctuation, but not Hangul."""
    return is_wide(character) and not "\uac00" <= character <= "\ud7af" and not "\u1100" <= character <= "\u11ff"


@lru_cache(maxsize=4096)
def is_right_to_left(character: str) -> bool:
    """Whether a character is a letter of Hebrew, Arabic or another script written from right to left."""
    return unicodedata.bidirectional(character) in ("R", "AL")


def right_to_left(text: str) -> bool:
    """Whether most letters of a text are written from right to left."""
    letters = {character: count for character, count in Counter(text).items() if character.isalpha()}
    return 2 * sum(count for letter, count in letters.items() if is_right_to_left(letter)) > sum(letters.values())
