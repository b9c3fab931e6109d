"""The layout's own story: lines become blocks in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from function.page import Box, ReadLine
from function.results.model import Block, Line


def arrange(lines: Sequence[ReadLine], *, width: int, height: int, rulings: Sequence[Box] = ()) -> list[Block]:
    """Arrange a page's lines into blocks in reading order; pure and deterministic, nothing is dropped.

    Args:
        lines: in any order, in page pixels.
        width: of the page, in pixels.
        height: of the page, in pixels.
        rulings: ruled lines, as `find_rulings` gives them.

    Returns:
        Blocks in reading order.
    """
    ordered = sorted(lines, key=lambda line: (line.box[1] + line.box[3], line.box[0]))
    del width, height, rulings
    return [Block("paragraph", list(line.box), line.text, line.confidence, [_line(line)]) for line in ordered]


def _line(line: ReadLine) -> Line:
    return Line(list(line.box), line.text, line.confidence)
