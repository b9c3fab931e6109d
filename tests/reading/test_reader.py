"""The story from a document to its result, with documents made of stamped pages and faults."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from function.documents.base import Source
from function.engines.base import Engine
from function.engines.stub import StubEngine, stamp
from function.errors import BadRequest, Busy, Corrupt, EngineFailed, RendererKilled, TooManyPixels
from function.page import Box, PageImage, TextLayer
from function.reading import in_order as order_module
from function.reading import pages as pages_module
from function.reading.caller import Caller
from function.reading.in_order import Heartbeat
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.reader import Reader
from function.results.model import DocumentResult, PageResult

SECONDS = 60.0


@dataclass
class FakeDocument:
    """Pages of stamped text; an exception in a text's place is raised when that page is drawn."""

    texts: Sequence[str | Exception]
    media_type: str = "image/tiff"
    warnings: Sequence[str] = ()
    drawn: list[int] = field(default_factory=list)
    damaged: Sequence[int] = ()

    @property
    def pages(self) -> int:
        """How many."""
        return len(self.texts)

    def draw(self, number: int, dpi: float, *, grey: bool = False, part: Box | None = None) -> PageImage:
        """The page's stamp, or its fault."""
        self.drawn.append(number)
        text = self.texts[number - 1]
        if isinstance(text, Exception):
            raise text
        return PageImage(number, stamp(text, 200, 100), dpi, is_damaged=number in self.damaged)

    def text_layer(self, number: int, dpi: float) -> TextLayer:
        """None."""
        return TextLayer()


@dataclass
class FakeSource:
    """Bytes nobody looks at."""

    name: str = "fake.tif"
    sha256: str = "0" * 64
    size: int = 3

    def fileno(self) -> int:
        """None."""
        return -1


class FakeOpener:
    """Opens the one document it was given, and counts how many are open."""

    def __init__(self, document: FakeDocument) -> None:
        self.document = document
        self.open_now = 0

    @contextmanager
    def open(self, source: Source) -> Iterator[FakeDocument]:
        """The document."""
        self.open_now += 1
        try:
            yield self.document
        finally:
            self.open_now -= 1

    def close(self) -> None:
        """Nothing to end."""


Make = Callable[..., tuple[Reader, FakeOpener]]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes readers of a fake document."""
    batchers: list[Batcher] = []

    def build(*texts: str | Exception, engine: Engine | None = None, slots: int = 2) -> tuple[Reader, FakeOpener]:
        batcher = Batcher(engine or StubEngine(), queue_pages=4)
        batcher.start().result(SECONDS)
        batchers.append(batcher)
        opener = FakeOpener(FakeDocument(list(texts)))
        return Reader(opener, {"fast": batcher}, Admission(slots, waiting=2), dpi=200.0, samples=3), opener

    yield build
    for batcher in batchers:
        batcher.close()


def lines_of(page: PageResult) -> list[str]:
    """A page's lines in reading order."""
    return [line.text for block in page.blocks for line in block.lines]


def test_pages_come_in_order_and_the_result_last(make: Make) -> None:
    """Each page as soon as it is read; the result repeats them all."""
    reader, _ = make("one", "two", "three")

    items = list(reader.stream(FakeSource(), Options(), Caller(SECONDS)))

    assert [lines_of(item) for item in items[:-1] if isinstance(item, PageResult)] == [["one"], ["two"], ["three"]]
    result = items[-1]
    assert isinstance(result, DocumentResult)
    assert [page.number for page in result.pages] == [1, 2, 3]
    assert result.document.pages == 3
    assert {"open", "draw", "read", "arrange", "total"} <= set(result.timings)
    assert result.cost.cpu_seconds > 0


def test_only_the_pages_asked_for_are_drawn(make: Make) -> None:
    """A page that nobody wants costs nothing."""
    reader, opener = make("one", "two", "three", "four")

    result = reader.read(FakeSource(), Options(pages="2,4"), Caller(SECONDS))

    assert [page.number for page in result.pages] == [2, 4]
    assert opener.document.drawn == [2, 4]
    assert result.document.pages == 4


@pytest.mark.parametrize("fault", [Corrupt("broken stream"), TooManyPixels("too many")])
def test_a_page_that_cannot_be_drawn_is_a_page_with_an_error(fault: Exception, make: Make) -> None:
    """Never a lost document."""
    reader, _ = make("one", fault, "three")

    pages = reader.read(FakeSource(), Options(), Caller(SECONDS)).pages

    assert [lines_of(page) for page in pages] == [["one"], [], ["three"]]
    assert pages[1].error is not None
    assert pages[1].error.detail == str(fault)
    assert pages[1].rung is None


def test_a_document_of_which_no_page_can_be_read_is_refused(make: Make) -> None:
    """A result without a single page would say that all is well."""
    reader, _ = make(Corrupt("first"), Corrupt("second"))

    with pytest.raises(Corrupt, match="first"):
        reader.read(FakeSource(), Options(), Caller(SECONDS))


