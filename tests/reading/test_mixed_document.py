"""A document of every kind of page through `auto`, with the real fast engine and a stand-in for the accurate one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import pytest

from function.documents.base import Source
from function.engines.stub import StubEngine
from function.page import PageImage, PageReading
from function.reading.accurate.need import Thresholds
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.reader import Reader
from function.results.model import DocumentResult, EngineInfo
from tests.conftest import PAGES
from tests.pdfs import OpenPdf, Pdf, opened
from tests.reading.test_reader import FakeSource

pytest.importorskip("rapidocr", reason="the fast engine's weights come with the extra `cpu`")

SECONDS = 300.0
TEXT = [
    "Minutes of the meeting of 14 March",
    "The chair opened the meeting at nine and thanked the hosts.",
    "Last year's accounts were approved without a vote against.",
    "Repairs of the roof will cost 18,250 in all, paid in June.",
    "The next meeting will be held in the small hall upstairs.",
]
#: In the encoding of the standard font Symbol: a sum, an integral, Greek letters.
FORMULA = ["\\345 a b = \\362 l m dm", "p = \\345 (a \\243 b)", "\\266f = \\321 \\327 l"]


class StandIn(StubEngine):
    """Reads nothing; remembers what it was woken for."""

    def __init__(self) -> None:
        super().__init__(max_batch=8)
        self.woken_for: list[int] = []

    @property
    def info(self) -> EngineInfo:
        """Of no real engine."""
        return EngineInfo("stand-in", "1", "")

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """As the stub."""
        self.woken_for += [page.number for page in pages]
        yield from super().read(pages)


class Opener:
    """Opens one PDF in this process."""

    def __init__(self, document: OpenPdf) -> None:
        self._document = document

    @contextmanager
    def open(self, source: Source) -> Iterator[Any]:
        """The document."""
        yield self._document

    def close(self) -> None:
        """Nothing."""


def scan(name: str) -> np.ndarray:
    """One of the project's own pages, as grey pixels."""
    return np.asarray(cv2.imread(str(PAGES / name), cv2.IMREAD_GRAYSCALE))


def drawn(lines: Sequence[str], font: str) -> np.ndarray:
    """A page of text as a picture without any text layer."""
    pdf = Pdf()
    page = pdf.page((400, 300))
    for index, line in enumerate(lines):
        written = line.encode().decode("unicode_escape") if font == "Symbol" else line
        page.text(40, 230 - 60 * index, written, font=font, size=24 if font == "Symbol" else 12)
    with opened(pdf.build()) as document:
        return np.ascontiguousarray(document.draw(1, 200.0, grey=True).pixels[:, :, 0])


def scrawl() -> np.ndarray:
    """Print that is blurred beyond what the fast engine reads with confidence."""
    return np.asarray(cv2.GaussianBlur(drawn(TEXT[:3], "Helvetica"), (0, 0), 6.0))


def mixed() -> bytes:
    """Digital, scanned, table, formula, turned, illegible, empty."""
    pdf = Pdf()
    pdf.page().lines(TEXT)
    for pixels in (
        drawn(TEXT[:3], "Times-Roman"),
        scan("table.png"),
        drawn(FORMULA, "Symbol"),
        scan("turned.png"),
        scrawl(),
        np.full((300, 400), 255, dtype=np.uint8),
    ):
        height, width = pixels.shape
        side = max(height, width) / 380
        pdf.page((400, 400)).picture(pixels, (10, 10, 10 + width / side, 10 + height / side))
    return pdf.build()


def read(document: OpenPdf, **thresholds: Any) -> tuple[DocumentResult, StandIn]:
    """Through `auto`."""
    from function.engines.rapid.engine import RapidEngine

    accurate = StandIn()
    batchers = {"fast": Batcher(RapidEngine(), queue_pages=8), "accurate": Batcher(accurate, queue_pages=8)}
    try:
        for batcher in batchers.values():
            batcher.start().result(SECONDS)
        reader = Reader(
            Opener(document),  # type: ignore[arg-type]
            batchers,
            Admission(1, waiting=1),
            dpi=150.0,
            samples=3,
            thresholds=Thresholds(**thresholds),
        )
        return reader.read(FakeSource(), Options(), Caller(SECONDS)), accurate
    finally:
        for batcher in batchers.values():
            batcher.close()


def test_a_mixed_document_wakes_the_accurate_engine_for_exactly_the_pages_that_need_it() -> None:
    """Table, formula and illegible print; not what is digital, scanned, turned or empty."""
    with opened(mixed()) as document:
        result, accurate = read(document)

    told = {page.number: (page.rung, page.reason, page.evidence) for page in result.pages}
    assert sorted(accurate.woken_for) == [3, 4, 6], told
    assert [page.rung for page in result.pages] == ["text", "fast", "accurate", "accurate", "fast", "accurate", "text"]
    assert result.pages[4].rotation != 0
    assert "cells" in result.pages[2].reason
    assert "formulas" in result.pages[3].reason
