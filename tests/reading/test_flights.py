"""One reading for all who ask the same at once: whoever fails or leaves takes nobody with him."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from function.engines.stub import StubEngine
from function.errors import Corrupt, DeadlineExceeded, EngineFailed
from function.reading.caller import Caller, CallerGone
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.reader import Reader
from function.reading.recall.flights import Flights
from function.reading.recall.remembered import Remembered
from function.results.model import DocumentResult
from tests.reading.test_reader import FakeDocument, FakeOpener, FakeSource
from tests.reading.test_remembered import Ledger

SECONDS = 30.0


@dataclass
class Crowd:
    """A reader with a cache that forgets at once, its first document held back, and many who ask."""

    reader: Reader
    document: FakeDocument
    gate: threading.Event
    pool: ThreadPoolExecutor

    def ask(self, sha256: str = "0" * 64, *, name: str = "x", **caller: object) -> Future[DocumentResult]:
        """One who waits for the whole."""
        asks = Caller(SECONDS, **caller)  # type: ignore[arg-type]
        return self.pool.submit(self.reader.read, FakeSource(name, sha256), Options(), asks)

    def held(self, slots: int) -> None:
        """Wait until so many are inside."""
        while self.reader.admission.held < slots:
            assert not self.gate.is_set()

    def wait_for(self, others: int) -> None:
        """Wait until so many wait for another's answer."""
        assert self.reader.remembered is not None
        while len(self.reader.remembered.flights._changed._waiters) < others:  # type: ignore[attr-defined]
            assert not self.gate.is_set()


class Forgetful(Ledger):
    """What is put is gone, as in a Redis that is slow to take it."""

    def put(self, key: str, value: bytes) -> None:
        """Nothing is held."""


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Nobody asks yet; the gate is closed."""
    gate = threading.Event()

    class Gated(StubEngine):
        def read(self, pages):  # type: ignore[no-untyped-def]
            assert gate.wait(SECONDS)
            yield from super().read(pages)

    batcher = Batcher(Gated(), queue_pages=8)
    batcher.start().result(SECONDS)
    document = FakeDocument(["one"])
    memory = Remembered(Forgetful(), "release", 1 << 20)
    reader = Reader(FakeOpener(document), {"fast": batcher}, Admission(8, 8), dpi=200.0, samples=3, remembered=memory)
    with ThreadPoolExecutor(8) as pool:
        yield Crowd(reader, document, gate, pool)
        gate.set()
    batcher.close()


def test_who_asks_the_same_at_once_hears_the_same_reading(crowd: Crowd) -> None:
    """Each under his own name of it; one has been read, whatever the cache does."""
    answers = [crowd.ask(name=f"{number}.tif") for number in range(5)]
    crowd.wait_for(4)
    crowd.gate.set()

    results = [answer.result(SECONDS) for answer in answers]

    assert len(crowd.document.drawn) == 1
    assert [result.markdown.strip() for result in results] == ["one"] * 5
    assert [result.document.name for result in results] == [f"{number}.tif" for number in range(5)]
    assert sorted(result.cached for result in results) == [False] + [True] * 4


def test_another_document_at_the_same_moment_is_read(crowd: Crowd) -> None:
    """Nobody waits for what is not the same."""
    answers = [crowd.ask(str(number) * 64) for number in range(3)]
    crowd.held(3)
    crowd.gate.set()

    assert not any(answer.result(SECONDS).cached for answer in answers)
    assert len(crowd.document.drawn) == 3


def test_who_keeps_nothing_or_wants_his_own_reading_is_alone(crowd: Crowd) -> None:
    """As he asked."""
    answers = [crowd.ask(), crowd.ask(recall=False), crowd.ask(keep=False)]
    crowd.held(3)
    crowd.gate.set()

    assert not any(answer.result(SECONDS).cached for answer in answers)
    assert len(crowd.document.drawn) == 3


def test_where_the_first_one_leaves_the_next_takes_over(crowd: Crowd) -> None:
    """And the rest have that one's answer."""
    gone = threading.Event()
    first = crowd.ask(gone=gone.is_set)
    while not crowd.document.drawn:
        assert not first.done()
    others = [crowd.ask() for _ in range(3)]
    crowd.wait_for(3)
    gone.set()
    with pytest.raises(CallerGone):
        first.result(SECONDS)
    crowd.wait_for(2)
    crowd.gate.set()

    assert sorted(other.result(SECONDS).cached for other in others) == [False, True, True]
    assert len(crowd.document.drawn) == 2


def test_a_failure_is_told_to_whoever_met_it_alone(crowd: Crowd) -> None:
    """The next tries for itself."""
    failures = [EngineFailed("this time")]

    def draw(number: int, dpi: float, **part: object) -> object:
        assert crowd.gate.wait(SECONDS)
        if failures:
            raise failures.pop()
        return FakeDocument.draw(crowd.document, number, dpi)

    crowd.document.draw = draw  # type: ignore[method-assign, assignment]
    answers = [crowd.ask() for _ in range(3)]
    crowd.wait_for(2)
    crowd.gate.set()

    outcomes = [answer.exception(SECONDS) for answer in answers]

    assert [type(outcome) for outcome in outcomes if outcome] == [EngineFailed]
    assert len(crowd.document.drawn) == 1


def test_an_answer_that_is_nobody_elses_sends_all_on_their_own_ways(crowd: Crowd) -> None:
    """A page of it failed, which may have been us: read side by side, not one after the other."""
    crowd.document.texts = ["one", Corrupt("this page")]
    answers = [crowd.ask() for _ in range(4)]
    crowd.wait_for(3)
    crowd.gate.set()

    assert not any(answer.result(SECONDS).cached for answer in answers)
    assert len(crowd.document.drawn) == 8


def test_waiting_for_another_ends_with_ones_own_deadline() -> None:
    """Whatever becomes of the other."""
    flights: Flights[bytes] = Flights()
    with (
        flights.flight("question", Caller(SECONDS)),
        pytest.raises(DeadlineExceeded),
        flights.flight("question", Caller(0.1)),
    ):
        pass
    assert flights._under_way == {}
