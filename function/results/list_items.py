"""Takes the text of a list apart: its items, and which of them stand within others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: Bullets that pages use; those that mean something else, too (boxes that are ticked), have a space behind them.
BULLET = re.compile(r"^(?:[-–—−*+◦○▪■□◆◇▶►➢➤✓✔✗·∙‣⁃]\s+|[•●]\s*)(?=\S)")
#: How far an item within another one is set in, for each level.
STEP = "  "
#: Levels beyond this are written as this one: no page has them, and what is nested is written by recursion.
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list.

    Attributes:
        text: with the marker that it begins with.
        items: that stand within it.
    """

    text: str
    items: list[ListItem] = field(default_factory=list)


def list_items(text: str) -> list[ListItem]:
    """The items of a list's text, one a line; one that is set in further than the one before it stands within it."""
    top: list[ListItem] = []
    around: list[tuple[int, list[ListItem]]] = [(-1, top)]
    for line in filter(str.strip, text.split("\n")):
        indent = len(line) - len(line.lstrip(" "))
        while indent <= around[-1][0]:
            around.pop()
        item = ListItem(line.strip())
        around[-1][1].append(item)
        if len(around) <= _DEEPEST:
            around.append((indent, item.items))
    return top
