"""One line: which part of its region the recogniser sees."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

from function.engines.rapid.lines import read_line
from function.page import Pixels


@pytest.mark.parametrize(
    ("height", "width", "seen"),
    [(100, 900, 90), (48, 900, 48), (30, 900, 30)],
    ids=["taller than the model's input", "as tall", "smaller"],
)
def test_paper_is_left_out_where_it_would_cost_letters_their_detail(height: int, width: int, seen: int) -> None:
    """A twentieth above and below of lines that are shrunk; smaller ones keep their margins, and every box is whole."""
    page: Pixels = np.full((200, 1000, 3), 255, np.uint8)
    quad = np.array([[20, 40], [20 + width, 40], [20 + width, 40 + height], [20, 40 + height]], np.float32)
    strips: list[Pixels] = []

    def read(strip: Pixels) -> tuple[str, float]:
        strips.append(strip)
        return "text", 0.9

    line = read_line(page, quad, read)

    assert [strip.shape[:2] for strip in strips] == [(seen, width)]
    assert line.box == (20, 40, 20 + width, 40 + height)


def _fraction(above: int = 16, below: int = 16, bar: int = 3) -> Pixels:
    """Two dark shapes, one above the other, and a bar between."""
    page: Pixels = np.full((80, 40, 3), 255, np.uint8)
    page[10 : 10 + above, 12:28] = 0
    page[38 : 38 + bar, 6:34] = 0
    page[52 : 52 + below, 12:28] = 0
    return page


WHOLE = np.array([[0, 0], [40, 0], [40, 80], [0, 80]], np.float32)


@pytest.mark.parametrize(
    ("parts", "told"),
    [(("1", "n"), "1/n"), (("a+b", "2"), "(a+b)/2"), (("第", "章"), "read as a whole")],
    ids=["plain", "a sum", "a column of Han characters, the middle one of which is a bar"],
)
def test_a_fraction_is_read_above_and_below_its_bar(parts: tuple[str, str], told: str) -> None:
    """And written on one line."""
    heard = iter(parts)

    def read(strip: Pixels) -> tuple[str, float]:
        return (next(heard), 0.95) if strip.shape[0] < 40 and strip.shape[1] == 40 else ("read as a whole", 0.9)

    assert read_line(_fraction(), WHOLE, read).text == told


@pytest.mark.parametrize("page", [_fraction(bar=14), _fraction(above=3)], ids=["three letters", "a bar above a bar"])
def test_what_stands_in_a_tall_line_without_a_bar_is_no_fraction(page: Pixels) -> None:
    """Letters below each other stay a line."""
    assert read_line(page, WHOLE, lambda _: ("whole", 0.9)).text == "whole"
