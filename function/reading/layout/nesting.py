"""Puts the items of a list together, and those set in within the item that they stand below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

#: Items of one level begin at the same place, but for less than this (longer numbers begin further left) or, where
#: they are counted in another way, than this; those within another one are set in by more, but not by more than this.
#: In line heights.
_INDENT, _INDENT_OF_OTHERS, _DEEPEST_INDENT = 0.8, 0.3, 6.0
#: Markers that count nothing, and may be a footnote's.
_UNCOUNTED = frozenset(("bullet", "dash"))


@dataclass(frozen=True, slots=True)
class Mark:
    """Where and how an item begins.

    Attributes:
        kind: of its marker.
        x, y: of its first line, in pixels.
        size: of its first line, in pixels.
        heading: its level, were it a heading by its looks; None for text.
    """

    kind: str
    x: float
    y: float
    size: float
    heading: int | None


def group_items(paragraphs: Sequence[Item], mark_of: Callable[[Item], Mark | None]) -> list[list[tuple[int, Item]]]:
    """Put items of one list together; everything else stays alone.

    Args:
        paragraphs: in reading order.
        mark_of: where and how one begins, None for what is no item.

    Returns:
        Groups of items, each with the number of items that it stands within.
    """
    groups: list[list[tuple[int, Item]]] = []
    around: list[Mark] = []
    for paragraph in paragraphs:
        mark = mark_of(paragraph)
        depth = _depth(around, mark) if mark else None
        around = [*around[:depth], mark] if mark and depth is not None else [mark] if mark else []
        if depth is None:
            groups.append([(0, paragraph)])
        else:
            groups[-1].append((depth, paragraph))
    return groups


def _depth(around: Sequence[Mark], mark: Mark) -> int | None:
    """How many items an item stands within; None where it begins a list.

    Args:
        around: the item before it, and those that this one stands within, the outermost first.
        mark: of the item.
    """
    if not around:
        return None
    last = around[-1]
    level = [depth for depth, other in enumerate(around) if abs(mark.x - other.x) <= _indent(other, mark)]
    if mark.y > last.y and level and (level[-1] or _alike(around[0], mark)):
        return level[-1]
    inside = _indent(last, mark) < mark.x - last.x <= _DEEPEST_INDENT * mark.size
    if mark.y > last.y and inside and last.heading is None and mark.heading is None:
        return len(around)
    return next((depth for depth in reversed(range(len(around))) if _alike(around[depth], mark)), None)


def _indent(one: Mark, other: Mark) -> float:
    return other.size * (_INDENT if one.kind == other.kind or other.kind in _UNCOUNTED else _INDENT_OF_OTHERS)


def _alike(one: Mark, other: Mark) -> bool:
    return one.kind == other.kind and one.heading == other.heading
