"""Steps over a whole document: tables that go on on the next page, and the levels of headings.

PaddleOCR offers the same as `restructure_pages`, on its own results and with its packages installed; here it is done on
ours, because whoever joins the parts of a split document has no engine. Levels are given to what an accurate engine
arranged alone: its headings come without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import structs

from function.results.markdown import page_markdown
from function.results.model import Block, PageResult

#: What may stand between the two halves of a table.
_FURNITURE = ("header", "footer", "page_number", "footnote")
#: A heading's number, as `2`, `2.1` or `2.1.3`, and what follows it.
_NUMBERED = re.compile(r"^(\d{1,3}(?:\.\d{1,3}){0,4})[.)]?\s+\S")
_DEEPEST = 6
#: Tables of no more columns need more than those to be taken for one.
_FEW_COLUMNS = 2


def restructured(pages: Sequence[PageResult]) -> list[PageResult]:
    """Join tables and level headings; pages without either are the same objects.

    Args:
        pages: all of a document, in order.

    Returns:
        As many pages. A table that went on stands whole where it began, and the page where it ended says so.
    """
    blocks = [list(page.blocks) for page in pages]
    warnings: list[list[str]] = [list(page.warnings or []) for page in pages]
    for last, (earlier, later) in reversed(list(enumerate(pairwise(range(len(pages)))))):
        if pages[later].number == pages[earlier].number + 1 and _join(blocks[earlier], blocks[later]):
            warnings[last + 1].append(
                f"the table that begins on page {pages[earlier].number} ends here, and stands there"
            )
    _level(blocks)
    return list(map(_changed, pages, blocks, warnings))


def _changed(page: PageResult, blocks: list[Block], warnings: list[str]) -> PageResult:
    if blocks == page.blocks:
        return page
    return structs.replace(page, blocks=blocks, markdown=page_markdown(blocks), warnings=warnings or None)


def _join(earlier: list[Block], later: list[Block]) -> bool:
    """Move the first table of a page to the end of the last one of the page before, where they are one."""
    begun, going_on = _edge(reversed(range(len(earlier))), earlier), _edge(iter(range(len(later))), later)
    if begun is None or going_on is None:
        return False
    first, second = earlier[begun], later[going_on]
    if not _are_one(first, second):
        return False
    earlier[begun] = _whole(first, second)
    del later[going_on]
    return True


def _edge(order: Iterator[int], blocks: list[Block]) -> int | None:
    """The first table from one end of a page; None where something else stands there."""
    for index in order:
        if blocks[index].type == "table":
            return index
        if blocks[index].type not in _FURNITURE:
            return None
    return None


def _are_one(first: Block, second: Block) -> bool:
    """Whether both have as many columns; of two, which lines that are no table have, the head is to be repeated."""
    width = _width(first)
    sure = (first.label and second.label) or width > _FEW_COLUMNS or _repeated(first, second) > 0
    return bool(sure) and width == _width(second)


def _repeated(first: Block, second: Block) -> int:
    """How many rows of the second repeat the head of the first: one or none."""
    above, below = first.text.split("\n"), second.text.split("\n")
    return 1 if len(below) > 1 and above[0] == below[0] and below[0].strip() else 0


def _width(table: Block) -> int:
    return max((line.count("\t") + 1 for line in table.text.split("\n")), default=0)


def _whole(first: Block, second: Block) -> Block:
    """Both as one; a head that is repeated counts once."""
    above, below = first.text.split("\n"), second.text.split("\n")
    repeated = _repeated(first, second)
    rows = None
    if first.rows is not None and second.rows is not None:
        rows = [*first.rows, *second.rows[repeated:]]
    html = None
    if first.html is not None and second.html is not None:
        html = _inner(first.html, 0) + _inner(second.html, repeated)
        html = f"<table>{html}</table>"
    return structs.replace(first, text="\n".join([*above, *below[repeated:]]), rows=rows, html=html)


def _inner(html: str, skip: int) -> str:
    """The rows of a table that `results/table_html.py` wrote, without the first ones."""
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
    return "".join(rows[skip:])


def _level(pages: list[list[Block]]) -> None:
    """Numbered headings by their numbers; the others keep what they have."""
    for blocks in pages:
        for index, block in enumerate(blocks):
            if block.type == "heading" and block.label and (found := _NUMBERED.match(block.text)):
                depth = found[1].rstrip(".").count(".") + 2  # the title alone is of the first level
                blocks[index] = structs.replace(block, level=min(depth, _DEEPEST))
