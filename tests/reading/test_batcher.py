"""The batcher: everyone's pages through one engine thread, each back to its own caller."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from function.engines.stub import StubEngine, stamp
from function.errors import Corrupt, DeadlineExceeded, EngineFailed, NotReady
from function.page import PageImage
from function.reading.batcher import Batcher, EngineReading
from function.reading.batching import Batching
from function.reading.caller import Caller, CallerGone
from function.telemetry import metrics


def page(text: str, number: int = 1) -> PageImage:
    """A page that the stub reads as `text`."""
    return PageImage(number, stamp(text, 200, 100))


def text_of(reading: EngineReading) -> str:
    """What was read."""
    return "\n".join(line.text for line in reading.reading.lines)


class GatedEngine(StubEngine):
    """Reads nothing before its gate opens, so that a test decides what waits in the queue."""

    def __init__(self, max_batch: int = 4, **more: Any) -> None:
        super().__init__(max_batch=max_batch, **more)
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.batches: list[int] = []
        self.numbers: list[int] = []

    def read(self, pages):  # type: ignore[no-untyped-def]
        """Note the batch, wait for the gate, read."""
        self.batches.append(len(pages))
        self.numbers += [page.number for page in pages]
        self.entered.set()
        assert self.gate.wait(30)
        yield from super().read(pages)


@pytest.fixture
def batchers() -> Iterator[Callable[..., Batcher]]:
    """Makes started batchers and ends them with the test."""
    made: list[Batcher] = []

    def make(engine: StubEngine, queue_pages: int = 16, **more: Any) -> Batcher:
        batcher = Batcher(engine, queue_pages=queue_pages, **more)
        batcher.start().result(30)
        made.append(batcher)
        return batcher

    yield make
    for batcher in made:
        if isinstance(batcher.engine, GatedEngine):
            batcher.engine.gate.set()
        batcher.close()


def test_twenty_callers_each_get_their_own_pages(batchers: Callable[..., Batcher]) -> None:
    """However pages are batched, nobody ever gets another's text."""
    batcher = batchers(StubEngine(), queue_pages=4)
    wrong: list[str] = []

    def call(name: int) -> None:
        caller = Caller(30)
        for number in range(1, 11):
            text = f"caller {name} page {number}"
            answer = text_of(batcher.wait(batcher.submit(page(text, number), caller), caller))
            if answer != text:
                wrong.append(f"{text} got {answer}")

    threads = [threading.Thread(target=call, args=(name,)) for name in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert wrong == []


def test_pages_that_wait_are_read_together_up_to_the_engines_batch(batchers: Callable[..., Batcher]) -> None:
    """Nobody waits for a batch to fill, but what has queued up goes together."""
    engine = GatedEngine(max_batch=4)
    batcher, caller = batchers(engine), Caller(30)
    first = batcher.submit(page("first"), caller)
    assert engine.entered.wait(30)
    rest = [batcher.submit(page(f"{i}"), caller) for i in range(6)]

    engine.gate.set()
    answers = [text_of(batcher.wait(future, caller)) for future in [first, *rest]]

    assert answers == ["first", "0", "1", "2", "3", "4", "5"]
    assert engine.batches == [1, 4, 2]


def test_one_bad_page_fails_alone(batchers: Callable[..., Batcher]) -> None:
    """Its batch-mates are read as if it had not been there."""
    engine = GatedEngine()
    batcher, caller = batchers(engine), Caller(30)
    batcher.submit(page("blocker"), caller)
    assert engine.entered.wait(30)
    futures = {words: batcher.submit(page(words), caller) for words in ("good", "stub:page-fault", "fine")}
    engine.gate.set()

    assert text_of(batcher.wait(futures["good"], caller)) == "good"
    assert text_of(batcher.wait(futures["fine"], caller)) == "fine"
    with pytest.raises(EngineFailed):
        batcher.wait(futures["stub:page-fault"], caller)


@pytest.mark.parametrize("fault", ["stub:engine-fault", "stub:lost", "stub:twice"])
def test_an_engine_that_breaks_on_a_batch_reads_the_innocent_pages_one_by_one(
    fault: str, batchers: Callable[..., Batcher]
) -> None:
    """As many readings come out as pages went in, whatever the engine does with the batch."""
    engine = GatedEngine()
    batcher, caller = batchers(engine), Caller(30)
    batcher.submit(page("blocker"), caller)
    assert engine.entered.wait(30)
    before, guilty, after = (batcher.submit(page(words), caller) for words in ("before", fault, "after"))
    engine.gate.set()

    assert text_of(batcher.wait(before, caller)) == "before"
    assert text_of(batcher.wait(after, caller)) == "after"
    if fault == "stub:twice":
        assert text_of(batcher.wait(guilty, caller)) == fault
    else:
        with pytest.raises(EngineFailed):
            batcher.wait(guilty, caller)
    assert batcher.alive


def test_a_page_without_pixels_is_the_documents_fault(batchers: Callable[..., Batcher]) -> None:
    """A Refusal, so that it becomes a page with an error and no outage."""
    batcher, caller = batchers(StubEngine()), Caller(30)
    empty = PageImage(3, stamp("x", 200, 100)[:0])

    with pytest.raises(Corrupt, match="no pixels"):
        batcher.wait(batcher.submit(empty, caller), caller)


def test_a_page_whose_caller_has_gone_is_not_read(batchers: Callable[..., Batcher]) -> None:
    """Nobody pays for an answer that nobody hears."""
    engine = GatedEngine()
    batcher, gone = batchers(engine), threading.Event()
    stays, leaves = Caller(30), Caller(30, gone.is_set)
    batcher.submit(page("blocker"), stays)
    assert engine.entered.wait(30)
    lost = batcher.submit(page("lost"), leaves)
    kept = batcher.submit(page("kept"), stays)
    gone.set()
    engine.gate.set()

    assert text_of(batcher.wait(kept, stays)) == "kept"
    with pytest.raises(CallerGone):
        lost.result(30)
    assert engine.batches == [1, 1]


def test_waiting_ends_with_the_deadline_and_the_work_is_cancelled(batchers: Callable[..., Batcher]) -> None:
    """A caller out of time hears 504, and its page is never read."""
    engine = GatedEngine()
    batcher = batchers(engine)
    batcher.submit(page("blocker"), Caller(30))
    assert engine.entered.wait(30)
    hasty = Caller(0.2)
    future = batcher.submit(page("late"), hasty)

    with pytest.raises(DeadlineExceeded, match="OCR_REQUEST_SECONDS"):
        batcher.wait(future, hasty)
    assert future.cancelled()


def test_a_full_queue_blocks_the_renderer_until_its_deadline(batchers: Callable[..., Batcher]) -> None:
    """Memory holds OCR_QUEUE_PAGES drawn pages, however many documents are under way."""
    engine = GatedEngine(max_batch=1)
    batcher = batchers(engine, queue_pages=2)
    batcher.submit(page("in the engine"), Caller(30))
    assert engine.entered.wait(30)
    for words in ("queued", "queued too"):
        batcher.submit(page(words), Caller(30))

    with pytest.raises(DeadlineExceeded):
        batcher.submit(page("no room"), Caller(0.2))


def test_single_lines_are_read_ahead_of_waiting_pages(batchers: Callable[..., Batcher]) -> None:
    """A spot check takes milliseconds and somebody's first page depends on it."""
    engine = GatedEngine(max_batch=1)
    batcher, caller = batchers(engine), Caller(30)
    order: list[str] = []
    batcher.submit(page("blocker"), caller)
    assert engine.entered.wait(30)
    later: Future[EngineReading] = batcher.submit(page("later"), caller)
    later.add_done_callback(lambda _: order.append("page"))
    read: list[tuple[str, float]] = []
    crops = threading.Thread(target=lambda: read.extend(batcher.recognise([stamp("line", 120, 48)], caller)))
    crops.start()
    while not batcher._crops:
        assert crops.is_alive()
    batcher._crops[0].future.add_done_callback(lambda _: order.append("line"))
    engine.gate.set()
    crops.join(30)
    batcher.wait(later, caller)

    assert read == [("line", 1.0)]
    assert order == ["line", "page"]


def test_closing_finishes_what_was_accepted_and_then_refuses() -> None:
    """SIGTERM loses nobody's page; who comes later hears 503."""
    engine = GatedEngine()
    batcher, caller = Batcher(engine, queue_pages=16), Caller(30)
    batcher.start().result(30)
    futures = [batcher.submit(page(f"{i}"), caller) for i in range(6)]
    engine.gate.set()

    batcher.close()

    assert [text_of(future.result(0)) for future in futures] == ["0", "1", "2", "3", "4", "5"]
    with pytest.raises(NotReady):
        batcher.submit(page("late"), caller)


def test_an_engine_that_hangs_is_not_alive() -> None:
    """Liveness then asks for a new process; nothing else would end it."""
    engine = GatedEngine()
    batcher = Batcher(engine, queue_pages=2, stuck_seconds=0.2)
    batcher.start().result(30)
    batcher.submit(page("stuck"), Caller(30))
    assert engine.entered.wait(30)
    deadline = time.monotonic() + 30
    while batcher.alive:
        assert time.monotonic() < deadline

    engine.gate.set()
    batcher.close()


def test_an_engine_that_cannot_load_tells_whoever_waits_for_it() -> None:
    """Loading failed is loading failed: no caller may hang on a thread that has ended."""
    batcher = Batcher(StubEngine(load_fault="weights are missing"), queue_pages=2)
    loaded = batcher.start()

    with pytest.raises(EngineFailed, match="weights are missing"):
        loaded.result(30)
    with pytest.raises(NotReady):
        batcher.submit(page("x"), Caller(5))


def test_a_single_page_waits_for_one_batch_while_a_thousand_are_queued(batchers: Callable[..., Batcher]) -> None:
    """One sender's pile starves nobody: beside the page at work, one of those that came before goes before it."""
    engine = GatedEngine(max_batch=1)
    batcher = batchers(engine, queue_pages=2000)
    pile = stamp("pile", 40, 40)
    bulk = [Caller(60, tenant="bulk") for _ in range(40)]
    futures = [batcher.submit(PageImage(1, pile), bulk[number % 40]) for number in range(1000)]
    assert engine.entered.wait(30)
    small = Caller(60, tenant="small")
    single = batcher.submit(PageImage(2, pile), small)
    engine.gate.set()

    batcher.wait(single, small)

    assert engine.numbers.index(2) <= 2
    for future in futures:
        future.cancel()


def test_a_full_queue_keeps_nobody_from_his_turn(batchers: Callable[..., Batcher]) -> None:
    """Whoever blocks is in the queue already: he waits for his document's turn, not for all that came before."""
    engine = GatedEngine(max_batch=1)
    batcher = batchers(engine, queue_pages=1)
    greedy, modest = Caller(60), Caller(60)
    futures = [batcher.submit(page("in the engine"), greedy)]
    assert engine.entered.wait(30)
    with ThreadPoolExecutor(9) as pool:
        piled = [pool.submit(batcher.submit, page(f"{number}"), greedy) for number in range(8)]
        while len(batcher._pages) < 8:
            assert not all(submitted.done() for submitted in piled)
        single = pool.submit(batcher.submit, page("single", 2), modest)
        while len(batcher._pages) < 9:
            assert not single.done()
        engine.gate.set()
        futures += [submitted.result(30) for submitted in [*piled, single]]

    for future in futures:
        future.result(30)
    assert engine.numbers.index(2) <= 2


def test_an_engine_that_allows_it_is_read_by_several_threads_at_once(batchers: Callable[..., Batcher]) -> None:
    """Each is in the engine when the others come; single lines are read meanwhile."""
    together = threading.Barrier(4)

    class Meeting(StubEngine):
        def read(self, pages):  # type: ignore[no-untyped-def]
            """Wait for the others."""
            together.wait(30)
            yield from super().read(pages)

    batcher, caller = batchers(Meeting(max_batch=1, parallel=3)), Caller(30)
    futures = [batcher.submit(page(f"{number}"), caller) for number in range(3)]

    assert batcher.recognise([stamp("line", 120, 48)], caller) == [("line", 1.0)]
    together.wait(30)

    assert [text_of(batcher.wait(future, caller)) for future in futures] == ["0", "1", "2"]


def test_one_of_several_threads_that_hangs_is_enough_not_to_be_alive() -> None:
    """The others would go on for a while, with fewer and fewer."""
    engine = GatedEngine(parallel=2)
    batcher = Batcher(engine, queue_pages=2, stuck_seconds=0.2)
    batcher.start().result(30)
    batcher.submit(page("stuck"), Caller(30))
    assert engine.entered.wait(30)
    deadline = time.monotonic() + 30
    while batcher.alive:
        assert time.monotonic() < deadline

    engine.gate.set()
    batcher.close()


def test_closing_finishes_what_several_threads_were_given() -> None:
    """As with one; and all of them end."""
    batcher, caller = Batcher(StubEngine(parallel=3, max_batch=1), queue_pages=50), Caller(30)
    batcher.start().result(30)
    futures = [batcher.submit(page(f"{i}"), caller) for i in range(20)]

    batcher.close()

    assert [text_of(future.result(0)) for future in futures] == [f"{i}" for i in range(20)]
    assert not batcher.alive


def open_engine(**more: Any) -> GatedEngine:
    """One that only notes its batches."""
    engine = GatedEngine(**more)
    engine.gate.set()
    return engine


#: Longer than a test may take: who waits for its end fails.
FOR_EVER = 1000.0


def test_a_single_caller_never_waits_for_company(batchers: Callable[..., Batcher]) -> None:
    """Nobody else is being read, so nobody can come."""
    engine = open_engine()
    batcher, caller = batchers(engine, batching=Batching(FOR_EVER, under_way=lambda: 1)), Caller(30)

    for _ in range(3):
        batcher.wait(batcher.submit(page("alone"), caller), caller)

    assert engine.batches == [1, 1, 1]


def test_pages_of_several_callers_wait_for_each_other(batchers: Callable[..., Batcher]) -> None:
    """Until all who are under way have come, or the batch is full."""
    engine = open_engine(max_batch=8)
    batcher = batchers(engine, batching=Batching(FOR_EVER, under_way=lambda: 3))
    callers = [Caller(30) for _ in range(3)]

    futures = [batcher.submit(page(f"{number}"), caller) for number, caller in enumerate(callers)]

    assert [text_of(future.result(30)) for future in futures] == ["0", "1", "2"]
    assert engine.batches == [3]


@pytest.mark.parametrize(
    ("full_by", "batching"),
    [("count", {"max_batch": 2}), ("pixels", {"max_batch": 8, "pixels": 2 * 200 * 100})],
)
def test_a_full_batch_waits_no_longer(full_by: str, batching: dict[str, int], batchers: Callable[..., Batcher]) -> None:
    """Whether by count or by pixels; what does not fit goes with the next."""
    engine = open_engine(max_batch=batching.pop("max_batch"))
    leaves = threading.Event()
    under_way = Batching(FOR_EVER, under_way=lambda: 1 if leaves.is_set() else 100, **batching)
    batcher, caller = batchers(engine, batching=under_way), Caller(30)
    futures = [batcher.submit(page(f"{number}"), caller) for number in range(5)]
    for future in futures[:4]:
        future.result(30)
    leaves.set()

    futures[4].result(30)

    assert engine.batches == [2, 2, 1], full_by


def test_a_page_larger_than_a_batch_goes_alone(batchers: Callable[..., Batcher]) -> None:
    """It must be read all the same."""
    engine = open_engine()
    batcher, caller = batchers(engine, batching=Batching(0.0, pixels=100)), Caller(30)

    futures = [batcher.submit(page(f"{number}"), caller) for number in range(3)]

    assert [text_of(future.result(30)) for future in futures] == ["0", "1", "2"]
    assert engine.batches == [1, 1, 1]


def test_the_window_ends_with_its_time(batchers: Callable[..., Batcher]) -> None:
    """Those who were waited for did not come."""
    engine = open_engine()
    batcher, caller = batchers(engine, batching=Batching(0.02, under_way=lambda: 5)), Caller(30)

    assert text_of(batcher.wait(batcher.submit(page("waits"), caller), caller)) == "waits"
    assert engine.batches == [1]


def test_pages_read_for_nobody_are_counted(batchers: Callable[..., Batcher]) -> None:
    """Their caller went while the engine was at them."""
    engine = GatedEngine()
    batcher, gone = batchers(engine), threading.Event()
    before = metrics.REGISTRY.get_sample_value("zeropage_wasted_pages_total") or 0.0
    future = batcher.submit(page("for nobody"), Caller(30, gone.is_set))
    assert engine.entered.wait(30)
    gone.set()
    engine.gate.set()
    future.result(30)

    assert metrics.REGISTRY.get_sample_value("zeropage_wasted_pages_total") == before + 1
