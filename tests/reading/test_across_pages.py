"""Tables that go on on the next page become one; headings get their levels; everything else stays as it was."""

from __future__ import annotations

import pytest

from function.reading.across_pages import restructured
from function.results.markdown import page_markdown
from function.results.model import Block, BlockType, PageResult


def _block(kind: BlockType, text: str, label: str = "x", rows: list[list[str]] | None = None) -> Block:
    return Block(type=kind, bbox=[0, 0, 9, 9], text=text, confidence=1, lines=[], rows=rows, label=label)


def _table(*rows: list[str]) -> Block:
    return _block("table", "\n".join("\t".join(row) for row in rows), "table", list(rows))


def _page(number: int, *blocks: Block) -> PageResult:
    return PageResult(number, 9, 9, None, "accurate", "", 0, list(blocks), page_markdown(blocks))


def test_a_table_over_three_pages_stands_whole_on_the_first() -> None:
    """Its head, repeated on each page, counts once; headers and footers between do not part it."""
    first = _page(1, _block("paragraph", "before"), _table(["n", "x"], ["1", "a"]), _block("footer", "1"))
    second = _page(2, _block("header", "h"), _table(["n", "x"], ["2", "b"]))
    third = _page(3, _table(["3", "c"]), _block("paragraph", "after"))

    one, two, three = restructured([first, second, third])

    assert one.blocks[1].rows == [["n", "x"], ["1", "a"], ["2", "b"], ["3", "c"]]
    assert "| 3 | c |" in one.markdown
    assert [block.type for block in two.blocks] == ["header"]
    assert three.markdown == "after"
    assert "page 1" in (two.warnings or [""])[0]
    assert "page 2" in (three.warnings or [""])[0]


def test_tables_that_are_not_one_stay_apart() -> None:
    """Of another width, with text between, on pages that are not neighbours, or not surely tables."""
    table = _table(["1", "a"])
    plain = _block("table", "1\ta", "", [["1", "a"]])
    for pages in (
        [_page(1, table), _page(2, _table(["1", "a", "b"]))],
        [_page(1, table), _page(2, _block("paragraph", "text"), table)],
        [_page(1, table), _page(3, table)],
        [_page(1, plain), _page(2, plain)],
    ):
        assert restructured(pages) == pages


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ([["n", "x"], ["1", "a"]], [["n", "x"], ["2", "b"]], [["n", "x"], ["1", "a"], ["2", "b"]]),
        ([["1", "a", "p"]], [["2", "b", "q"]], [["1", "a", "p"], ["2", "b", "q"]]),
    ],
    ids=["the head is repeated", "three columns"],
)
def test_tables_that_no_accurate_engine_read_are_joined_too(
    first: list[list[str]], second: list[list[str]], whole: list[list[str]]
) -> None:
    """Those of the text layer and of the fast engine."""
    pages = [
        _page(at, _block("table", "\n".join("\t".join(row) for row in rows), "", rows))
        for at, rows in enumerate((first, second), 1)
    ]

    one, two = restructured(pages)

    assert one.blocks[0].rows == whole
    assert two.blocks == []


def test_numbered_headings_are_levelled_by_their_numbers() -> None:
    """Below the title, which alone is of the first level."""
    page = _page(1, *(_block("heading", text) for text in ("1 One", "1.2 Two", "1.2.3. Three", "Four", "2024")))

    (found,) = restructured([page])

    assert [block.level for block in found.blocks] == [2, 3, 4, None, None]


def test_html_tables_are_joined_too() -> None:
    """Where spans are, rows cannot tell."""
    html = '<table><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c</td></tr></table>'
    first, second = (
        _page(
            n,
            Block(type="table", bbox=[0, 0, 1, 1], text="a\tb\n\tc", confidence=1, lines=[], html=html, label="table"),
        )
        for n in (1, 2)
    )

    one, two = restructured([first, second])

    assert one.blocks[0].html.count("<tr>") == 3
    assert two.blocks == []
