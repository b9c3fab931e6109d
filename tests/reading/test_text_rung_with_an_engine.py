"""The text rung with the real fast engine: honest documents pass, lying ones do not."""

from __future__ import annotations

import random
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from function.engines.base import Engine
from function.reading.ladder import Decision, Ladder
from tests.pdfs import OpenPdf, Pdf, opened
from tests.shared import GOOD, Sample, needs_shared

pytest.importorskip("rapidocr", reason="the fast engine's weights come with the extra `cpu`")

TEXT = [
    "Minutes of the meeting of 14 March",
    "The chair opened the meeting at nine and thanked the hosts.",
    "Last year's accounts were approved without a vote against.",
    "Repairs of the roof will cost 18,250 in all, paid in June.",
    "The next meeting will be held in the small hall upstairs.",
]
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
BORN_DIGITAL = [sample for sample in GOOD if sample.path.suffix == ".pdf"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One for all tests of this file: loading takes a second."""
    from function.engines.rapid.engine import RapidEngine

    loaded = RapidEngine()
    loaded.load()
    yield loaded
    loaded.close()


def _decide(document: OpenPdf, engine: Engine, seed: int = 1, pages: int = 6) -> list[Decision]:
    numbers = range(1, min(pages, document.pages) + 1)
    ladder = Ladder(
        document,
        numbers,
        ocr="auto",
        tier="auto",
        has_accurate=False,
        recognise=engine.recognise,  # type: ignore[arg-type]
        reads=engine.reads,
        samples=3,
        dpi=200.0,
        rng=random.Random(seed),
    )
    return [ladder.decide(number) for number in numbers]


@pytest.mark.parametrize("rotate", [0, 90])
@pytest.mark.parametrize(("font", "size"), [("Helvetica", 11), ("Times-Italic", 10), ("Courier-Bold", 8)])
def test_an_honest_document_answers_from_its_layer(engine: Engine, font: str, size: float, rotate: int) -> None:
    """In any face, down to small print, also on turned pages."""
    pdf = Pdf()
    pdf.page(rotate=rotate).lines(TEXT, font=font, size=size)

    with opened(pdf.build()) as document:
        (decision,) = _decide(document, engine)

    assert decision.rung == "text", decision.reason
    assert "lines drawn at random read the same" in decision.reason


@pytest.mark.parametrize(
    "says",
    [
        dict(zip(ALPHABET, ALPHABET[1:] + ALPHABET[:1], strict=True)),
        dict(zip(ALPHABET, reversed(ALPHABET), strict=True)),
        dict(zip("aeiouncrsvwxmz", "eoaiurnsczxwvm", strict=True)),
    ],
    ids=["shifted", "reversed", "same outlines"],
)
def test_a_font_that_lies_about_its_letters_is_found_out(engine: Engine, says: dict[str, str]) -> None:
    """Whatever the map, also one that keeps the letters' outlines."""
    pdf = Pdf()
    font = pdf.lying_font("Liar", says)
    pdf.page().lines(TEXT, font=font)

    with opened(pdf.build()) as document:
        (decision,) = _decide(document, engine)

    assert decision.rung == "fast", decision.reading


def test_a_font_that_lies_about_its_digits_is_found_out(engine: Engine) -> None:
    """Bills of which only the sums are false."""
    pdf = Pdf()
    font = pdf.lying_font("Liar", dict(zip(DIGITS, DIGITS[3:] + DIGITS[:3], strict=True)))
    pdf.page().lines([f"Invoice number {n}7{n}3829{n} total sum 4{n}96{n}.20" for n in range(1, 9)], font=font)

    with opened(pdf.build()) as document:
        (decision,) = _decide(document, engine)

    assert decision.rung == "fast", decision.reading


def test_the_layer_of_another_page_over_a_scan_is_not_believed(engine: Engine) -> None:
    """Visible to programs only, whatever way it is laid below or above the picture."""
    pixels = np.full((1400, 1000), 250, dtype=np.uint8)
    for index, text in enumerate(TEXT):
        cv2.putText(pixels, text, (60, 100 + 50 * index), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 10, 1, cv2.LINE_AA)
    pdf = Pdf()
    for how in ({"mode": 3}, {"grey": 1.0}, {"alpha": 0.01}, {"size": 1}):
        page = pdf.page()
        page.picture(pixels, (0, 0, 595, 842))
        page.lines([f"Nothing of the kind was ever said {index}" for index in range(5)], **how)
    page = pdf.page()
    page.lines([f"Nothing of the kind was ever said {index}" for index in range(5)])
    page.picture(pixels, (0, 0, 595, 842))

    with opened(pdf.build()) as document:
        decisions = _decide(document, engine)

    assert [decision.rung for decision in decisions] == ["fast"] * 5


@needs_shared
@pytest.mark.parametrize("sample", BORN_DIGITAL, ids=str)
def test_no_honest_document_is_condemned(engine: Engine, sample: Sample) -> None:
    """Real documents with a layer keep it; scans have none."""
    with opened(sample.path.read_bytes()) as document:
        decisions = _decide(document, engine, pages=3)
        layers = [document.text_layer(number, 72.0) for number in range(1, min(3, document.pages) + 1)]

    has_layer = any(len(layer.glyphs) for layer in layers)
    assert any(decision.rung == "text" for decision in decisions) == has_layer, decisions[0].reason
    assert not any("differently" in decision.reason for decision in decisions)
