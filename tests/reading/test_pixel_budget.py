"""The pixels of drawn pages are bounded, whoever reads; nobody waits for ever, and all of them come back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import pytest

from function.engines.stub import StubEngine
from function.errors import Corrupt, DeadlineExceeded, OcrError, RendererKilled
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.queue.pixel_budget import PixelBudget, Share
from function.reading.reader import Reader
from tests.reading.test_reader import SECONDS, FakeDocument, FakeOpener, FakeSource

#: Of a page of FakeDocument.
PAGE = 200 * 100


class Watched(PixelBudget):
    """Remembers the most that was held at once."""

    most = 0

    def _taken(self, aside: int) -> Share:
        share = super()._taken(aside)
        self.most = max(self.most, self.held)
        return share

    def give(self, pixels: int) -> None:
        """Also where a page has more than was set aside."""
        super().give(pixels)
        self.most = max(self.most, self.held)


def read_by_many(budget: PixelBudget, documents: int, *texts: str | Exception) -> list[object]:
    """What documents of these pages come to, read at once by a thread each."""
    batcher = Batcher(StubEngine(), queue_pages=4)
    batcher.start().result(SECONDS)
    ends: list[object] = [None] * documents

    def read(name: int) -> None:
        opener = FakeOpener(FakeDocument(list(texts)))
        reader = Reader(opener, {"fast": batcher}, Admission(documents, 1), dpi=200.0, samples=3, pixels=budget)
        try:
            result = reader.read(FakeSource(), Options(), Caller(SECONDS))
            ends[name] = [page.markdown.strip() for page in result.pages]
        except (Corrupt, RendererKilled) as problem:
            ends[name] = problem

    threads = [threading.Thread(target=read, args=(name,)) for name in range(documents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    batcher.close()
    return ends


@pytest.mark.parametrize("pixels", [1, PAGE, int(1.5 * PAGE), 4 * PAGE, 100 * PAGE])
def test_many_documents_share_few_pixels_and_all_are_read(pixels: int) -> None:
    """Also where one page alone is larger than all that is allowed: then it is drawn alone."""
    budget = Watched(pixels, largest=PAGE)
    texts = [f"page {number}" for number in range(1, 7)]

    assert read_by_many(budget, 6, *texts) == [texts] * 6
    assert budget.most <= max(pixels, PAGE)
    assert budget.held == 0


@pytest.mark.parametrize("fault", [Corrupt("broken"), RendererKilled("killed"), "stub:page-fault"])
def test_pages_that_fail_give_their_pixels_back(fault: str | Exception) -> None:
    """A fault of the page, of the renderer, or of the engine."""
    budget = PixelBudget(2 * PAGE, largest=PAGE)
    batcher = Batcher(StubEngine(), queue_pages=4)
    batcher.start().result(SECONDS)
    opener = FakeOpener(FakeDocument(["one", fault, "three", "four"]))
    reader = Reader(opener, {"fast": batcher}, Admission(1, 1), dpi=200.0, samples=3, pixels=budget)

    with contextlib.suppress(OcrError):  # how it ends is tested elsewhere
        list(reader.stream(FakeSource(), Options(), Caller(SECONDS)))
    batcher.close()

    assert budget.held == 0


def test_a_stream_that_is_left_gives_its_pixels_back() -> None:
    """Its client hung up."""
    budget = PixelBudget(100 * PAGE, largest=PAGE)
    batcher = Batcher(StubEngine(), queue_pages=4)
    batcher.start().result(SECONDS)
    opener = FakeOpener(FakeDocument(["page"] * 9))
    reader = Reader(opener, {"fast": batcher}, Admission(1, 1), dpi=200.0, samples=3, pixels=budget)

    stream = reader.stream(FakeSource(), Options(), Caller(SECONDS))
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    batcher.close()

    assert budget.held == 0


def test_pages_ahead_of_their_turn_leave_half_for_others() -> None:
    """A reader who takes his answer slowly keeps no more than that."""
    budget = PixelBudget(100, largest=10)
    ahead = [budget.try_take(10) for _ in range(6)]

    assert [share is not None for share in ahead] == [True] * 5 + [False]
    assert budget.take(10, Caller(SECONDS)) is not None


def test_what_a_page_is_known_or_turns_out_to_have_is_what_counts() -> None:
    """Set aside at first is the most it could have."""
    budget = PixelBudget(100, largest=40)
    known, unknown = budget.take(7, Caller(SECONDS)), budget.take(0, Caller(SECONDS))

    assert budget.held == 47
    unknown.settle(50)
    assert budget.held == 57
    for share in (known, unknown, unknown):
        share.give_back()
    assert budget.held == 0


def test_a_large_page_is_not_overtaken_by_small_ones(eventually: Callable[[Callable[[], bool]], bool]) -> None:
    """Who came first is served first."""
    budget = PixelBudget(10, largest=10)
    held = budget.take(5, Caller(SECONDS))
    order: list[str] = []

    def take(name: str, pixels: int) -> None:
        share = budget.take(pixels, Caller(SECONDS))
        order.append(name)
        share.give_back()

    threads = []
    for count, (name, pixels) in enumerate([("large", 10), ("small", 1)], 1):
        threads.append(threading.Thread(target=take, args=(name, pixels)))
        threads[-1].start()
        assert eventually(lambda count=count: len(budget._waiting) == count)  # type: ignore[misc]
    assert budget.try_take(1) is None
    held.give_back()
    for thread in threads:
        thread.join(SECONDS)

    assert order == ["large", "small"]


def test_a_caller_waits_for_pixels_no_longer_than_its_deadline() -> None:
    """And leaves the line to the next."""
    budget = PixelBudget(10, largest=10)
    held = budget.take(10, Caller(SECONDS))

    with pytest.raises(DeadlineExceeded):
        budget.take(10, Caller(0.01))

    held.give_back()
    assert budget.take(10, Caller(SECONDS)) is not None


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], bool]:
    """Polls what another thread makes true."""

    def until(condition: Callable[[], bool]) -> bool:
        deadline = Caller(SECONDS)
        pause = threading.Event()
        while not condition() and deadline.remaining > 0:
            pause.wait(0.005)
        return condition()

    return until
