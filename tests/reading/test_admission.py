"""Slots: who reads, who waits, and what the others hear."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from function.errors import Busy, DeadlineExceeded
from function.reading.caller import Caller, CallerGone
from function.reading.queue.admission import Admission


@pytest.fixture
def full() -> Iterator[tuple[Admission, ExitStack]]:
    """Two slots, both held; the stack gives them back."""
    admission = Admission(slots=2, waiting=1)
    with ExitStack() as held:
        held.enter_context(admission.slot(Caller(30)))
        held.enter_context(admission.slot(Caller(30)))
        yield admission, held


def test_an_http_caller_beyond_the_slots_hears_busy_with_a_retry_after(full: tuple[Admission, ExitStack]) -> None:
    """429 says when to come back."""
    with pytest.raises(Busy, match="OCR_SLOTS") as refused, full[0].slot(Caller(30, patience=0.1)):
        pass

    assert refused.value.retry_after >= 1


def test_a_caller_without_patience_setting_waits_until_its_deadline(full: tuple[Admission, ExitStack]) -> None:
    """A broker ignores Retry-After and its retries are few, so events wait."""
    with pytest.raises(DeadlineExceeded), full[0].slot(Caller(0.3)):
        pass


def test_a_caller_that_hangs_up_while_waiting_leaves_the_queue(full: tuple[Admission, ExitStack]) -> None:
    """Its place is free for the next."""
    with pytest.raises(CallerGone), full[0].slot(Caller(30, gone=lambda: True)):
        pass
    assert full[0]._waiting == 0


def test_a_waiting_caller_gets_the_slot_that_comes_free(full: tuple[Admission, ExitStack]) -> None:
    """Waiting ends as soon as somebody leaves."""
    admission, held = full
    got = threading.Event()

    def call() -> None:
        with admission.slot(Caller(30, patience=30)):
            got.set()

    thread = threading.Thread(target=call)
    thread.start()
    while not admission._waiting:
        assert thread.is_alive()
    held.close()

    assert got.wait(30)
    thread.join(30)


def test_more_waiting_callers_than_allowed_hear_busy_at_once(full: tuple[Admission, ExitStack]) -> None:
    """Each waiting caller holds a server thread; probes need some."""
    admission, held = full
    done = threading.Event()

    def call() -> None:
        with admission.slot(Caller(30, patience=30)):
            done.set()

    thread = threading.Thread(target=call)
    thread.start()
    while not admission._waiting:
        assert thread.is_alive()

    with pytest.raises(Busy), admission.slot(Caller(30, patience=30)):
        pass
    held.close()
    assert done.wait(30)
    thread.join(30)


def test_retry_after_follows_the_measured_drain_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents that take 20 s each in one slot mean: come back in about 20 s."""
    now = [1000.0]
    monkeypatch.setattr("function.reading.queue.admission.time.monotonic", lambda: now[0])
    admission = Admission(slots=1, waiting=1)
    for _ in range(4):
        with admission.slot(Caller(30)):
            now[0] += 20

    assert 15 <= admission.retry_after() <= 25


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be moved by hand."""
    told = [1000.0]
    monkeypatch.setattr("function.reading.queue.admission.time.monotonic", lambda: told[0])
    return told


def _one_slot(now: list[float], *, waiting: int = 0, seconds: float = 10) -> Admission:
    """One slot, in which documents took so long each."""
    admission = Admission(slots=1, waiting=waiting)
    for _ in range(4):
        with admission.slot(Caller(30)):
            now[0] += seconds
    return admission


def _turned_away(admission: Admission, tenant: str = "") -> int:
    """The seconds that a caller hears who comes while the slot is held."""
    with pytest.raises(Busy) as refused, admission.slot(Caller(30, patience=0, tenant=tenant)):
        pass
    return refused.value.retry_after


def test_idle_hours_do_not_count_as_slowness(now: list[float]) -> None:
    """The first who is turned away after a quiet night hears what a document takes, not the longest that is told."""
    admission = _one_slot(now)
    now[0] += 8 * 3600

    with admission.slot(Caller(30)):
        assert _turned_away(admission) == 10


def test_all_who_are_turned_away_are_told_a_time_of_their_own(now: list[float]) -> None:
    """Told the same second, all of them would come at once, and all but one in vain."""
    admission = _one_slot(now)

    with admission.slot(Caller(30)):
        assert [_turned_away(admission) for _ in range(4)] == [10, 30, 50, 70]
        now[0] += 25
        assert _turned_away(admission) > 60, "three of them are still to come"
    now[0] += 3600
    with admission.slot(Caller(30)):
        assert _turned_away(admission) < 30, "those times have passed"


def test_the_first_who_are_turned_away_hear_what_is_known_so_far(now: list[float]) -> None:
    """Before anything has ended, a document takes at least as long as the one that is being read."""
    admission = Admission(slots=1, waiting=0)

    with admission.slot(Caller(30)):
        now[0] += 40
        assert _turned_away(admission) == 40


def test_nobody_is_told_more_than_the_bound(now: list[float]) -> None:
    """However many there are."""
    admission = _one_slot(now, seconds=50)

    with admission.slot(Caller(30)):
        assert [_turned_away(admission) for _ in range(4)] == [50, 120, 120, 120]


def test_a_crowd_of_one_tenant_is_not_before_another(now: list[float]) -> None:
    """They take turns, so the other hears as little as if the crowd were not there."""
    admission = _one_slot(now)

    with admission.slot(Caller(30)):
        assert [_turned_away(admission, "bulk") for _ in range(3)] == [10, 30, 50]
        assert _turned_away(admission, "small") == 10
    assert set(admission._told) == {"bulk", "small"}
    now[0] += 60
    with admission.slot(Caller(30)):
        _turned_away(admission)
    assert set(admission._told) == {""}, "what has passed takes no memory"


def test_a_slot_is_given_back_when_the_reading_fails() -> None:
    """Otherwise a few bad documents would end the service."""
    admission = Admission(slots=1, waiting=1)
    with pytest.raises(ValueError, match="bad"), admission.slot(Caller(30)):
        raise ValueError("bad")

    with admission.slot(Caller(30, patience=0)):
        assert admission._held == 1


def _in_order_of_entry(admission: Admission, *tenants: str) -> list[str]:
    """Who got a slot, one after the other, of those who came in this order while all were held."""
    entered: list[str] = []
    go_on = threading.Semaphore(0)

    def call(tenant: str) -> None:
        with admission.slot(Caller(30, tenant=tenant)):
            entered.append(tenant)
            assert go_on.acquire(timeout=30)

    threads = []
    with admission.slot(Caller(30, tenant="bulk")):
        for number, tenant in enumerate(tenants, 1):
            threads.append(threading.Thread(target=call, args=(tenant,)))
            threads[-1].start()
            while admission._waiting < number:
                assert threads[-1].is_alive()
    for number in range(1, len(tenants) + 1):
        while len(entered) < number:
            assert any(thread.is_alive() for thread in threads)
        go_on.release()
    for thread in threads:
        thread.join(30)
    return entered


def test_who_came_first_has_the_slot_first() -> None:
    """Nobody is overtaken within a tenant, nor without tenants."""
    assert _in_order_of_entry(Admission(slots=1, waiting=8), "", "", "bulk", "") == ["", "", "bulk", ""]


def test_a_tenant_without_a_slot_goes_before_one_that_has_some() -> None:
    """Its documents that came first let somebody else in before them."""
    admission = Admission(slots=2, waiting=8)
    with admission.slot(Caller(30, tenant="bulk")):
        assert _in_order_of_entry(admission, "bulk", "bulk", "small") == ["small", "bulk", "bulk"]


@pytest.mark.parametrize(("weight", "first"), [(1.0, "small"), (4.0, "bulk")])
def test_weights_count_for_slots_too(weight: float, first: str) -> None:
    """Who pays for four may hold three where others hold one."""
    admission = Admission(slots=4, waiting=8, weights={"bulk": weight})
    with ExitStack() as held:
        for tenant in ("bulk", "bulk", "small"):
            held.enter_context(admission.slot(Caller(30, tenant=tenant)))

        assert _in_order_of_entry(admission, "bulk", "small")[0] == first


def test_who_comes_with_the_same_document_when_told_to_has_the_place_of_one_who_was_told_nothing(
    now: list[float],
) -> None:
    """Else a crowd of newcomers would fill every place, and Retry-After would be no promise."""
    admission = _one_slot(now, waiting=1)
    heard: list[str] = []

    def newcomer() -> None:
        try:
            with admission.slot(Caller(300, patience=200), "other"):
                heard.append("read")
        except Busy:
            heard.append("busy")

    with admission.slot(Caller(30)):
        with pytest.raises(Busy), admission.slot(Caller(30, patience=0), "mine"):
            pass
        thread = threading.Thread(target=newcomer)
        thread.start()
        while not admission._waiting:
            assert thread.is_alive()
        with pytest.raises(Busy), admission.slot(Caller(30, patience=0), "mine"):
            pass  # too early: it was told to come in 20 s
        assert heard == []
        now[0] += 25
        mine = threading.Thread(target=_hold, args=(admission, "mine"))
        mine.start()
        thread.join(30)
        assert heard == ["busy"]
        assert admission._waiting == 1
    mine.join(30)
    assert not mine.is_alive()


def _hold(admission: Admission, document: str) -> None:
    with admission.slot(Caller(300, patience=200), document):
        pass


def test_a_place_is_kept_once_and_not_for_ever(now: list[float]) -> None:
    """Who was told to come and never did takes no memory; whoever came has used the place up."""
    admission = _one_slot(now)
    with admission.slot(Caller(30)):
        with pytest.raises(Busy), admission.slot(Caller(30, patience=0), "mine"):
            pass
        with pytest.raises(Busy), admission.slot(Caller(30, patience=0), "never"):
            pass
        now[0] += 35
        assert admission._redeemed("", "mine")
        assert not admission._redeemed("", "mine")
        assert not admission._redeemed("other tenant", "never")
        now[0] += 3600
        _turned_away(admission)
    assert admission._promised == {}
