"""The batcher: everyone's pages through one engine thread, each back to its own caller."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from function import heap
from function.engines.stub import StubEngine, stamp
from function.errors import Corrupt, DeadlineExceeded, EngineFailed, NotReady
from function.page import PageImage
from function.reading.caller import Caller, CallerGone
from function.reading.queue.batcher import Batcher, EngineReading
from function.telemetry import metrics
from tests.reading.conftest import GatedEngine, page, text_of


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


def test_memory_is_given_back_once_when_nothing_has_come_for_a_while(
    batchers: Callable[..., Batcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the engine's thread, while nobody waits; what comes afterwards is read as before."""
    rested, times = threading.Semaphore(0), []

    def give_back() -> None:
        times.append(threading.current_thread().name)
        rested.release()

    monkeypatch.setattr(heap, "REST", 0.01)
    monkeypatch.setattr(heap, "give_back", give_back)
    batcher, caller = batchers(StubEngine()), Caller(30)

    for name in ("before", "after"):
        assert text_of(batcher.wait(batcher.submit(page(name), caller), caller)) == name
        assert rested.acquire(timeout=30)
    assert not rested.acquire(timeout=0.1)

    assert times == ["engine", "engine"]


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
