"""Writes a result as GitHub-flavoured Markdown that says what the page says and means nothing more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from function.results.escaping import (
    escape_block,
    escape_block_with_math,
    escape_cell,
    escape_inline,
    escape_line_start,
    harmless_math,
)
from function.results.model import Block, PageResult

#: Bullets that pages use, all written as `-`.
_BULLET = re.compile(r"^[-–—−•●◦○▪■□◆◇▶►➢➤✓✔✗·∙‣⁃*+]\s+")
#: East Asian text has no space behind them, and wide brackets.
_NUMBERED = re.compile(r"^([0-9]{1,9})([.)]\s+|）\s*|[.)](?=[^\W\d_a-zA-Z]|[【「《（“]))")
#: Between the pages of a document.
PARTED_BY = "\n\n"
#: Two spaces before a line break keep it; unlike a backslash, they leave no mark in the text.
_HARD_BREAK = "  \n"


def page_markdown(blocks: Sequence[Block]) -> str:
    """Write a page.

    Args:
        blocks: in reading order.

    Returns:
        Markdown without a line break at its end; empty where no block says anything.
    """
    return "\n\n".join(written for written in map(_write, blocks) if written)


def document_markdown(pages: Sequence[PageResult]) -> str:
    """Write all pages, a blank line between two; a page that failed leaves a comment in its place.

    Args:
        pages: in order, their `markdown` already written.

    Returns:
        Markdown, ending with a line break unless it is empty.
    """
    text = PARTED_BY.join(filter(None, map(markdown_part, pages)))
    return f"{text}\n" if text else ""


def markdown_part(page: PageResult) -> str:
    """What a page adds to the document's Markdown; empty where it says nothing."""
    part = page.markdown if page.error is None else _lost_page(page)
    return part.strip("\n") if part.strip() else ""


def _lost_page(page: PageResult) -> str:
    reason = page.error.title if page.error else ""
    return f"<!-- page {page.number}: {reason.replace('--', '- -').replace('>', ' ')} -->"


def _write(block: Block) -> str:
    writer = _WRITERS.get(block.type, _paragraph)
    written = writer(block) if block.text.strip() or block.rows or block.html else ""
    picture = f"![{block.type}]({block.image})" if block.image else ""
    return "\n\n".join(part for part in (picture, written) if part)


def _paragraph(block: Block) -> str:
    escaped = escape_block_with_math(block.text) if block.label else escape_block(block.text)
    lines = [line.rstrip() for line in escaped.split("\n")]
    return _HARD_BREAK.join(line for line in lines if line)


def _heading(block: Block) -> str:
    level = block.level or (1 if block.type == "title" else 2)
    text = escape_inline(" ".join(block.text.split()))
    if re.search(r"(^|\s)#+$", text):  # closing hashes would be taken for decoration
        text = re.sub(r"#(?=#*$)", r"\\#", text, count=1)
    return f"{'#' * level} {text}"


def _list(block: Block) -> str:
    items = [line.strip() for line in block.text.split("\n") if line.strip()]
    if all(_BULLET.match(item) for item in items):
        return "\n".join(f"- {_item(_BULLET.sub('', item))}" for item in items)
    if _counts_up(items):
        return "\n".join(f"{_marker(item)} {_item(_NUMBERED.sub('', item))}" for item in items)
    return _paragraph(block)


def _marker(item: str) -> str:
    found = _NUMBERED.match(item)
    return f"{found[1]}{')' if found[2].strip() in (')', '）') else '.'}" if found else ""


def _item(text: str) -> str:
    return escape_line_start(escape_inline(text))


def _counts_up(items: Sequence[str]) -> bool:
    """A Markdown list counts by itself: only numbers that do so too may be left to it."""
    found = [_NUMBERED.match(item) for item in items]
    numbers = [int(match[1]) for match in found if match]
    same_sign = len({match[2].strip() for match in found if match}) == 1
    return len(numbers) == len(items) and same_sign and numbers == list(range(numbers[0], numbers[0] + len(items)))


def _table(block: Block) -> str:
    rows = [[escape_cell(cell) for cell in row] for row in block.rows or []]
    if not rows:  # an HTML block ends at the first empty line, so it is one line
        return " ".join(block.html.split()) if block.html else _paragraph(block)
    head, *body = rows
    lines = [_row(head), _row(["---"] * len(head)), *map(_row, body)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(block: Block) -> str:
    longest = max((len(run) for run in re.findall(r"`+", block.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{block.text}\n{fence}"


def _formula(block: Block) -> str:
    return f"$$\n{harmless_math(block.text)}\n$$"


_WRITERS: dict[str, Callable[[Block], str]] = {
    "title": _heading,
    "heading": _heading,
    "list": _list,
    "table": _table,
    "chart": _table,
    "code": _code,
    "formula": _formula,
}
