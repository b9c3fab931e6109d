"""Pages by their pixels: equal ones are read once, also at the same moment; a page that differs in anything is read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from function.caches.base import CacheFailed
from function.engines.stub import StubEngine, stamp
from function.errors import EngineFailed
from function.page import Asked, PageImage, PageReading
from function.reading.caller import Caller, CallerGone
from function.reading.queue.batcher import Batcher
from function.reading.recall.known_pages import KnownPages, _Kept
from function.results.model import Block, EngineInfo, Image
from tests.reading.test_remembered import Ledger

SECONDS = 30.0


class Reader(StubEngine):
    """Counts what it reads; stands still at a closed gate; fails as often as told."""

    def __init__(self, *, version: str = "1", failures: int = 0, warning: str = "") -> None:
        super().__init__(max_batch=1)
        self.read_pages: list[int] = []
        self.gate, self.entered = threading.Event(), threading.Event()
        self.gate.set()
        self._version, self._failures, self._warning = version, failures, warning

    @property
    def info(self) -> EngineInfo:
        """Of that version."""
        return EngineInfo("stub", self._version, "")

    def read(self, pages):  # type: ignore[no-untyped-def]
        """Read, after the gate."""
        self.read_pages += [page.number for page in pages]
        self.entered.set()
        assert self.gate.wait(SECONDS)
        for index, outcome in super().read(pages):
            if self._failures:
                self._failures -= 1
                yield index, EngineFailed("this time")
                continue
            if self._warning and isinstance(outcome, PageReading):
                outcome = replace(outcome, warnings=[self._warning])  # noqa: PLW2901
            yield index, outcome


Make = Callable[..., Batcher]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes batchers that know pages."""
    made: list[Batcher] = []

    def build(
        engine: StubEngine | None = None, cache: Any = None, release: str = "1", max_bytes: int = 1 << 20
    ) -> Batcher:
        known = KnownPages(cache if cache is not None else Ledger(), release, max_bytes)
        made.append(Batcher(engine or Reader(), queue_pages=16, known=known))
        made[-1].start().result(SECONDS)
        return made[-1]

    yield build
    for batcher in made:
        if isinstance(batcher.engine, Reader):
            batcher.engine.gate.set()
        batcher.close()


def page(text: str, number: int = 1, **more: Any) -> PageImage:
    """One that says so."""
    return PageImage(number, stamp(text, 200, 100), **more)


def read(batcher: Batcher, image: PageImage, **caller: Any) -> str:
    """Its text."""
    asks = Caller(SECONDS, **caller)
    return text_of(batcher.wait(batcher.submit(image, asks), asks).reading)


def text_of(reading: PageReading) -> str:
    """What was read."""
    return "\n".join(line.text for line in reading.lines)


def test_an_equal_page_of_another_document_is_not_read_again(make: Make) -> None:
    """Wherever it stands there; it costs nothing."""
    engine = Reader()
    batcher = make(engine)
    assert read(batcher, page("same", 1)) == "same"
    again = batcher.submit(page("same", 7), Caller(SECONDS)).result(SECONDS)

    assert text_of(again.reading) == "same"
    assert again.cpu_seconds == 0.0
    assert engine.read_pages == [1]


def test_a_page_that_differs_in_one_pixel_is_read(make: Make) -> None:
    """An invoice may differ in one digit."""
    engine = Reader()
    batcher = make(engine)
    nearly = page("total 1100.00", 2)
    nearly.pixels[-1, -1, -1] ^= 1
    read(batcher, page("total 1100.00", 1))

    read(batcher, nearly)

    assert engine.read_pages == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        {"dpi": 300.0},
        {"asked": Asked(language="de")},
        {"asked": Asked(wishes={"charts": "yes"})},
    ],
)
def test_whatever_a_reading_depends_on_is_part_of_its_key(other: dict[str, Any], make: Make) -> None:
    """Another question is another answer."""
    engine = Reader()
    batcher = make(engine)
    read(batcher, page("same", 1))

    read(batcher, page("same", 2, **other))

    assert engine.read_pages == [1, 2]


@pytest.mark.parametrize("other", [{"engine": Reader(version="2")}, {"release": "2"}])
def test_another_engine_or_program_reads_for_itself(other: dict[str, Any], make: Make) -> None:
    """What an older one read is not taken for its own."""
    cache = Ledger()
    read(make(cache=cache), page("same", 1))
    later = make(**{"engine": Reader(), "cache": cache, **other})

    read(later, page("same", 2))

    assert later.engine.read_pages == [2]  # type: ignore[attr-defined]


