"""Lines of poems stay lines, however wide the page's other text is."""

from __future__ import annotations

import pytest

from function.page import ReadLine
from function.reading.layout import arrange
from tests.typesetting import column, line, prose

SONG = [
    ["When evening falls upon the quay", "And all the boats are in,", "The lamps are lit along the sea"],
    ["Old Martha brings the barley bread", "And Peter brings the wine,", "The moon is climbing overhead"],
]
OWL = [
    ["The owl has left the hollow oak", "to hunt along the lane,", "a mouse is hiding in the smoke"],
    ["Tomorrow there will be no sound", "but water in the reeds,", "and leaves will cover all the ground"],
]


def _stanzas(poem: list[list[str]], x: float = 100) -> list[ReadLine]:
    return [entry for at, stanza in enumerate(poem) for entry in column(stanza, x, 200 + 120 * at)]


def _texts(lines: list[ReadLine]) -> list[str]:
    return [block.text for block in arrange(lines, width=1000, height=1400)]


@pytest.mark.parametrize("poem", [SONG, OWL], ids=["capitals", "no capitals"])
def test_verses_keep_their_lines_on_a_page_of_their_own(poem: list[list[str]]) -> None:
    """Nothing but the page itself is wider than they are."""
    assert _texts([line("A song", 100, 100, size=40), *_stanzas(poem)])[1:] == ["\n".join(stanza) for stanza in poem]


def test_verses_that_fill_their_column_keep_their_lines() -> None:
    """Each begins with a capital, and most end with a pause, where no sentence does."""
    verses = ["Snow is melting on the hill,", "Water finds the wheel again,", "Nothing in the wood is still,"]
    verses.append("Thrushes answer to the wren.")

    lines = [line(text, 320 - 5 * len(text), 200 + 26 * at) for at, text in enumerate(verses)]

    assert "\n".join(verses) in _texts([*lines, *column(prose(20, 40), 520, 100)])


def test_a_narrow_column_of_prose_runs_on() -> None:
    """None of its lines could have taken the next one's first word."""
    text = prose(12, 30)

    assert _texts(column(text, 100, 200)) == [" ".join(text)]


def test_names_in_capitals_within_are_no_verses() -> None:
    """Titles run on."""
    title = [
        "The History of the Decline",
        "And the Fall of Two Houses",
        "In Five Large Volumes With",
        "All of Its Maps",
    ]

    assert " ".join(title) in _texts([*column(title, 60, 200), *column(prose(8, 40), 345, 190)])
