"""Which script a text is written in, as far as the recogniser cares."""

from __future__ import annotations

from collections.abc import Container

#: First and last code points of kana, Han (with extensions A and compatibility), half- and full-width kana.
_EAST_ASIAN = ((0x3041, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F))
#: Greek is in the alphabet for the sake of formulas; the model was not taught to read Greek words.
_GREEK = (0x0370, 0x03FF)
#: What a sign of Latin script is taken for (the Han characters for ten, for one, and a stroke).
_LOOK_ALIKES = str.maketrans("十一丨", "+—|")


def mostly_east_asian(text: str) -> bool:
    """Whether at least half of the letters are Han or kana."""
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and 2 * sum(_east_asian(char) for char in letters) >= len(letters)


def without_look_alikes(text: str) -> str:
    """Signs taken for Han characters, as signs again (+49 for 十49), where no other East Asian letter stands."""
    signs = text.translate(_LOOK_ALIKES)
    is_latin = any(char.isalnum() for char in signs) and not any(_east_asian(char) for char in signs)
    return signs if is_latin else text


def covered(text: str, alphabet: Container[str]) -> bool:
    """Whether nearly all (9 of 10) characters that print are in `alphabet`, Greek apart; false where there are none."""
    printed = [char for char in text if not char.isspace()]
    known = sum(char in alphabet and not _GREEK[0] <= ord(char) <= _GREEK[1] for char in printed)
    return bool(printed) and 10 * known >= 9 * len(printed)


def _east_asian(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _EAST_ASIAN)
