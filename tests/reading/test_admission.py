"""Slots: who reads, who waits, and what the others hear."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from function.errors import Busy, DeadlineExceeded
from function.reading.admission import Admission
from function.reading.caller import Caller, CallerGone


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
    monkeypatch.setattr("function.reading.admission.time.monotonic", lambda: now[0])
    admission = Admission(slots=1, waiting=1)
    for _ in range(4):
        with admission.slot(Caller(30)):
            now[0] += 20

    assert 15 <= admission.retry_after() <= 25


def test_a_slot_is_given_back_when_the_reading_fails() -> None:
    """Otherwise a few bad documents would end the service."""
    admission = Admission(slots=1, waiting=1)
    with pytest.raises(ValueError, match="bad"), admission.slot(Caller(30)):
        raise ValueError("bad")

    with admission.slot(Caller(30, patience=0)):
        assert admission._held == 1
