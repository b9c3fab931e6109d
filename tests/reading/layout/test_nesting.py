"""Lists within lists: by how far their items are set in."""

from __future__ import annotations

import pytest

from function.page import ReadLine
from function.reading.layout import arrange
from function.results.model import Block
from tests.typesetting import column, line, prose


def _blocks(lines: list[ReadLine]) -> list[Block]:
    return arrange(lines, width=1000, height=1400)


def _steps(*items: tuple[int, str]) -> list[ReadLine]:
    """Items one below the other, each set in by so many steps."""
    return [line(text, 60 + 40 * depth, 200 + 26 * at) for at, (depth, text) in enumerate(items)]


@pytest.mark.parametrize("inner", [("•", "•"), ("a.", "b."), ("(a)", "(b)"), ("1.", "2."), ("–", "–")])
@pytest.mark.parametrize("outer", [("•", "•"), ("1.", "2.")])
def test_items_set_in_stand_within_the_item_above(outer: tuple[str, str], inner: tuple[str, str]) -> None:
    """One list, whatever the markers: what comes after them goes on where it stands."""
    (block,) = _blocks(
        _steps(
            (0, f"{outer[0]} Kitchen"), (1, f"{inner[0]} Wash up"), (1, f"{inner[1]} Sweep"), (0, f"{outer[1]} Yard")
        )
    )

    assert block.type == "list"
    assert block.text == f"{outer[0]} Kitchen\n  {inner[0]} Wash up\n  {inner[1]} Sweep\n{outer[1]} Yard"


def test_lists_are_nested_as_deep_as_their_items_stand() -> None:
    """And come back out over several levels at once."""
    (block,) = _blocks(_steps((0, "• One"), (1, "• Two"), (2, "• Three"), (2, "• Four"), (0, "• Five")))

    assert block.text.split("\n") == ["• One", "  • Two", "    • Three", "    • Four", "• Five"]


def test_further_lines_of_an_item_set_in_stay_with_it() -> None:
    """They begin below its text, which is further in than any marker."""
    lines = _steps((0, "• Kitchen"), (1, "• Label whatever you put into the fridge"), (0, "• Yard"))
    lines = [*lines[:2], line("with your name", 120, 252), line("• Yard", 60, 278)]

    (block,) = _blocks(lines)

    assert block.text.split("\n") == [
        "• Kitchen",
        "  • Label whatever you put into the fridge with your name",
        "• Yard",
    ]


def test_a_little_unevenness_nests_nothing() -> None:
    """Longer numbers begin further left, and boxes are not exact."""
    texts = [f"{number}. Something" for number in range(8, 12)]
    lines = [line(text, 60 if len(text) > 12 else 70, 200 + 26 * at) for at, text in enumerate(texts)]

    (block,) = _blocks(lines)

    assert block.text.split("\n") == texts


def test_lists_of_different_kinds_below_each_other_are_two() -> None:
    """Nothing is set in."""
    blocks = _blocks(_steps((0, "• One."), (0, "• Two."), (0, "1. First"), (0, "2. Second")))

    assert [block.text for block in blocks] == ["• One.\n• Two.", "1. First\n2. Second"]


def test_a_heading_with_a_number_is_no_item() -> None:
    """Even where a list set in follows it, or one that counts as it does."""
    heading = line("2. Duties", 60, 300, size=34)
    inner = [line("1. Pay", 100, 350), line("2. Wait", 100, 376)]

    blocks = _blocks([*column(prose(3), 60, 200), heading, *inner, *column(prose(4, seed=4), 60, 430)])

    assert [block.type for block in blocks] == ["paragraph", "heading", "list", "paragraph"]
