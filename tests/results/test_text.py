"""Plain text is plain: nothing escaped, tables by tabs, pages by form feeds."""

from __future__ import annotations

from function.results.model import Block, PageResult
from function.results.text import document_text, page_text


def _block(text: str) -> Block:
    return Block("paragraph", [0.0, 0.0, 1.0, 1.0], text, 1.0, [])


def _page(number: int, *texts: str) -> PageResult:
    return PageResult(number, 10, 10, None, "fast", "", 0, [_block(text) for text in texts], "")


def test_blocks_are_parted_by_a_blank_line_and_nothing_is_escaped() -> None:
    """What stands on the page stands in the text."""
    assert page_text([_block("# 1 *"), _block("a\tb\nc\td"), _block(" ")]) == "# 1 *\n\na\tb\nc\td"


def test_pages_are_parted_by_a_form_feed_even_where_one_is_empty() -> None:
    """The number of form feeds tells the page."""
    assert document_text([_page(1, "one"), _page(2), _page(3, "three")]) == "one\f\fthree\n"
    assert document_text([]) == ""
