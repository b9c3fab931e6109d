"""Markdown says what the page says: structure as structure, everything else as plain text."""

from __future__ import annotations

import pytest

from function.results.markdown import document_markdown, page_markdown
from function.results.model import Block, BlockType, PageError, PageResult


def _block(kind: BlockType, text: str, *, level: int | None = None, rows: list[list[str]] | None = None) -> Block:
    return Block(kind, [0.0, 0.0, 1.0, 1.0], text, 1.0, [], level, rows)


def _written(kind: BlockType, text: str, **more: int) -> str:
    return page_markdown([_block(kind, text, **more)])


def _page(number: int, markdown: str, error: PageError | None = None) -> PageResult:
    return PageResult(number, 10, 10, None, "fast", "", 0, [], markdown, error)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# not a heading", "\\# not a heading"),
        ("- not an item", "\\- not an item"),
        ("+ not an item", "\\+ not an item"),
        ("1. not an item", "1\\. not an item"),
        ("2) not an item", "2\\) not an item"),
        ("> no quote", "\\> no quote"),
        ("---", "\\---"),
        ("*no* emphasis", "\\*no\\* emphasis"),
        ("_no_ emphasis", "\\_no\\_ emphasis"),
        ("`no` code", "\\`no\\` code"),
        ("~~kept~~", "\\~\\~kept\\~\\~"),
        ("<b>no tag", "\\<b>no tag"),
        ("&amp; said", "\\&amp; said"),
        ("[no](link)", "[no\\](link)"),
        ("a \\* b", "a \\\\* b"),
    ],
)
def test_text_that_looks_like_markup_stays_text(text: str, written: str) -> None:
    """What would change the meaning is escaped."""
    assert _written("paragraph", text) == written


@pytest.mark.parametrize(
    "text",
    [
        "snake_case and a single * star",
        "C# and F# are languages; item #4",
        "3 < 4 and AT&T, R&D",
        "- in the middle - of a line"[2:],
        "2024 was a year. 7 of 9",
        "array[0] and [sic]",
        "C:\\Users\\me",
        "a|b",
        "~5 minutes",
        "你好，世界。",
        "it's 5 o'clock -- late",
    ],
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    """No backslash where none is needed."""
    assert _written("paragraph", text) == text


def test_every_line_of_a_paragraph_is_kept_and_escaped() -> None:
    """Line breaks that were meant stay, without a mark of their own."""
    assert _written("paragraph", "first\n# second\n- third") == "first  \n\\# second  \n\\- third"


def test_a_paragraph_does_not_become_a_table() -> None:
    """Pipes matter only above a delimiter row."""
    assert "|" not in _written("paragraph", "a | b\n--- | ---").replace("\\|", "").replace("a | b", "")


def test_headings_carry_their_level_on_one_line() -> None:
    """A title is level one unless told otherwise; closing hashes are text."""
    assert _written("title", "A\ntitle") == "# A title"
    assert _written("heading", "Part", level=3) == "### Part"
    assert _written("heading", "Learn C #", level=2) == "## Learn C \\#"


def test_lists_are_markdown_lists() -> None:
    """Every bullet becomes a dash; numbers stay while they count up."""
    assert _written("list", "• one\n▪ two\n- three") == "- one\n- two\n- three"
    assert _written("list", "•one\n• two") == "- one\n- two"
    assert _written("list", "3. three\n4. four") == "3. three\n4. four"
    assert _written("list", "1）甲\n2）乙") == "1) 甲\n2) 乙"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("• a\n  • b\n    1. c\n    2. d\n• e", "- a\n  - b\n    1. c\n    2. d\n- e"),
        ("1. a\n  • b\n10. c", "1\\. a\n- b\n\n10\\. c"),
        ("9. a\n  • b\n10. c\n  • d", "9. a\n   - b\n10. c\n    - d"),
        ("1. a\n  a. b\n  b. c\n2. d", "1. a  \n   a. b  \n   b. c\n2. d"),
        ("1. a\n  (a) b\n    • c\n  (b) d", "1. a  \n   (a) b\n   - c\n\n   (b) d"),
        ("• a\n  3. b\n  4. c", "- a\n\n  3. b\n  4. c"),
        ("1. *a\n  a. *b", "1. \\*a  \n   a. \\*b"),
    ],
)
def test_lists_within_lists_are_set_in_below_the_text_of_their_item(text: str, written: str) -> None:
    """As CommonMark wants it; what it has no marker for keeps a line of its own within the item."""
    assert _written("list", text) == written


def test_lists_of_any_depth_are_written() -> None:
    """An engine may say what it likes."""
    assert "item 4999" in _written("list", "\n".join(f"{' ' * at}- item {at}" for at in range(5000)))


def test_numbers_that_markdown_would_change_stay_text() -> None:
    """A list that counts by itself would renumber 1, 3; East Asian numbering is none of its kinds."""
    assert _written("list", "1. one\n3. three") == "1\\. one  \n3\\. three"
    assert "1.5 m" in _written("list", "1.5 m\n2.5 m")
    assert _written("list", "一、甲\n二、乙") == "一、甲  \n二、乙"


def test_tables_keep_empty_cells_and_escape_pipes() -> None:
    """Every row has as many cells as the head; a cell is always one line."""
    block = _block("table", "", rows=[["a|b", "", "c\nd"], ["", "1", "*x*"]])

    assert page_markdown([block]) == "| a\\|b |  | c d |\n| --- | --- | --- |\n|  | 1 | \\*x\\* |"


def test_code_is_fenced_by_more_ticks_than_it_holds() -> None:
    """Nothing inside ends it."""
    assert _written("code", "a = '```'") == "````\na = '```'\n````"


def test_formulas_stand_between_dollars_once() -> None:
    """An engine that already wrote them is not doubled."""
    assert _written("formula", "x^2") == "$$\nx^2\n$$"
    assert _written("formula", "$$x^2$$") == "$$\nx^2\n$$"


def test_pages_follow_each_other_and_a_lost_page_says_so() -> None:
    """A page that failed is told in a comment, in its place."""
    lost = _page(2, "", PageError("t", "Out --> of time", "d", "r"))

    text = document_markdown([_page(1, "one"), lost, _page(3, ""), _page(4, "four\n")])

    assert text == "one\n\n<!-- page 2: Out - -  of time -->\n\nfour\n"
    assert document_markdown([]) == ""