def test_the_shape_counts_beside_the_bytes(make: Make) -> None:
    """The same bytes in other rows are another page."""
    engine = Reader()
    batcher = make(engine)
    wide = page("same", 1)
    read(batcher, wide)

    read(batcher, PageImage(2, wide.pixels.reshape(200, 100, 3)))

    assert engine.read_pages == [1, 2]


def test_everything_of_a_reading_comes_back(make: Make) -> None:
    """Blocks and pictures of engines that arrange pages, too; but not what it cost."""
    whole = arranged(1)

    class Arranging(StubEngine):
        def read(self, pages):  # type: ignore[no-untyped-def]
            """Always that."""
            yield from ((index, arranged(page.number)) for index, page in enumerate(pages))

    assert {field.name for field in fields(PageReading)} - {"gpu_seconds", "warnings"} == {*_Kept.__struct_fields__} - {
        "number"
    }
    batcher = make(Arranging())
    caller = Caller(SECONDS)
    batcher.submit(page("any"), caller).result(SECONDS)

    assert batcher.submit(page("any"), caller).result(SECONDS).reading == replace(whole, gpu_seconds=0.0)
    elsewhere = batcher.submit(page("any", 7), caller).result(SECONDS).reading
    assert elsewhere == replace(arranged(7), gpu_seconds=0.0), "its pictures are called by its own number"


def test_equal_pages_at_once_have_pictures_of_their_own(make: Make) -> None:
    """Two of one document must not share a name, nor one with a third page of that number."""

    class Arranging(Reader):
        def read(self, pages):  # type: ignore[no-untyped-def]
            """A picture on each."""
            for index, _ in super().read(pages):  # type: ignore[no-untyped-call]
                yield index, arranged(pages[index].number)

    engine = Arranging()
    batcher = make(engine)
    futures = waiting(batcher, engine, *(page("same", number) for number in (1, 2)))
    engine.gate.set()

    assert [future.result(SECONDS).reading.images[0].name for future in futures[1:]] == ["page-1-a.png", "page-2-a.png"]
    assert futures[2].result(SECONDS).reading.blocks[0].image == "page-2-a.png"
    assert engine.read_pages == [99, 1]


def arranged(number: int) -> PageReading:
    """What an engine that arranges pages itself reads."""
    name = f"page-{number}-a.png"
    figure = Block("figure", [0.0, 1.0, 2.0, 3.0], "", 1.0, [], image=name)
    text = Block("paragraph", [0.0, 4.0, 2.0, 5.0], "text", 0.5, [])
    return PageReading([], 10, 20, 90, [figure, text], [Image(name, "image/png", b"\x89PNG")], gpu_seconds=2.5)


def waiting(batcher: Batcher, engine: Reader, *images: PageImage, callers: list[Caller] | None = None) -> list[Any]:
    """Futures of pages that all wait behind one that is in the engine."""
    engine.gate.clear()
    blocker = batcher.submit(page("blocker", 99), Caller(SECONDS))
    assert engine.entered.wait(SECONDS)
    asking = callers or [Caller(SECONDS) for _ in images]
    return [blocker, *(batcher.submit(image, caller) for image, caller in zip(images, asking, strict=True))]


def test_equal_pages_at_the_same_moment_are_read_once(make: Make) -> None:
    """The first one's reading answers all; each has its own text, and others in between theirs."""
    engine = Reader()
    batcher = make(engine)
    texts = ["same", "other", "same", "same", "other"]
    futures = waiting(batcher, engine, *(page(text, number) for number, text in enumerate(texts)))
    engine.gate.set()

    assert [text_of(future.result(SECONDS).reading) for future in futures] == ["blocker", *texts]
    assert sorted(engine.read_pages) == [0, 1, 99]


def test_a_page_that_comes_while_its_equal_is_read_waits_for_it(make: Make) -> None:
    """Also where several are read at once: its turn comes, and it stands aside."""

    class Two(Reader):
        parallel = 2  # type: ignore[assignment]

    engine = Two()
    batcher = make(engine)
    engine.gate.clear()
    first = batcher.submit(page("same", 1), Caller(SECONDS))
    assert engine.entered.wait(SECONDS)
    second = batcher.submit(page("same", 2), Caller(SECONDS))
    while len(batcher._pages):
        assert not second.done()
    engine.gate.set()

    assert [text_of(future.result(SECONDS).reading) for future in (first, second)] == ["same", "same"]
    assert engine.read_pages == [1]


