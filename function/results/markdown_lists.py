"""Writes lists as Markdown, one within the other; what Markdown has no marker for stays lines of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from function.results.escaping import escape_block
from function.results.list_items import BULLET, ListItem, list_items

#: East Asian text has no space behind them, and wide brackets.
_NUMBERED = re.compile(r"^([0-9]{1,9})([.)]\s+|）\s*|[.)](?=[^\W\d_a-zA-Z]|[【「《（“]))")
#: Two spaces before a line break keep it; unlike a backslash, they leave no mark in the text.
HARD_BREAK = "  \n"


def write_list(text: str, escape: Callable[[str], str]) -> str:
    """Write a list.

    Args:
        text: an item a line, those within others set in.
        escape: what keeps lines plain that stay lines.
    """
    items = list_items(text)
    said = [said for _, said in _parts(items)]
    plain = any(not marker for marker, _ in _parts(items))
    # lines of one paragraph are escaped as one, since a star in one and a star in the next make emphasis
    escaped = escape("\n".join(said)).split("\n") if plain else map(escape_block, said)
    return _written(items, iter(escaped))


def _parts(items: Sequence[ListItem]) -> Iterator[tuple[str, str]]:
    """The marker (empty where Markdown has none) and the text of each item, and of those within it."""
    for item, marker in zip(items, _markers(items), strict=True):
        yield marker, (BULLET if marker == "-" else _NUMBERED).sub("", item.text) if marker else item.text
        yield from _parts(item.items)


def _markers(items: Sequence[ListItem]) -> list[str]:
    """What Markdown sets before items that stand one below the other.

    A list there counts by itself: only numbers that do so too may be left to it.
    """
    if all(BULLET.match(item.text) for item in items):
        return ["-"] * len(items)
    found = [match for item in items if (match := _NUMBERED.match(item.text))]
    numbers = [int(match[1]) for match in found]
    signs = {")" if match[2].strip() in (")", "）") else "." for match in found}
    if len(found) < len(items) or len(signs) > 1 or numbers != list(range(numbers[0], numbers[0] + len(items))):
        return [""] * len(items)
    return [f"{match[1]}{sign}" for match in found for sign in signs]


def _written(items: Sequence[ListItem], texts: Iterator[str]) -> str:
    """Items and what stands within them, each line as far in as Markdown has what belongs to an item."""
    written = ""
    markers = _markers(items)
    for at, (item, marker) in enumerate(zip(items, markers, strict=True)):
        if written:
            written += "\n" if marker else "\n\n" if items[at - 1].items else HARD_BREAK
        start = f"{marker} " if marker else ""
        written += start + next(texts)
        if item.items:
            within = _step_in(item.items) + _written(item.items, texts)
            written += within.replace("\n", "\n" + " " * len(start))
    return re.sub(r"\n +(?=\n)", "\n", written)


def _step_in(items: Sequence[ListItem]) -> str:
    """What parts items from the text that they stand within: a list that begins with 2 cannot follow at once."""
    marker = _markers(items)[0]
    if not marker:
        return HARD_BREAK
    return "\n" if marker in ("-", "1.", "1)") else "\n\n"
