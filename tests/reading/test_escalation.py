"""The step from the fast to the accurate rung: which pages take it, when, and what stands where they cannot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from function.engines.stub import StubEngine
from function.errors import Corrupt, NotReady
from function.page import PageImage, PageReading
from function.reading.accurate.need import Thresholds
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.queue.pixel_budget import PixelBudget
from function.reading.reader import Reader
from function.reading.recall.remembered import Remembered
from function.results.model import DocumentResult, EngineInfo, PageResult
from tests.reading.test_reader import FakeDocument, FakeOpener, FakeSource, lines_of
from tests.reading.test_remembered import Ledger

SECONDS = 60.0


class Fast(StubEngine):
    """Doubts each line that says so."""

    def __init__(self) -> None:
        super().__init__(literate=True)
        self.pages: list[int] = []

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """As the stub, with doubts."""
        for index, outcome in super().read(pages):
            self.pages.append(pages[index].number)
            if isinstance(outcome, PageReading):
                lines = [replace(line, confidence=0.5 if "doubt" in line.text else 0.99) for line in outcome.lines]
                yield index, replace(outcome, lines=lines)
            else:
                yield index, outcome


@dataclass
class Accurate(StubEngine):
    """Tells whom it read; may wait for a gate, fail for good, or fail on some pages."""

    outage: Exception | None = None
    refuses: Sequence[int] = ()
    gate: threading.Event | None = None
    gpu_seconds: float = 0.5
    batches: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(max_batch=8)

    @property
    def info(self) -> EngineInfo:
        """Of no real engine."""
        return EngineInfo("stand-in", "1", "")

    @property
    def pages(self) -> list[int]:
        """Every page that it was handed, in their order."""
        return [number for batch in self.batches for number in batch]

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """As the stub, in capitals."""
        self.batches.append([page.number for page in pages])
        if self.gate is not None:
            assert self.gate.wait(SECONDS)
        if self.outage is not None:
            raise self.outage
        for index, outcome in super().read(pages):
            if isinstance(outcome, PageReading):
                lines = [replace(line, text=line.text.upper()) for line in outcome.lines]
                read = replace(outcome, lines=lines, gpu_seconds=self.gpu_seconds)
                yield index, Corrupt("too wide") if pages[index].number in self.refuses else read


@dataclass
class House:
    """A reader with both engines."""

    reader: Reader
    fast: Fast
    accurate: Accurate
    cache: Ledger

    def read(self, *, tier: str = "auto", seconds: float = SECONDS, degrade: bool = True) -> DocumentResult:
        """One answer."""
        options = Options(tier=tier)  # type: ignore[arg-type]
        return self.reader.read(FakeSource(), options, Caller(seconds, degrade=degrade))


Make = Callable[..., House]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes houses; a page that says `doubt` is one that needs the accurate engine."""
    batchers: list[Batcher] = []

    def build(*texts: str | Exception, thresholds: Thresholds | None = None, **accurate: object) -> House:
        fast, slow = Fast(), Accurate(**accurate)  # type: ignore[arg-type]
        made = {rung: Batcher(engine, queue_pages=16) for rung, engine in (("fast", fast), ("accurate", slow))}
        for batcher in made.values():
            batcher.start().result(SECONDS)
            batchers.append(batcher)
        cache = Ledger()
        reader = Reader(
            FakeOpener(FakeDocument(list(texts))),
            made,
            Admission(2, waiting=2),
            dpi=200.0,
            samples=3,
            pixels=PixelBudget(10_000_000, 100_000),
            thresholds=thresholds or Thresholds(),
            remembered=Remembered(cache, "release", 1 << 20),
        )
        return House(reader, fast, slow, cache)

    yield build
    for batcher in batchers:
        batcher.close()


def rungs(result: DocumentResult) -> list[str | None]:
    """Page by page."""
    return [page.rung for page in result.pages]


