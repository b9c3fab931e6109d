"""Gives the headings of a page their levels: by their numbers where they have some, else by their size.

Nothing is remembered from page to page: a number and a size compared with the text's mean the same on every page, so
that pages can be told one by one, and parts of a document agree with the whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Headings are of one size up to this factor: by their fonts, by their boxes, which vary with the letters in them.
_SAME_FONT, _SAME_BOX = 1.05, 1.2
#: `2`, `2.1`, `2.1.3`, each maybe with a point behind it, and then a word; `III.`
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?\s+[^\W\d_]|^[IVX]{1,4}\.\s+[^\W\d_]")
#: The steps of Chinese and Japanese numbering.
_EAST_ASIAN = (re.compile(r"^[一二三四五六七八九十]{1,3}、"), re.compile(r"^[(（][一二三四五六七八九十]{1,3}[)）]"))
#: The title alone is of the first level.
_FIRST = 2
_DEEPEST = 6
#: Headings up to this level are larger than the text.
_BY_SIZE = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """What tells a heading's level.

    Attributes:
        text: of it.
        size: of its characters, in pixels.
        known: whether that is its font's size.
        level: by its size alone.
    """

    text: str
    size: float
    known: bool
    level: int


def levels(headings: Sequence[Heading]) -> list[int]:
    """The level of each heading of a page; of one size and unnumbered, all have the same."""
    return [_level(heading, headings) for heading in headings]


def _level(heading: Heading, headings: Sequence[Heading]) -> int:
    told = numbered(heading.text)
    if heading.level == 1 and told in (None, _FIRST):  # "7 ways to mend a drum" is a title all the same
        return 1
    return told or min(_of_peers(heading, headings), _above_numbers(heading, headings))


def numbered(text: str) -> int | None:
    """The level that a heading's number tells, or None where it has none."""
    found = _NUMBERED.match(text)
    if found:
        return min(_FIRST + (found[1] or "").count("."), _DEEPEST)
    return next((_FIRST + depth for depth, pattern in enumerate(_EAST_ASIAN) if pattern.match(text)), None)


def _of_peers(heading: Heading, headings: Sequence[Heading]) -> int:
    """The highest that a number gives a heading of this size, or else that the size alone gives one of them."""
    peers = [other for other in headings if other.level > 1 and _same_size(heading, other)]
    told = [level for other in peers if (level := numbered(other.text))]
    return min(told or [other.level for other in peers])


def _above_numbers(heading: Heading, headings: Sequence[Heading]) -> int:
    """The deepest that a heading without a number may be: above its sections, if it is larger and before the first.

    One that is told by its weight is no larger than the text, whatever small print has numbers.
    """
    if heading.level > _BY_SIZE:
        return _DEEPEST
    numbers = [(at, level) for at, other in enumerate(headings) if (level := numbered(other.text))]
    smaller = [(at, level) for at, level in numbers if _is_larger(heading, headings[at])]
    if not smaller:
        return _DEEPEST
    is_first = headings.index(heading) < numbers[0][0] and len(smaller) == len(numbers)
    return min(level for _, level in smaller) - is_first


def _is_larger(one: Heading, other: Heading) -> bool:
    return one.size > other.size and not _same_size(one, other)


def _same_size(one: Heading, other: Heading) -> bool:
    factor = _SAME_FONT if one.known and other.known else _SAME_BOX
    return max(one.size, other.size) <= factor * min(one.size, other.size)
