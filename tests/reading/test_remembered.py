"""Answers from the cache: never another document's, never dearer than they were, nothing of another caller in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from function.caches.base import CacheFailed, CacheResting
from function.caches.memory import MemoryCache
from function.engines.base import Engine
from function.engines.stub import StubEngine
from function.errors import Busy, Corrupt, EngineFailed
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.reader import Reader
from function.reading.recall.remembered import Remembered
from function.results.model import DocumentResult, EngineInfo, PageResult
from function.telemetry import metrics
from tests.reading.test_reader import FakeDocument, FakeOpener, FakeSource, lines_of

SECONDS = 60.0
STUB = {"fast": EngineInfo("stub", "1", "")}


@dataclass
class Ledger:
    """A cache that tests look into, and that can fail."""

    held: dict[str, bytes] = field(default_factory=dict)
    failure: CacheFailed | None = None

    def start(self) -> None:
        """Nothing."""

    def get(self, key: str) -> bytes | None:
        """What is held, or the failure."""
        if self.failure:
            raise self.failure
        return self.held.get(key)

    def put(self, key: str, value: bytes) -> None:
        """Hold it."""
        self.held[key] = value

    def close(self) -> None:
        """Nothing."""


@dataclass
class House:
    """A reader with a cache."""

    reader: Reader
    opener: FakeOpener
    cache: Ledger

    def read(self, source: FakeSource | None = None, options: Options | None = None, **caller: bool) -> DocumentResult:
        """One answer, of one who does not wait for a slot."""
        return self.reader.read(
            source or FakeSource(),
            options or Options(),
            Caller(SECONDS, patience=0, **caller),  # type: ignore[arg-type]
        )

    @property
    def drawn(self) -> int:
        """Pages that were really read."""
        return len(self.opener.document.drawn)


class Houses:
    """Makes them, and ends what they started."""

    def __init__(self) -> None:
        self._batchers: list[Batcher] = []

    def __call__(self, *texts: str | Exception, engine: Engine | None = None, max_bytes: int = 1 << 20) -> House:
        """One whose document has these pages."""
        batcher = Batcher(engine or StubEngine(), queue_pages=4)
        batcher.start().result(SECONDS)
        self._batchers.append(batcher)
        opener, cache = FakeOpener(FakeDocument(list(texts))), Ledger()
        memory = Remembered(cache, "release", max_bytes)
        reader = Reader(opener, {"fast": batcher}, Admission(1, waiting=1), dpi=200.0, samples=3, remembered=memory)
        return House(reader, opener, cache)

    def close(self) -> None:
        """End the engines' threads."""
        for batcher in self._batchers:
            batcher.close()


@pytest.fixture
def house() -> Iterator[Houses]:
    """Makes houses."""
    houses = Houses()
    yield houses
    houses.close()


def lookups(outcome: str) -> float:
    """So often that came of asking the cache."""
    return metrics.REGISTRY.get_sample_value("zeropage_cache_lookups_total", {"outcome": outcome}) or 0.0


def test_the_second_answer_is_the_first_without_reading(house: Houses) -> None:
    """Pages, their evidence, warnings and engine are the same; it says that it was kept."""
    at = house("one", "two")
    before = lookups("hit"), lookups("miss")
    first = at.read(options=Options(language="de"))
    second = at.read(options=Options(language="de"))

    assert at.drawn == 2
    assert (first.cached, second.cached) == (False, True)
    own = {"timings": {}, "cost": first.cost, "cached": False}
    assert structs.replace(second, **own) == structs.replace(first, **own)
    assert second.pages[0].reason
    assert (lookups("hit"), lookups("miss")) == (before[0] + 1, before[1] + 1)


def test_a_kept_answer_tells_its_own_time_and_cost(house: Houses) -> None:
    """Not what somebody else's reading once took."""
    at = house("one")
    at.read()
    second = at.read()

    assert set(second.timings) == {"recall", "total"}
    assert second.cost.gpu_seconds == 0


