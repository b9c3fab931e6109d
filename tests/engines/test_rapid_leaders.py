"""Dots that lead to a number: counted by their shapes, and read around."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

from function.engines.rapid.leaders import leader
from function.engines.rapid.lines import read_line
from function.page import Pixels

HEIGHT = 40


def strip_with(dots: int, *, digit: bool = True) -> Pixels:
    """Dots every 10 pixels from 2 on, each 4 wide, and a tall stroke 10 further on."""
    strip: Pixels = np.full((HEIGHT, 200, 3), 255, np.uint8)
    for dot in range(dots):
        strip[28:32, 2 + 10 * dot : 6 + 10 * dot] = 0
    if digit:
        strip[8:32, 2 + 10 * dots : 8 + 10 * dots] = 0
    return strip


def test_dots_before_a_number_are_counted_and_end_before_it() -> None:
    """The cut lies in the middle between the last dot and what follows."""
    assert leader(strip_with(3)) == (3, 29)
    assert leader(255 - strip_with(3)) == (3, 29)


@pytest.mark.parametrize(
    "strip",
    [strip_with(1), strip_with(0), strip_with(4, digit=False), np.full((HEIGHT, 9, 3), 255, np.uint8)],
    ids=["one is a decimal point", "none", "nothing follows", "blank"],
)
def test_what_leads_nowhere_is_no_leader(strip: Pixels) -> None:
    """Such strips are read whole."""
    assert leader(strip) == (0, 0)


@pytest.mark.parametrize(
    ("whole", "behind", "text"),
    [(0.8, 0.95, "...14"), (0.8, 0.7, ".114"), (0.95, 1.0, ".114")],
    ids=["better without its dots", "worse without", "sure as it is"],
)
def test_a_doubtful_line_is_read_without_its_leader_where_that_reads_better(
    whole: float, behind: float, text: str
) -> None:
    """The dots that were counted stay in its text."""
    page, quad = strip_with(3), np.array([[0, 0], [200, 0], [200, HEIGHT], [0, HEIGHT]], np.float32)

    def read(strip: Pixels) -> tuple[str, float]:
        return (".114", whole) if strip.shape[1] == 200 else ("14", behind)

    assert read_line(page, quad, read).text == text