def test_auto_wakes_the_accurate_engine_for_the_pages_that_need_it_alone(make: Make) -> None:
    """Each page tells its rung, the reason and what was measured; what the GPU cost is counted."""
    house = make("one", "in doubt", "three")
    result = house.read()

    assert house.accurate.pages == [2]
    assert rungs(result) == ["fast", "accurate", "fast"]
    assert [lines_of(page) for page in result.pages] == [["one"], ["IN DOUBT"], ["three"]]
    assert "100% of its text was read with doubt" in result.pages[1].reason
    assert [page.evidence and page.evidence["doubtful"] for page in result.pages] == [0.0, 1.0, 0.0]
    assert result.cost.gpu_seconds == 0.5
    assert result.engine.name == "stub"
    assert {rung: engine.name for rung, engine in (result.engines or {}).items()} == {
        "fast": "stub",
        "accurate": "stand-in",
    }


@pytest.mark.parametrize(
    ("tier", "pages", "rung"), [("fast", [], "fast"), ("auto", [1], "accurate"), ("accurate", [1, 2], "accurate")]
)
def test_fast_never_wakes_it_and_accurate_always_does(tier: str, pages: list[int], rung: str, make: Make) -> None:
    """Whatever the signs; they are measured where they decide alone."""
    house = make("in doubt", "two")
    result = house.read(tier=tier)

    assert house.accurate.pages == pages
    assert result.pages[0].rung == rung
    assert (result.pages[0].evidence is not None) == (tier == "auto")
    assert house.fast.pages == ([] if tier == "accurate" else [1, 2])


def test_pages_behind_go_on_while_the_accurate_engine_is_at_work(make: Make) -> None:
    """It gets all that a document has for it without the fast engine waiting; the order stays."""
    gate = threading.Event()
    texts = [f"doubt {number}" if number % 2 else f"sure {number}" for number in range(1, 13)]
    house = make(*texts, gate=gate)
    stream = house.reader.stream(FakeSource(), Options(), Caller(SECONDS))
    watch = threading.Thread(target=_opens_when, args=(gate, lambda: len(house.fast.pages) == len(texts)))
    watch.start()

    pages = [item for item in stream if isinstance(item, PageResult)]
    watch.join()

    assert [page.number for page in pages] == list(range(1, 13))
    assert [lines_of(page) for page in pages] == [[text.upper() if "doubt" in text else text] for text in texts]
    assert house.accurate.pages == [1, 3, 5, 7, 9, 11]
    assert len(house.accurate.batches) <= 3


def _opens_when(gate: threading.Event, seen: Callable[[], bool]) -> None:
    """Polls, since engines tell nobody; ends with the test's own timeout otherwise."""
    while not seen() and not gate.wait(0.01):
        pass
    gate.set()


@pytest.mark.parametrize("texts", [["in doubt"], ["one", "in doubt", "three", "also doubt"]])
def test_without_the_accurate_engine_a_caller_gets_the_fast_reading_marked_and_nobody_keeps_it(
    texts: list[str], make: Make
) -> None:
    """The page says what it would need and why it did not get it, the document too; the cache takes nothing."""
    house = make(*texts, outage=NotReady("the GPU sleeps"))
    result = house.read()

    assert [lines_of(page) for page in result.pages] == [[text] for text in texts]
    marked = [page for page in result.pages if "doubt" in lines_of(page)[0]]
    assert all("the GPU sleeps" in (page.degraded or "") and "with doubt" in page.reason for page in marked)
    assert all(page.degraded is None for page in result.pages if page not in marked)
    assert set(rungs(result)) == {"fast"}
    numbers = ", ".join(str(page.number) for page in marked)
    assert any(f"degraded: pages {numbers} need the accurate rung" in warning for warning in result.warnings)
    assert house.cache.held == {}
    assert result.engines is None