def test_the_name_is_the_callers_own_and_is_not_kept(house: Houses) -> None:
    """Nobody learns what others call the same document."""
    at = house("one")
    at.read(FakeSource(name="dismissal-of-mr-smith.pdf"))

    assert at.read(FakeSource(name="mine.pdf")).document.name == "mine.pdf"
    assert not any(b"smith" in value for value in at.cache.held.values())


def test_a_stream_tells_kept_pages_one_by_one(house: Houses) -> None:
    """The same objects in the same order as when it was read."""
    at = house("one", "two")
    at.read()

    *pages, result = at.reader.stream(FakeSource(), Options(), Caller(SECONDS))

    assert [lines_of(page) for page in pages if isinstance(page, PageResult)] == [["one"], ["two"]]
    assert isinstance(result, DocumentResult)
    assert result.cached


def test_a_kept_answer_needs_no_slot(house: Houses) -> None:
    """While everything is busy, what is known is answered all the same."""
    at = house("one")
    at.read()
    with at.reader.admission.slot(Caller(SECONDS)):
        assert at.read().cached
        with pytest.raises(Busy):
            at.read(FakeSource(sha256="1" * 64))


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (FakeSource(sha256="0" * 63 + "1"), Options()),
        (FakeSource(), Options(pages="1")),
        (FakeSource(), Options(tier="fast")),
        (FakeSource(), Options(ocr="always")),
        (FakeSource(), Options(language="en")),
    ],
)
def test_another_document_or_option_is_read(source: FakeSource, options: Options, house: Houses) -> None:
    """Whatever else was read before."""
    at = house("one")
    at.read()

    assert not at.read(source, options).cached
    assert at.drawn == 2


_questions = st.tuples(
    st.sampled_from([hashlib.sha256(bytes([number])).hexdigest() for number in range(4)]),
    st.builds(
        Options,
        tier=st.sampled_from(["auto", "fast", "accurate"]),
        ocr=st.sampled_from(["auto", "always", "never"]),
        pages=st.sampled_from(["", "1", "1-", "11", "1,1"]),
        language=st.sampled_from(["", "en", "1"]),
    ),
    st.sampled_from([200.0, 200.5]),
    st.sampled_from(["release", "another"]),
    st.sampled_from([("e", "1", ""), ("e1", "", ""), ("e", "", "1"), ("", "e", "1")]),
    st.sampled_from([None, ("e", "1", ""), ("v", "1", "")]),
)


@given(st.lists(_questions, min_size=2, max_size=30))
def test_two_different_questions_never_share_a_key(questions: list[tuple]) -> None:  # type: ignore[type-arg]
    """Bytes, options, resolution, release, any engine with its version and weights: each counts; equal ones agree."""
    keys: dict[str, tuple[object, ...]] = {}
    for asked in questions:
        sha256, options, dpi, surroundings, fast, accurate = asked
        engines = {"fast": EngineInfo(*fast), **({"accurate": EngineInfo(*accurate)} if accurate else {})}
        rung = "accurate" if options.tier == "accurate" and accurate else "fast"
        memory = Remembered(MemoryCache(max_bytes=1, seconds=1), surroundings, 1)

        key = memory.question(sha256, options, engines, engine=engines[rung], dpi=dpi)

        assert keys.setdefault(key, asked) == asked
    assert len(keys) == len({repr(asked) for asked in questions})


def test_all_of_a_small_world_have_keys_of_their_own() -> None:
    """Exhaustively, for the fields that users choose."""
    memory = Remembered(MemoryCache(max_bytes=1, seconds=1), "release", 1)
    chosen = [
        Options(tier=tier, ocr=ocr, pages=pages, language=language)  # type: ignore[arg-type]
        for tier, ocr, pages, language in product(
            ["auto", "fast", "accurate"], ["auto", "always", "never"], ["", "1", "1-2", "2"], ["", "en", "de"]
        )
    ]

    keys = {memory.question("0" * 64, options, STUB, engine=STUB["fast"], dpi=200.0) for options in chosen}

    assert len(keys) == len(chosen) == 108


