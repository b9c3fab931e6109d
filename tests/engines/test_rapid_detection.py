"""What the detector's answer becomes: rectangles on the page."""

from __future__ import annotations

import numpy as np

from function.engines.rapid import detection
from function.engines.rapid.crops import sides
from function.page import Pixels

CORE = 12


class OneCore:
    """A network that finds one shrunken core, so many cells wide and CORE tall, wherever it looks."""

    def __init__(self, width: int) -> None:
        self._width = width

    def run(self, batch, take):  # type: ignore[no-untyped-def]
        """See runtime.Network."""
        heat = np.zeros((1, 1, *batch.shape[2:]), np.float32)
        heat[0, 0, 100 : 100 + CORE, 100 : 100 + self._width] = 1.0
        return take(heat)


def paper_around(core: int, zoom: float) -> float:
    """How much taller a line is than its core, in cells, on a page with `zoom` pixels a cell."""
    side = round(1280 * zoom)
    page: Pixels = np.full((side, side, 3), 255, np.uint8)
    (found,) = detection.detect(OneCore(core), page, None)
    return min(sides(found.quad)) / zoom - CORE


def test_lines_that_are_shrunk_for_the_recogniser_get_less_paper_than_small_ones() -> None:
    """Paper costs tall lines detail; small ones need it for their spaces."""
    assert paper_around(600, zoom=1.0) > 1.1 * paper_around(600, zoom=2.0)


def test_words_and_formulas_keep_their_paper_however_tall_they_are() -> None:
    """Their ends would be cut off."""
    assert abs(paper_around(40, zoom=1.0) - paper_around(40, zoom=2.0)) < 0.05 * CORE
