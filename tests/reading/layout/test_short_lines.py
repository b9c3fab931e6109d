"""Lines of addresses keep their breaks where nothing else in their column tells how wide it is."""

from __future__ import annotations

import pytest

from function.page import ReadLine
from function.reading.layout import arrange
from tests.typesetting import column, line, prose

#: What stands beside them.
BESIDE = column(["The owls of this wood", *prose(12, 50)], 420, 211, step=31)


def _texts(lines: list[ReadLine]) -> list[str]:
    return [block.text for block in arrange(lines, width=1000, height=1400)]


@pytest.mark.parametrize(
    "texts",
    [
        ["jane@example.org", "+44 20 7946 0000", "London"],
        ["English (native)", "German (fluent)"],
        ["12 Mill Lane", "Oxford OX1 2AB", "anna@example.org"],
        ["Jonas Albrecht-Sommer", "born 14.02.1979, male", "Patient no. 88-1204"],
    ],
)
def test_short_lines_beside_text_keep_their_breaks(texts: list[str]) -> None:
    """They could have gone on to what stands beside them."""
    assert "\n".join(texts) in _texts([*column(texts, 60, 200), *BESIDE])


def test_an_address_at_the_right_keeps_its_lines() -> None:
    """Although some of them end where the page's text does."""
    texts = ["City Library", "Attn. Mr. John Smith", "4 Market Square", "Cambridge CB2 1TN"]

    assert "\n".join(texts) in _texts([*column(texts, 700, 200), *column(prose(6, 84), 60, 400)])


def test_lines_of_a_narrow_column_run_on() -> None:
    """They are as long as their column, or do not all begin as names do."""
    text = ["The bridges of the", "Danube were built by", "Englishmen and one", "of them still stands"]

    assert " ".join(text) in _texts([*column(text, 60, 200), *BESIDE])


def test_capitals_are_no_names_where_everything_is_in_capitals() -> None:
    """A caption runs on."""
    text = ["ROOFS OF", "DUBROVNIK", "THAT WERE", "REBUILT IN 1995"]

    assert "ROOFS OF DUBROVNIK THAT WERE REBUILT IN 1995" in _texts([*column(text, 60, 200), *BESIDE])


def test_lines_set_flush_right_keep_their_breaks() -> None:
    """A letterhead's lines end below each other and begin wherever they do."""
    texts = ["Acme Tools and Machines Ltd", "12 Mill Lane", "Bath BA1 2AB", "Tel. 01225 496000"]
    head = [line(text, 940 - 10 * len(text), 200 + 26 * at) for at, text in enumerate(texts)]

    blocks = arrange([*head, *column(prose(5, 80), 60, 400)], width=1000, height=1400)

    assert blocks[0].text == "\n".join(texts)


def test_entries_of_an_index_keep_their_lines_from_column_to_column() -> None:
    """Each ends with a number, and none goes on."""
    entries = [f"{word}, {3 * at}" for at, word in enumerate(("apple", "banana", "cherry", "date", "elder", "fig") * 2)]

    lines = [*column(entries[:6], 60, 200), *column(entries[6:], 400, 200), *column(prose(4, 80), 60, 500)]

    text = "\n".join(block.text for block in arrange(lines, width=1000, height=1400))
    assert text.startswith("\n".join(entries))


def test_what_a_label_says_goes_on_set_in_and_the_next_label_begins_a_line() -> None:
    """Also where the second line begins with a number."""
    texts = ["Date: 4 March 2024", "Present: Anna Berger, John Smith, Jane Doe, and for item", "Absent: none"]
    lines = [
        line(texts[0], 60, 200),
        line(texts[1], 60, 226),
        line("3 also the architect, Ms Maria Rossi", 170, 252),
        line(texts[2], 60, 278),
        *column(prose(6, 56), 60, 380),
    ]

    [said, _] = _texts(lines)

    assert said == f"{texts[0]}\n{texts[1]} 3 also the architect, Ms Maria Rossi\n{texts[2]}"