@pytest.mark.parametrize("parallel", [1, 2])
def test_where_the_first_fails_the_next_takes_over(parallel: int, make: Make) -> None:
    """It hears of its own failure alone; of two that wait, and two threads that read, either may be the next."""
    engine = Reader(failures=1)
    engine._parallel = parallel
    batcher = make(engine)
    engine.gate.clear()
    first = batcher.submit(page("same", 1), Caller(SECONDS))
    assert engine.entered.wait(SECONDS)
    others = [batcher.submit(page("same", number), Caller(SECONDS)) for number in (2, 3)]
    engine.gate.set()

    with pytest.raises(EngineFailed):
        first.result(SECONDS)
    assert [text_of(other.result(SECONDS).reading) for other in others] == ["same", "same"]
    assert engine.read_pages in ([1, 2], [1, 3])


def test_where_the_first_ones_caller_leaves_the_next_takes_over(make: Make) -> None:
    """Before its turn came."""
    engine, gone = Reader(), threading.Event()
    batcher = make(engine)
    callers = [Caller(SECONDS, gone.is_set), Caller(SECONDS)]
    _, first, second = waiting(batcher, engine, page("same", 1), page("same", 2), callers=callers)
    gone.set()
    engine.gate.set()

    assert text_of(second.result(SECONDS).reading) == "same"
    with pytest.raises(CallerGone):
        first.result(SECONDS)
    assert engine.read_pages == [99, 2]


def test_a_caller_who_left_misses_nothing_and_disturbs_nobody(make: Make) -> None:
    """His page was to be answered with the first one's reading."""
    engine = Reader()
    batcher = make(engine)
    _, first, cancelled, third = waiting(batcher, engine, *(page("same", number) for number in range(3)))
    assert cancelled.cancel()
    engine.gate.set()

    assert [text_of(future.result(SECONDS).reading) for future in (first, third)] == ["same", "same"]
    assert engine.read_pages == [99, 0]


def test_who_keeps_nothing_shares_nothing(make: Make) -> None:
    """Neither is his page's reading given to others, nor theirs to him."""
    engine = Reader()
    batcher = make(engine)
    read(batcher, page("same", 1))

    read(batcher, page("same", 2), keep=False, recall=False)
    read(batcher, page("secret", 3), keep=False)
    read(batcher, page("secret", 4))

    assert engine.read_pages == [1, 2, 3, 4]


def test_who_wants_a_reading_of_his_own_gets_it_and_leaves_it(make: Make) -> None:
    """As `Cache-Control: no-cache` asks."""
    engine = Reader()
    batcher = make(engine)
    read(batcher, page("same", 1), recall=False)
    read(batcher, page("same", 2), recall=False)

    read(batcher, page("same", 3))

    assert engine.read_pages == [1, 2]


def test_a_reading_with_warnings_is_nobody_elses(make: Make) -> None:
    """Something was left out, perhaps because its caller had no more time."""
    engine = Reader(warning="cut")
    batcher = make(engine)
    futures = waiting(batcher, engine, page("same", 1), page("same", 2))
    engine.gate.set()
    for future in futures:
        future.result(SECONDS)

    read(batcher, page("same", 3))

    assert engine.read_pages == [99, 1, 2, 3]


def test_what_the_cache_holds_wrongly_is_read(make: Make) -> None:
    """Damaged, another page's, or not ours at all."""
    engine, cache = Reader(), Ledger()
    batcher = make(engine, cache=cache)
    read(batcher, page("one", 1))
    read(batcher, page("other", 2))
    (one, value), (other, foreign) = cache.held.items()

    for wrong in (value[:-1], foreign, b"", b"nothing of ours", value[:40] + bytes([value[40] ^ 1]) + value[41:]):
        cache.held[one] = wrong
        assert read(batcher, page("one", 3)) == "one"
    assert engine.read_pages == [1, 2, 3, 3, 3, 3, 3]
    assert cache.held[other] == foreign


def test_a_cache_that_fails_fails_no_page(make: Make) -> None:
    """It is read."""
    batcher = make(cache=Ledger(failure=CacheFailed("down")))

    assert read(batcher, page("same")) == "same"


def test_a_reading_that_is_too_large_is_not_kept(make: Make) -> None:
    """OCR_CACHE_VALUE_BYTES holds for pages, too."""
    cache = Ledger()
    read(make(cache=cache, max_bytes=50), page("same"))

    assert cache.held == {}
