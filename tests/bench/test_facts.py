from __future__ import annotations

from typing import Any

import pytest

from bench.accuracy.facts import judge

_PAGE = "The “Harbour” report\nof 1864, by A. Smith.\nIt was delivered at noon."
_TABLE = [["Name", "2023", "2024"], ["Tea", "10", "12"], ["Coffee", "20", "25"]]


def _holds(fact: dict[str, Any], page: str = _PAGE) -> bool:
    return judge([fact], [page], [_TABLE]).passed == 1


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({"type": "present", "text": 'The "Harbour" report of 1864'}, True),
        ({"type": "present", "text": "the harbour"}, False),
        ({"type": "present", "text": 'THE "HARBOUR"', "case_sensitive": False}, True),
        ({"type": "present", "text": "It was deliwered at noom.", "max_diffs": 2}, True),
        ({"type": "present", "text": "It was deliwered at noom.", "max_diffs": 1}, False),
        ({"type": "present", "text": "noon", "first_n": 20}, False),
        ({"type": "present", "text": "noon", "last_n": 20}, True),
        ({"type": "absent", "text": "noon"}, False),
        ({"type": "absent", "text": "midnight"}, True),
        ({"type": "order", "before": "A. Smith", "after": "noon"}, True),
        ({"type": "order", "before": "noon", "after": "A. Smith"}, False),
        ({"type": "order", "before": "A. Smith", "after": "midnight"}, False),
        (
            {"type": "table", "cell": "12", "left": "10", "up": "2024", "top_heading": "2024", "left_heading": "Tea"},
            True,
        ),
        ({"type": "table", "cell": "12", "down": "25", "right": ""}, True),
        ({"type": "table", "cell": "12", "left": "Tea"}, False),
    ],
)
def test_a_statement_is_judged_by_its_type(fact: dict[str, Any], expected: bool) -> None:
    """Present, absent, order and table statements, with their tolerance and their limits."""
    assert _holds(fact) is expected


def test_formulas_are_compared_as_strings_without_their_layout() -> None:
    r"""Spaces, \left and \right are layout."""
    fact = {"type": "math", "math": r"\left( a ^ 2 \right) + b"}

    assert _holds(fact, r"so $(a^2) +b$ is")
    assert not _holds(fact, r"so $(a^3) +b$ is")


def test_statements_look_at_their_own_page_and_unknown_types_are_not_judged() -> None:
    """A statement names its page; what cannot be judged is neither passed nor failed."""
    facts = [
        {"type": "present", "text": "second", "page": 2},
        {"type": "present", "text": "second", "page": 3, "id": "beyond"},
        {"type": "rotation", "text": "second"},
    ]

    found = judge(facts, ["first", "second"], [])

    assert (found.passed, found.judged, found.failed) == (1, 2, ("beyond",))
