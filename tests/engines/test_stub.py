"""The stub engine's trick: whose page it was can be told from what it reads."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from function.engines.stub import StubEngine, stamp
from function.errors import EngineFailed
from function.page import PageImage, Pixels


def _texts(pixels: Pixels, engine: StubEngine | None = None) -> list[str]:
    [(_, reading)] = (engine or StubEngine()).read([PageImage(1, pixels)])
    assert not isinstance(reading, Exception), reading
    return [line.text for line in reading.lines]


@pytest.mark.parametrize("size", [(60, 60), (333, 101), (1654, 2339)])
def test_a_stamp_is_read_back_exactly(size: tuple[int, int]) -> None:
    """Any text, any size that holds it, line by line."""
    assert _texts(stamp("zwei Zeilen ß\n第二行", *size)) == ["zwei Zeilen ß", "第二行"]


def test_a_stamp_survives_png_and_jpeg() -> None:
    """So tests may send it through a real decoder."""
    page = stamp("page 7 of caller 3", 400, 300)
    for kind in (".png", ".jpg"):
        decoded = cv2.imdecode(cv2.imencode(kind, page)[1], cv2.IMREAD_COLOR)
        assert _texts(decoded.astype(np.uint8)) == ["page 7 of caller 3"]


def test_a_page_without_a_stamp_reads_as_a_digest_of_its_pixels() -> None:
    """Equal pixels, equal text; one pixel more, another text."""
    noise = np.random.default_rng(1).integers(0, 255, (50, 40, 3)).astype(np.uint8)
    other = noise.copy()
    other[7, 7] ^= 1

    assert _texts(noise) == _texts(noise.copy())
    assert _texts(noise) != _texts(other)
    assert _texts(noise)[0].startswith("pixels ")


def test_text_that_does_not_fit_is_refused() -> None:
    """A stamp is whole or it is an error."""
    with pytest.raises(ValueError, match="make it larger"):
        stamp("x" * 100, 20, 20)


def test_a_page_can_ask_to_fail_alone() -> None:
    """Words in the pixels, so that a fault can be sent through the front door."""
    pages = [PageImage(1, stamp("stub:page-fault", 99, 99)), PageImage(2, stamp("fine", 99, 99))]

    outcomes = dict(StubEngine().read(pages))

    assert isinstance(outcomes[0], EngineFailed)
    assert not isinstance(outcomes[1], Exception)


def test_faults_by_constructor_are_found_by_words_on_the_page() -> None:
    """The engine dies on the page that bears the words."""
    engine = StubEngine(faults={"poison": "engine"})
    assert _texts(stamp("harmless", 99, 99), engine) == ["harmless"]
    with pytest.raises(EngineFailed):
        list(engine.read([PageImage(1, stamp("poison pill", 99, 99))]))


def test_broken_engines_can_be_played() -> None:
    """A page that is never yielded, and one that is yielded twice, for the batcher's tests."""
    pages = [PageImage(1, stamp("stub:lost", 99, 99)), PageImage(2, stamp("stub:twice", 99, 99))]
    assert [index for index, _ in StubEngine().read(pages)] == [1, 1]


def test_crops_are_recognised_by_their_stamps() -> None:
    """In order; nothing on a blank or empty crop."""
    crops = [stamp("a line", 200, 20), np.full((9, 9, 3), 255, np.uint8), np.zeros((0, 4, 3), np.uint8)]
    assert StubEngine().recognise(crops) == [("a line", 1.0), ("", 0.0), ("", 0.0)]


def test_a_load_fault_is_raised() -> None:
    """For tests of a failed start."""
    with pytest.raises(EngineFailed, match="no weights"):
        StubEngine(load_fault="no weights").load()
