"""HTML of tables from models: nothing harmful comes through, nothing said is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.results.table_html import MAX_CELLS, read_table


def test_a_plain_table_is_rows() -> None:
    """Every row equally long, blanks made even."""
    table = read_table("<table><tr><th> a </th><th>b\n c</th></tr><tr><td>1</td></tr></table>")

    assert table.rows == [["a", "b c"], ["1", ""]]
    assert not table.spans


def test_spans_keep_their_place_in_the_grid() -> None:
    """A cell stands where it begins; what it covers is empty."""
    table = read_table(
        '<table><tr><td rowspan="2">a</td><td colspan=2>b</td></tr><tr><td>c</td><td>d</td></tr></table>'
    )

    assert table.rows == [["a", "b", ""], ["", "c", "d"]]
    assert table.spans
    assert 'rowspan="2"' in table.html
    assert 'colspan="2"' in table.html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)">x</a>',
        '<img src="https://elsewhere.example/pixel.png">',
        '<td onclick="alert(1)">',
        '<td style="position:fixed">',
        "<svg/onload=alert(1)>",
        "<iframe src=//elsewhere.example></iframe>",
        "<!-- <script> -->",
    ],
)
def test_what_is_printed_on_a_page_is_text_never_code(evil: str) -> None:
    """Whatever a document says, its result can be shown in a page."""
    html = read_table(f"<table><tr><td>before {evil} after</td></tr></table>").html

    assert "alert" not in html.replace("&lt;", "")
    assert "elsewhere" not in html
    assert "on" not in [part.split("=")[0] for part in html.split()]


def test_the_results_own_pictures_stay() -> None:
    """By name; the rows cannot hold them, so the HTML counts."""
    table = read_table(
        '<table><tr><td>a<img src="page-1-table-figure-1.jpg"></td></tr></table>', {"page-1-table-figure-1.jpg"}
    )

    assert '<img src="page-1-table-figure-1.jpg" alt="">' in table.html
    assert table.spans


def test_what_was_cut_in_the_middle_is_closed() -> None:
    """A table that reached the limit of tokens is still a table."""
    table = read_table("<table><tr><td>a</td><td>b<sub>2")

    assert table.html == "<table><tr><td>a</td><td>b<sub>2</sub></td></tr></table>"
    assert table.rows == [["a", "b2"]]


def test_a_lying_span_takes_no_memory() -> None:
    """Millions of columns and rows are claimed; the grid stays small."""
    cell = '<td colspan="9999999" rowspan="9999999">x</td>'
    table = read_table(f"<table><tr>{cell * 50}</tr></table>")

    assert sum(map(len, table.rows)) < MAX_CELLS


@given(st.text(alphabet=st.sampled_from("<>/=\"' tdrable&;x1ovseconpag\n"), max_size=200))
def test_any_text_reads_as_some_table(source: str) -> None:
    """Without an exception, and all rows equally long."""
    table = read_table(source)

    assert len({len(row) for row in table.rows}) <= 1
    assert read_table(table.html).html == table.html
