"""How few shapes the runtimes meet: each is compiled anew, in the middle of somebody's page, and kept in memory."""

from __future__ import annotations

import random

import pypdfium2
import pytest

from function.engines.rapid import detection, recognition
from function.engines.rapid.engine import RapidEngine
from function.engines.rapid.grid import SIDES, grids, spans
from function.page import PageImage, Pixels
from warmup.expected import PRINTED


def _drawn(inches: tuple[float, float], dpi: float) -> list[tuple[int, int]]:
    return grids(round(inches[0] * dpi), round(inches[1] * dpi), dpi)


@pytest.mark.parametrize("dpi", [150.0, 200.0, 300.0])
def test_a4_and_letter_are_searched_in_one_shape(dpi: float) -> None:
    """Upright, and lying: so the warm-up page is enough for the usual paper."""
    a4, letter = (8.27, 11.69), (8.5, 11.0)

    assert _drawn(a4, dpi) == _drawn(letter, dpi) == [(960, 1280)]
    assert _drawn(a4[::-1], dpi) == _drawn(letter[::-1], dpi) == [(1280, 960)]


def test_pages_of_any_size_are_searched_in_few_shapes_and_little_distorted() -> None:
    """A side of a page on the grid is one of a few or belongs to a page in tiles, and strays by less than a sixth."""
    chance = random.Random(7)
    for _ in range(500):
        width, height = chance.randint(200, 4000), chance.randint(200, 4000)
        for across, down in grids(width, height, chance.choice([None, 72, 200, 300])):
            assert {across, down} <= {*SIDES, *range(1344, 40_000, 64)}
            assert max(across / width, down / height) < 1.17 * min(across / width, down / height)
            assert {span.outer.stop - span.outer.start for span in spans(across)} <= {*SIDES, *range(704, 1281, 64)}


def test_the_warm_up_page_has_a_line_of_every_width_but_the_widest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first document needs is compiled before it comes."""
    widths, shapes = set[int](), set[tuple[int, ...]]()
    prepared, normalised = recognition._prepared, detection._normalised

    def noted(strip: Pixels) -> object:
        batch = prepared(strip)
        widths.add(batch.shape[3])
        return batch

    def noted_too(image: Pixels) -> object:
        shapes.add(image.shape[1::-1])
        return normalised(image)

    monkeypatch.setattr(recognition, "_prepared", noted)
    monkeypatch.setattr(detection, "_normalised", noted_too)
    with pypdfium2.PdfDocument(PRINTED / "page.pdf") as document:
        pixels = document[0].render(scale=200 / 72).to_numpy()
    engine = RapidEngine(threads=2)
    engine.load()
    try:
        list(engine.read([PageImage(1, pixels, 200.0)]))
    finally:
        engine.close()

    assert (sorted(widths), shapes) == (list(recognition.WIDTHS[:-1]), {(960, 1280)})
