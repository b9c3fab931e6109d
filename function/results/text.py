"""Writes a result as plain running text: no markup, nothing escaped, pages separated by a form feed."""

from __future__ import annotations

from collections.abc import Sequence

from function.results.model import Block, PageResult

#: What text viewers, printers and most tools take as the end of a page (ASCII FF).
PAGE_BREAK = "\f"


def page_text(blocks: Sequence[Block]) -> str:
    """Write a page: its blocks in order, a blank line between two; a table's cells separated by tabs.

    Args:
        blocks: in reading order; what each says is its `text`.

    Returns:
        The text, without a line break at its end.
    """
    return "\n\n".join(text for text in (block.text.strip("\n") for block in blocks) if text.strip())


def document_text(pages: Sequence[PageResult]) -> str:
    """Write all pages, a form feed between two; a page that failed is an empty one, so that numbers still count.

    Args:
        pages: in order.

    Returns:
        The text, ending with a line break unless it is empty.
    """
    text = PAGE_BREAK.join(page_text(page.blocks) for page in pages)
    return f"{text}\n" if text else ""
