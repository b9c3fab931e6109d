"""From the order on the paper to the order in which it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.reading.text_layer.bidi import is_right_to_left, logical


@pytest.mark.parametrize(
    ("paper", "read"),
    [
        ("plain text (1)", "plain text (1)"),
        ("גבא", "אבג"),
        ("גבא abc דה", "הד abc אבג"),
        ("גבא 12.50 דה", "הד 12.50 אבג"),
        ("34 12 גבא", "אבג 12 34"),
        ("(גבא) דה", "הד (אבג)"),
        ("see גבא דה here", "see הד אבג here"),
        ("2 abc 1 גבאדה", "הדאבג 2 abc 1"),
    ],
)
def test_lines_are_read_in_order(paper: str, read: str) -> None:
    """Words from the right are turned around, Latin words and numbers within them are not."""
    assert logical(list(paper)) == read


def test_the_text_around_decides_where_a_line_starts() -> None:
    """A line of mostly Latin words in an Arabic page still starts at the right."""
    assert logical(list("Python 3.11 גבא"), from_right=True) == "אבג Python 3.11"
    assert logical(list("Python 3.11 גבא")) == "Python 3.11 אבג"


@given(st.text("abc אבג12.,()- "))
def test_no_character_is_lost(paper: str) -> None:
    """Brackets may be mirrored; all else is only moved."""
    mirrored = str.maketrans("()", "((")

    assert sorted(logical(list(paper)).translate(mirrored)) == sorted(paper.translate(mirrored))


@pytest.mark.parametrize(
    ("text", "expected"), [("abc", False), ("12", False), ("a ש", True), ("سلام", True), ("中文", False)]
)
def test_scripts_from_the_right_are_known(text: str, expected: bool) -> None:
    """One letter is enough."""
    assert is_right_to_left(text) is expected
