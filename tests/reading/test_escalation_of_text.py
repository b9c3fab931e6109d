"""PDF pages with a text layer: when they stay there, and what in them wakes the accurate engine all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from function.engines.base import Engine
from function.engines.stub import StubEngine
from function.errors import NotReady
from function.reading.accurate.need import Thresholds
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.reader import Reader
from function.results.model import DocumentResult
from tests.pdfs import Pdf, opened
from tests.reading.test_escalation import Accurate
from tests.reading.test_reader import FakeOpener, FakeSource

SECONDS = 60.0
CYRILLIC = dict(zip("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщ", strict=True))


class Latin(StubEngine):
    """Knows ASCII alone."""

    def reads(self, text: str) -> bool:
        """By its characters."""
        return text.isascii()


def engines(fast: Engine, accurate: Engine) -> Iterator[dict[str, Batcher]]:
    """Both, while a test runs."""
    made = {rung: Batcher(engine, queue_pages=8) for rung, engine in (("fast", fast), ("accurate", accurate))}
    for batcher in made.values():
        batcher.start().result(SECONDS)
    yield made
    for batcher in made.values():
        batcher.close()


@pytest.fixture
def accurate() -> Accurate:
    """A stand-in."""
    return Accurate()


@pytest.fixture
def batchers(accurate: Accurate) -> Iterator[dict[str, Batcher]]:
    """The engines of a test."""
    yield from engines(Latin(), accurate)


def read(pdf: Pdf, batchers: dict[str, Batcher], *, degrade: bool = True, **thresholds: Any) -> DocumentResult:
    """Through `auto`."""
    with opened(pdf.build()) as document:
        reader = Reader(
            FakeOpener(document),  # type: ignore[arg-type]
            batchers,
            Admission(1, waiting=1),
            dpi=100.0,
            samples=0,
            thresholds=Thresholds(**thresholds),
        )
        return reader.read(FakeSource(), Options(), Caller(SECONDS, degrade=degrade))


def with_formula() -> Pdf:
    """Two pages of exact text, of which the second holds a formula."""
    pdf = Pdf()
    pdf.page().lines(["The chair opened the meeting at nine.", "Nobody voted against it."])
    pdf.page().lines(["The energy of a body at rest is", "E = mc2", "as everybody knows by now."])
    return pdf


def test_pages_of_exact_text_stay_there_and_are_not_even_measured(
    accurate: Accurate, batchers: dict[str, Batcher]
) -> None:
    """Whatever stands in them: that text is right and costs next to nothing."""
    result = read(with_formula(), batchers)

    assert [page.rung for page in result.pages] == ["text", "text"]
    assert [page.evidence for page in result.pages] == [None, None]
    assert accurate.pages == []


def test_where_told_their_tables_and_formulas_count_too(accurate: Accurate, batchers: dict[str, Batcher]) -> None:
    """OCR_LADDER_TEXT: the page alone that holds one."""
    result = read(with_formula(), batchers, text=True)

    assert [page.rung for page in result.pages] == ["text", "accurate"]
    assert accurate.pages == [2]
    assert "formulas in 1 lines" in result.pages[1].reason
    assert result.pages[0].evidence is not None


def test_without_the_accurate_engine_their_exact_text_stands_marked(
    accurate: Accurate, batchers: dict[str, Batcher]
) -> None:
    """Nothing was lost but the formula's form."""
    accurate.outage = NotReady("the GPU sleeps")
    page = read(with_formula(), batchers, text=True).pages[1]

    assert page.rung == "text"
    assert "the GPU sleeps" in (page.degraded or "")
    assert "E = mc2" in page.markdown


def test_a_scan_whose_hidden_layer_is_in_an_unknown_script_needs_the_accurate_engine(
    accurate: Accurate, batchers: dict[str, Batcher]
) -> None:
    """However surely the fast engine read what it took for letters."""
    pdf = Pdf()
    font = pdf.lying_font("Hidden", CYRILLIC)
    for mapped in (font, "Helvetica"):
        page = pdf.page()
        page.picture(np.random.default_rng(1).integers(0, 255, (40, 30), dtype=np.uint8), (50, 50, 545, 792))
        page.lines(["thequickbrownfoxjumps", "overthelazydog"], font=mapped, mode=3)
    result = read(pdf, batchers, unread=1.0)

    assert [page.rung for page in result.pages] == ["accurate", "fast"]
    assert "script" in result.pages[0].reason
