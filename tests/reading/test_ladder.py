"""The cheapest rung whose evidence is good enough reads a page, and a layer that lies answers nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import pytest

from function.errors import Corrupt, EngineFailed
from function.page import Box, PageImage, Pixels, TextLayer
from function.reading import ladder as ladder_module
from function.reading.ladder import Decision, Ladder
from tests.pdfs import OpenPdf, Pdf, opened

#: Every honest line says the same, so that a fake engine can read it without looking.
LINE = "The quick brown fox jumps over 12 lazy dogs"
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Engine:
    """Reads LINE everywhere, but for the crops (by their turn) that it is told to misread; counts what it is asked."""

    def __init__(self, misread: Callable[[int], bool] = lambda turn: False) -> None:
        self.read = 0
        self._misread = misread

    def recognise(self, crops: list[Pixels]) -> list[tuple[str, float]]:
        """As in the contract."""
        texts = ["rubbish" if self._misread(self.read + index) else LINE for index in range(len(crops))]
        self.read += len(crops)
        return [(text, 1.0) for text in texts]


def _ladder(document: Any, engine: Engine | None = None, **how: Any) -> Ladder:
    options: dict[str, Any] = {
        "ocr": "auto",
        "tier": "auto",
        "has_accurate": False,
        "recognise": (engine or Engine()).recognise,
        "reads": lambda text: True,
        "samples": 3,
        "dpi": 200.0,
        "rng": random.Random(11),
    }
    return Ladder(document, range(1, document.pages + 1), **{**options, **how})


def _born_digital(pages: int = 4, lines: int = 12) -> Pdf:
    pdf = Pdf()
    for _ in range(pages):
        pdf.page().lines([LINE] * lines)
    return pdf


def _lying(pages: int) -> Pdf:
    pdf = Pdf()
    font = pdf.lying_font("Liar", dict(zip(ALPHABET, ALPHABET[5:] + ALPHABET[:5], strict=True)))
    for _ in range(pages):
        pdf.page().lines([LINE] * 12, font=font)
    return pdf


@contextmanager
def _decisions(pdf: Pdf, engine: Engine | None = None, **how: Any) -> Iterator[list[Decision]]:
    with opened(pdf.build()) as document:
        ladder = _ladder(document, engine, **how)
        yield [ladder.decide(number) for number in range(1, document.pages + 1)]


class ImageDocument:
    """Any call on its pages is a cost that an image need not have."""

    media_type = "image/png"
    warnings = ()
    pages = 1

    def draw(self, number: int, dpi: float, *, grey: bool = False, part: Box | None = None) -> PageImage:
        """Never."""
        raise AssertionError("drawn")

    def text_layer(self, number: int, dpi: float) -> TextLayer:
        """Never."""
        raise AssertionError("asked for its layer")


def test_born_digital_pages_answer_from_their_layer() -> None:
    """With their lines, a reason, and three lines checked for the whole document."""
    engine = Engine()
    with _decisions(_born_digital(), engine) as decisions:
        assert {decision.rung for decision in decisions} == {"text"}
    for decision in decisions:
        assert decision.reading is not None
        assert [line.text for line in decision.reading.lines] == [LINE] * 12
        assert not decision.supplement
        assert "lines drawn at random read the same" in decision.reason
    assert engine.read == 3


def test_samples_come_from_different_pages_at_random() -> None:
    """An attacker cannot know which lines are looked at."""
    seen = set()
    with opened(_born_digital(pages=12).build()) as document:
        for seed in range(5):
            document.drawn.clear()
            _ladder(document, rng=random.Random(seed)).decide(1)
            full = tuple(sorted({number for number, dpi in document.drawn if dpi >= 150}))
            assert len(full) == 3
            seen.add(full)
    assert len(seen) > 1


def test_pages_looked_at_for_samples_are_not_taken_out_twice() -> None:
    """Their evidence waits for their turn."""
    with opened(_born_digital(pages=6).build()) as document:
        ladder = _ladder(document)
        for number in range(1, 7):
            ladder.decide(number)
        previews = [number for number, dpi in document.drawn if dpi < 150]

    assert sorted(previews) == [1, 2, 3, 4, 5, 6]


def test_a_lying_layer_answers_no_page() -> None:
    """The very first decision knows already."""
    with _decisions(_lying(pages=5)) as decisions:
        assert {decision.rung for decision in decisions} == {"fast"}
        assert {decision.reading for decision in decisions} == {None}
    assert "read" in decisions[0].reason
    assert "differently" in decisions[0].reason


def test_one_misread_line_does_not_condemn_a_document() -> None:
    """Engines err: more lines are read, and only that line's page is left to the engine."""
    engine = Engine(misread=lambda turn: turn == 1)
    with _decisions(_born_digital(pages=6), engine) as decisions:
        rungs = [decision.rung for decision in decisions]

    assert rungs.count("text") == 5
    assert rungs.count("fast") == 1
    assert engine.read == 9