def test_a_damaged_page_without_any_text_is_no_blank_page(make: Make) -> None:
    """What is left of a picture may have held none of its text; where some is found, it stands."""
    reader, opener = make("", "", "three")
    opener.document.damaged = (2, 3)

    pages = reader.read(FakeSource(), Options(), Caller(SECONDS)).pages

    assert [page.error and page.error.type for page in pages] == [None, "urn:zeropage:problem:corrupt", None]
    assert lines_of(pages[2]) == ["three"]


@pytest.mark.parametrize("outage", [RendererKilled("killed"), "stub:page-fault"])
def test_an_outage_of_ours_fails_the_document_and_is_never_a_page_error(outage: Exception | str, make: Make) -> None:
    """Only a page's own fault may become final."""
    reader, opener = make("one", outage, "three")

    with pytest.raises((RendererKilled, EngineFailed)):
        reader.read(FakeSource(), Options(), Caller(SECONDS))
    assert opener.open_now == 0


def test_ocr_never_on_a_page_without_text_is_an_error_of_that_page(make: Make) -> None:
    """Here of every page, so the document is refused, saying what to ask for instead."""
    reader, _ = make("one")

    with pytest.raises(BadRequest) as refused:
        reader.read(FakeSource(), Options(ocr="never"), Caller(SECONDS))
    assert "ocr=auto" in refused.value.remedy


def test_no_more_than_a_few_pages_are_drawn_ahead(make: Make) -> None:
    """Memory does not grow with the page count, however slow the reader of the stream is."""
    reader, opener = make(*(f"page {number}" for number in range(1, 31)))
    stream = reader.stream(FakeSource(), Options(), Caller(SECONDS))

    for taken in range(1, 31):
        page = next(stream)
        assert isinstance(page, PageResult)
        assert page.number == taken
        assert len(opener.document.drawn) <= taken + pages_module.LOOKAHEAD + 1


def test_leaving_a_stream_gives_the_slot_and_the_document_back(make: Make) -> None:
    """A client that hangs up midway holds nothing."""
    reader, opener = make(*("page" for _ in range(20)), slots=1)
    stream = reader.stream(FakeSource(), Options(), Caller(SECONDS))
    next(stream)
    with pytest.raises(Busy):
        reader.read(FakeSource(), Options(), Caller(SECONDS, patience=0))

    stream.close()  # type: ignore[attr-defined]

    assert opener.open_now == 0
    assert len(reader.read(FakeSource(), Options(), Caller(SECONDS, patience=0)).pages) == 20


def test_a_stream_says_that_it_lives_while_a_page_takes_long(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies cut silent connections."""
    monkeypatch.setattr(order_module, "HEARTBEAT_SECONDS", 0.0)
    gate = threading.Event()

    class Gated(StubEngine):
        def read(self, pages: Sequence[PageImage]):  # type: ignore[no-untyped-def]
            assert gate.wait(SECONDS)
            yield from super().read(pages)

    reader, _ = make("slow", engine=Gated())
    stream = reader.stream(FakeSource(), Options(), Caller(SECONDS))

    assert next(stream) == Heartbeat(1)
    gate.set()
    assert isinstance(list(stream)[-1], DocumentResult)


def test_a_page_that_is_read_is_told_before_the_next_one_waits_in_a_full_queue(make: Make) -> None:
    """While others keep the engine busy for as long as they like."""
    gate, entered = threading.Event(), threading.Event()

    class Gated(StubEngine):
        def read(self, pages: Sequence[PageImage]):  # type: ignore[no-untyped-def]
            if pages[0].number == 99:
                entered.set()
                assert gate.wait(SECONDS)
            yield from super().read(pages)

    reader, opener = make("one", "two", "three", engine=Gated(max_batch=1))
    batcher, others = reader.batchers["fast"], [Caller(SECONDS) for _ in range(5)]

    def busy_from_page_2_on(number: int, dpi: float) -> TextLayer:
        if number == 2:
            for other in others:
                batcher.submit(PageImage(99, stamp("of others", 200, 100)), other)
                assert entered.wait(SECONDS)
        return TextLayer()

    opener.document.text_layer = busy_from_page_2_on  # type: ignore[method-assign]
    stream = reader.stream(FakeSource(), Options(), Caller(SECONDS))

    first = next(stream)

    assert not gate.is_set()
    assert isinstance(first, PageResult)
    assert lines_of(first) == ["one"]
    gate.set()
    assert isinstance(list(stream)[-1], DocumentResult)


def test_accurate_without_an_accurate_engine_is_refused_before_anything_is_opened(make: Make) -> None:
    """400 naming the variable, rather than a silent fall back to fast."""
    reader, opener = make("one")

    with pytest.raises(BadRequest, match="OCR_ACCURATE_ENGINE"):
        reader.read(FakeSource(), Options(tier="accurate"), Caller(SECONDS))
    assert opener.document.drawn == []
