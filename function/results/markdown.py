"""Writes a result as GitHub-flavoured Markdown that says what the page says and means nothing more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from function.results.escaping import (
    escape_block,
    escape_block_with_math,
    escape_cell,
    escape_inline,
    harmless_math,
)
from function.results.markdown_lists import HARD_BREAK, write_list
from function.results.model import Block, PageResult

#: Between the pages of a document.
PARTED_BY = "\n\n"


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
    return HARD_BREAK.join(line for line in lines if line)


def _heading(block: Block) -> str:
    level = block.level or (1 if block.type == "title" else 2)
    text = escape_inline(" ".join(block.text.split()))
    if re.search(r"(^|\s)#+$", text):  # closing hashes would be taken for decoration
        text = re.sub(r"#(?=#*$)", r"\\#", text, count=1)
    return f"{'#' * level} {text}"


def _list(block: Block) -> str:
    return write_list(block.text, escape_block_with_math if block.label else escape_block)


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