def test_two_disagreeing_lines_condemn_a_document() -> None:
    """Twice is no accident."""
    engine = Engine(misread=lambda turn: turn in {1, 5})
    with _decisions(_born_digital(pages=6), engine) as decisions:
        assert {decision.rung for decision in decisions} == {"fast"}


def test_a_short_document_is_condemned_by_its_only_line() -> None:
    """There is nothing else to judge it by."""
    pdf = Pdf()
    font = pdf.lying_font("Liar", dict(zip(ALPHABET, ALPHABET[5:] + ALPHABET[:5], strict=True)))
    pdf.page().text(72, 700, "fox", font=font)

    with _decisions(pdf) as (decision,):
        assert decision.rung == "fast"


def test_an_odd_page_is_checked_for_itself() -> None:
    """One page of many whose letters have the wrong outlines, which no sample met."""
    pdf = _born_digital(pages=30)
    font = pdf.lying_font("Liar", dict(zip(ALPHABET, ALPHABET[5:] + ALPHABET[:5], strict=True)))
    pdf.page().lines([LINE] * 12, font=font)

    class FirstPages(random.Random):
        def shuffle(self, x: Any, random: Any = None) -> None:
            x.reverse()

    with _decisions(pdf, rng=FirstPages()) as decisions:
        assert [decision.rung for decision in decisions] == ["text"] * 30 + ["fast"]
    assert "this page" in decisions[-1].reason


def test_a_layer_in_a_script_that_the_engine_cannot_read_is_believed_by_its_evidence() -> None:
    """And the answer says that nothing was checked."""
    engine = Engine()
    with _decisions(_born_digital(), engine, reads=lambda text: False) as decisions:
        assert {decision.rung for decision in decisions} == {"text"}
    assert "no line of it could be checked" in decisions[0].reason
    assert engine.read == 0


def test_an_engine_that_reads_whole_pages_only_checks_nothing() -> None:
    """NotImplementedError is no failure."""

    def recognise(crops: list[Pixels]) -> list[tuple[str, float]]:
        raise NotImplementedError

    with _decisions(_born_digital(), recognise=recognise) as decisions:
        assert {decision.rung for decision in decisions} == {"text"}


def test_an_engine_that_fails_fails_the_document() -> None:
    """An outage decides nothing about a layer."""

    def recognise(crops: list[Pixels]) -> list[tuple[str, float]]:
        raise EngineFailed("crashed")

    with opened(_born_digital().build()) as document, pytest.raises(EngineFailed):
        _ladder(document, recognise=recognise).decide(1)


def test_no_samples_trust_the_evidence_alone() -> None:
    """OCR_TEXT_SAMPLES=0."""
    engine = Engine()
    with _decisions(_lying(pages=2), engine, samples=0) as decisions:
        assert {decision.rung for decision in decisions} == {"text"}
    assert engine.read == 0


@pytest.mark.parametrize(
    ("tier", "has_accurate", "rung"),
    [("auto", True, "fast"), ("fast", True, "fast"), ("accurate", True, "accurate"), ("accurate", False, "fast")],
)
def test_what_the_layer_does_not_answer_goes_to_the_tier(tier: str, has_accurate: bool, rung: str) -> None:
    """And the layer serves every tier."""
    pdf = _born_digital(pages=1)
    pdf.page().picture(np.tile(np.arange(200, dtype=np.uint8), (200, 1)), (72, 72, 500, 500))

    with _decisions(pdf, tier=tier, has_accurate=has_accurate) as decisions:
        assert [decision.rung for decision in decisions] == ["text", rung]
    assert "no text layer" in decisions[1].reason