def test_for_callers_whose_answer_is_final_that_is_an_outage(make: Make) -> None:
    """A bucket event comes again; what is stored is final."""
    house = make("one", "in doubt", outage=NotReady("the GPU sleeps"))

    with pytest.raises(NotReady, match="sleeps"):
        house.read(degrade=False)
    assert house.cache.held == {}


def test_an_engine_that_is_down_is_not_tried_for_every_page(make: Make) -> None:
    """Each try may take until its own deadline."""
    house = make(*(["in doubt"] * 12), outage=NotReady("down"))
    result = house.read()

    assert all(page.degraded for page in result.pages)
    assert len(set(house.accurate.pages)) < 12  # a batch that fails is tried page by page


def test_an_answer_is_there_before_the_deadline_though_the_accurate_engine_is_not_done(make: Make) -> None:
    """Marked, too: the accurate reading is given up in time to write what there is."""
    gate = threading.Event()
    house = make("in doubt", gate=gate)
    try:
        result = house.read(seconds=1.0)
    finally:
        gate.set()

    assert lines_of(result.pages[0]) == ["in doubt"]
    assert "no time left" in (result.pages[0].degraded or "")


def test_a_page_that_could_not_be_read_in_time_is_not_handed_over(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the seconds that the engine takes for a page just now."""
    house = make("in doubt")
    monkeypatch.setattr(house.reader.pace, "expected", lambda: 90.0)
    kept = house.read()
    unhurried = house.read(degrade=False)

    assert "takes 90 s" in (kept.pages[0].degraded or "")
    assert unhurried.pages[0].rung == "accurate"
    assert len(house.accurate.pages) == 1


def test_a_page_that_the_accurate_engine_refuses_keeps_the_fast_reading(make: Make) -> None:
    """Its own fault, so it is no outage and the answer is final: a warning says it."""
    house = make("in doubt", "more doubt", refuses=[1])
    first, second = house.read(degrade=False).pages

    assert (first.rung, first.error, first.degraded) == ("fast", None, None)
    assert "too wide" in (first.warnings or [""])[0]
    assert second.rung == "accurate"


def test_a_page_that_neither_engine_gets_is_a_page_with_an_error(make: Make) -> None:
    """As without an accurate engine."""
    house = make("in doubt", Corrupt("torn"))

    assert [page.error and page.error.detail for page in house.read().pages] == [None, "torn"]


def test_what_an_auto_answer_depends_on_is_both_engines_and_the_thresholds(make: Make) -> None:
    """Part of fingerprints; without an accurate engine it is the fast engine alone, as ever."""
    house = make("one")
    stricter = replace(house.reader, thresholds=Thresholds(doubtful=0.01))
    alone = replace(house.reader, batchers={"fast": house.reader.batchers["fast"]})

    told = house.reader.engine_info(Options())
    assert told.name == "stub+stand-in"
    assert stricter.engine_info(Options()) != told
    assert stricter.engine_info(Options(tier="fast")) == house.reader.engine_info(Options(tier="fast"))
    assert alone.engine_info(Options()) == house.fast.info == house.reader.engine_info(Options(tier="fast"))
    assert house.reader.engine_info(Options(tier="accurate")) == house.accurate.info
    assert house.reader.engine_info(Options(ocr="never")) == house.fast.info


def test_a_kept_answer_is_not_given_to_who_has_other_thresholds(make: Make) -> None:
    """The page would be read otherwise."""
    house = make("in doubt")
    house.read()
    other = replace(house.reader, thresholds=Thresholds(doubtful=1.0))

    assert house.read().cached
    assert other.read(FakeSource(), Options(), Caller(SECONDS)).pages[0].rung == "fast"


def test_leaving_midway_gives_all_pixels_back(make: Make) -> None:
    """Those of pages that the accurate engine has, too."""
    gate = threading.Event()
    house = make(*(["in doubt"] * 6), gate=gate)
    try:
        with pytest.raises(Exception, match="within"):
            house.read(seconds=0.3, degrade=False)
    finally:
        gate.set()

    assert house.reader.pixels.held == 0
