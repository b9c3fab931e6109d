"""How callers share an engine: turns, several threads, batches that wait for company where that pays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from function.engines.stub import StubEngine, stamp
from function.page import PageImage
from function.reading.caller import Caller
from function.reading.queue.batcher import Batcher
from function.reading.queue.batching import Batching
from tests.reading.conftest import GatedEngine, page, text_of


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
