"""Listings of programs keep their lines and their indentation; other text in letters of one width does not."""

from __future__ import annotations

import pytest

from function.page import ReadLine
from function.reading.layout import arrange
from function.results.markdown import page_markdown
from function.results.model import Block
from tests.typesetting import column, line, prose

PROGRAM = ["def main(names):", "    for name in names:", "        print(name)", "", "    return 0"]


def _blocks(lines: list[ReadLine]) -> list[Block]:
    return arrange(lines, width=1000, height=1400)


def _typed(texts: list[str], y: float, *, x: float = 60) -> list[ReadLine]:
    """Lines as a text layer gives them: without the blanks that they begin with."""
    return [
        line(text.strip(), x + 10 * (len(text) - len(text.lstrip())), y + 26 * at, font_size=17.0, pitch=10.0)
        for at, text in enumerate(texts)
        if text
    ]


def _prose(lines: int, y: float, seed: int = 0) -> list[ReadLine]:
    return column([*prose(lines, seed=seed)], 60, y, font_size=20.0)


def test_a_listing_keeps_its_lines_and_how_far_they_are_set_in() -> None:
    """One block between the paragraphs, fenced in Markdown; its lines stay as they were read."""
    above, code, below = _blocks([*_prose(4, 100), *_typed(PROGRAM, 240), *_prose(4, 420, seed=5)])

    assert [above.type, code.type, below.type] == ["paragraph", "code", "paragraph"]
    assert code.text == "\n".join(PROGRAM)
    assert [entry.text for entry in code.lines] == [text.strip() for text in PROGRAM if text]
    assert page_markdown([code]) == "```\n" + "\n".join(PROGRAM) + "\n```"


@pytest.mark.parametrize(
    "texts",
    [["Ada Lovelace", "12 Mill Lane", "Oxford OX1 2AB"], ["pip install zeropage"], ["A = 1;", "B = 2;"]],
    ids=["an address", "a single line", "capitals and figures"],
)
def test_other_lines_on_a_grid_are_text(texts: list[str]) -> None:
    """Without signs of a program, alone, or of characters that other fonts make equally wide."""
    blocks = _blocks([*_prose(5, 100), *_typed(texts, 260), *_prose(5, 420, seed=5)])

    assert "code" not in [block.type for block in blocks]


def test_a_page_that_is_a_program_is_a_listing() -> None:
    """Nothing else on it needs to be."""
    assert [block.text for block in _blocks(_typed(PROGRAM, 240))] == ["\n".join(PROGRAM)]


def test_a_typed_letter_is_no_listing() -> None:
    """Where most is set so, neither the letters nor lines that are set in mean anything."""
    address = ["    Jane Doe", "    12 Mill Lane", "    Bath BA1 2AB"]
    bill = ["2 hammers $ 12.00", "1 saw     $  9.50", "(both with handles)", "in all    $ 21.50"]

    blocks = _blocks([*_typed(address, 100), *_typed(prose(6, 60), 240), *_typed(bill, 430), *_typed(prose(3), 560)])

    assert "code" not in [block.type for block in blocks]


def test_two_sizes_are_two_listings() -> None:
    """Each has a grid of its own."""
    small = [line("{ x: 1 }", 60, 400 + 20 * at, size=14, font_size=14.0, pitch=8.0) for at in range(2)]
    small = [line("if (x) {", 60, 400, size=14, font_size=14.0, pitch=8.0), small[1]]

    blocks = _blocks([*_prose(6, 60), *_typed(PROGRAM, 240), *small, *_prose(6, 500, seed=5)])

    assert [block.text for block in blocks if block.type == "code"] == ["\n".join(PROGRAM), "if (x) {\n{ x: 1 }"]