def test_always_leaves_the_layer_out_and_costs_nothing() -> None:
    """Nothing is drawn or taken out."""
    with opened(_born_digital().build()) as document:
        decision = _ladder(document, ocr="always").decide(1)

        assert (decision.rung, decision.reason, document.drawn) == ("fast", "ocr=always", [])


@pytest.mark.parametrize(("ocr", "rung"), [("auto", "fast"), ("always", "fast"), ("never", None)])
def test_images_cost_nothing(ocr: str, rung: str | None) -> None:
    """They have no layer; with ocr=never they cannot be read."""
    decision = _ladder(ImageDocument(), ocr=ocr).decide(1)

    assert decision.rung == rung
    assert decision.reason


def test_never_takes_the_layer_as_it_is() -> None:
    """Also where it would not be believed, which the reason then says; no engine is asked."""
    pdf = _lying(pages=1)
    invisible = pdf.page()
    invisible.picture(np.tile(np.arange(200, dtype=np.uint8), (200, 1)), (0, 0, 595, 842))
    invisible.lines([LINE] * 3, mode=3)
    pdf.page()
    pdf.page().picture(np.tile(np.arange(200, dtype=np.uint8), (200, 1)), (0, 0, 595, 842))

    engine = Engine()
    with _decisions(pdf, engine, ocr="never") as (lying, scan, blank, picture):
        assert [decision.rung for decision in (lying, scan, blank, picture)] == ["text", "text", "text", None]
    assert scan.reading is not None
    assert [line.text for line in scan.reading.lines] == [LINE] * 3
    assert "nobody sees" in scan.reason
    assert blank.reading is not None
    assert blank.reading.lines == []
    assert picture.reading is None
    assert engine.read == 0


def test_a_blank_page_answers_with_nothing() -> None:
    """No engine needs to look at white paper."""
    pdf = Pdf()
    pdf.page((144, 72))

    with _decisions(pdf) as (decision,):
        assert decision.reading is not None
        assert (decision.rung, decision.reading.lines, decision.reason) == ("text", [], "the page is blank")
        assert (decision.reading.width, decision.reading.height) == (400, 200)


def test_a_page_with_a_picture_of_words_is_read_twice() -> None:
    """The layer answers, and the engine adds to it."""
    pixels = np.full((120, 700), 255, dtype=np.uint8)
    cv2.putText(pixels, "Words that are in the picture only", (10, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2)
    pdf = _born_digital(pages=1)
    page = pdf.page()
    page.lines([LINE] * 12)
    page.picture(pixels, (72, 300, 500, 373))

    with _decisions(pdf) as (plain, pictured):
        assert (plain.rung, plain.supplement) == ("text", False)
        assert (pictured.rung, pictured.supplement) == ("text", True)


@pytest.mark.parametrize(("ocr", "rung"), [("auto", "fast"), ("never", None)])
def test_a_layer_in_thousands_of_pieces_is_no_text(monkeypatch: pytest.MonkeyPatch, ocr: str, rung: str | None) -> None:
    """Hostile pages; whatever arranges lines would be busy for minutes."""
    monkeypatch.setattr(ladder_module, "_MOST_LINES", 10)

    with _decisions(_born_digital(pages=1), ocr=ocr) as (decision,):
        assert (decision.rung, decision.reading) == (rung, None)
        assert "12 pieces" in decision.reason


def test_a_layer_that_cannot_be_taken_out_leaves_the_page_to_the_engine() -> None:
    """Text and picture fail separately."""

    class Broken(OpenPdf):
        def text_layer(self, number: int, dpi: float) -> TextLayer:
            raise Corrupt("its fonts are damaged")

    with opened(_born_digital(pages=1).build()) as document:
        document.__class__ = Broken
        decision = _ladder(document).decide(1)

    assert decision.rung == "fast"
    assert "its fonts are damaged" in decision.reason