def test_an_answer_with_a_page_that_could_not_be_read_is_not_kept(house: Houses) -> None:
    """It may have been our own failure: out of time, out of memory."""
    at = house("one", Corrupt("page 2 cannot be drawn"))

    assert at.read().pages[1].error
    assert at.cache.held == {}


@pytest.mark.parametrize("texts", [(EngineFailed("crashed"),), (Corrupt("no"),)])
def test_what_failed_is_not_kept(texts: tuple[Exception, ...], house: Houses) -> None:
    """Neither outages nor refusals: the next one tries again."""
    at = house(*texts)
    with pytest.raises(type(texts[0])):
        at.read()

    assert at.cache.held == {}


def test_half_a_stream_is_not_kept(house: Houses) -> None:
    """A caller who leaves in the middle leaves nothing behind."""
    at = house("one", "two", "three")
    stream = at.reader.stream(FakeSource(), Options(), Caller(SECONDS))
    next(stream)
    stream.close()  # type: ignore[attr-defined]

    assert at.cache.held == {}


def test_a_caller_may_have_it_read_anew(house: Houses) -> None:
    """`no-cache`: read, and kept for the next; `no-store`: not even that."""
    at = house("one")
    at.read(keep=False)
    assert at.cache.held == {}
    at.read()

    assert not at.read(recall=False).cached
    assert at.read().cached
    assert at.drawn == 3


def test_a_large_answer_is_not_kept(house: Houses) -> None:
    """One document must not drive out all the others."""
    at = house("one", max_bytes=100)
    at.read()

    assert at.cache.held == {}


@pytest.mark.parametrize("failure", [CacheFailed("down"), CacheResting("rests")])
def test_a_cache_that_fails_fails_nobody(failure: CacheFailed, house: Houses) -> None:
    """The document is read, and the metric tells."""
    at = house("one")
    at.cache.failure = failure
    label = "resting" if isinstance(failure, CacheResting) else "error"
    before = lookups(label)

    assert not at.read().cached
    assert lookups(label) == before + 1


def test_a_failure_that_somebody_holds_holds_no_document(house: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its traceback holds the frames that it came through, and with them what they have open."""
    at = house("one")
    monkeypatch.setattr(at.cache, "put", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError) as held:
        at.read()
    assert held.value.__traceback__ is not None
    assert at.opener.open_now == 0


def test_a_value_that_is_not_ours_is_read_over(house: Houses) -> None:
    """Garbage, a cut or changed value, another question's: each is noticed, and replaced by a reading."""
    at = house("one")
    first = at.read()
    [(key, good)] = at.cache.held.items()
    at.read(FakeSource(sha256="1" * 64))
    other = next(value for name, value in at.cache.held.items() if name != key)
    flipped = good.replace(b"one", b"ane")
    assert flipped != good

    for bad in (b"", b"hello", good[:-1], good + b"\0", flipped, other, b"\0" * 32 + good[32:]):
        at.cache.held[key] = bad
        before = lookups("error")
        again = at.read()

        assert not again.cached
        assert lookups("error") == before + 1
        assert again.markdown == first.markdown
        assert at.read().cached


def test_what_a_start_took_is_told_by_the_first_answer_alone(house: Houses) -> None:
    """Read or kept; and it is never kept with the answer."""
    at = house("one")
    told = {"phases": [], "ready": 1.5}
    at.reader.first_answer.set(told)
    assert at.read().timings["cold_start.ready"] == 1.5
    assert "cold_start.ready" not in at.read().timings
    at.reader.first_answer.set(told)

    assert at.read().timings["cold_start.ready"] == 1.5
    assert "cold_start.ready" not in at.read().timings
