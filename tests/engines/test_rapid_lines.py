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
