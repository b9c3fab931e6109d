"""Uploads that are read beside callers: each once, tried again when we fail, dropped when the process stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from events.uploads import DocumentUploaded
from function.errors import Corrupt, StoreUnavailable
from function.reading.caller import Caller
from function.reading.jobs import background
from function.reading.jobs.background import Background

UPLOAD = DocumentUploaded("inbox", "jobs/1/a.pdf", etag="1")
Read = Callable[[DocumentUploaded, Caller], object]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[Background, list[str]]]]:
    """Makes one, and a list of what it gave up."""
    monkeypatch.setattr(background, "_PAUSE", 0.001)
    made = []

    def build(read: Read, **more: int) -> tuple[Background, list[str]]:
        given_up: list[str] = []
        settings = {"threads": 2, **more}
        one = Background(
            read, not_ready=lambda: None, give_up=lambda key, why: given_up.append(f"{key}: {why}"), **settings
        )
        made.append(one)
        return one, given_up

    yield build
    for one in made:
        one.stop()


def test_an_outage_is_tried_again_and_at_last_given_up(make: Callable[..., tuple[Background, list[str]]]) -> None:
    """As often as allowed; what was unforeseen counts as one."""
    tried, over = [], threading.Semaphore(0)

    def read(upload: DocumentUploaded, _: Caller) -> None:
        tried.append(upload.key)
        over.release()
        raise StoreUnavailable("away") if len(tried) % 2 else ValueError("unforeseen")

    one, given_up = make(read, tries=3)
    one.take(UPLOAD)
    assert all(over.acquire(timeout=30) for _ in range(3))
    one._threads.shutdown(wait=True)

    assert tried == [UPLOAD.key] * 3
    assert given_up == [f"{UPLOAD.key}: away"]


def test_a_refusal_is_final(make: Callable[..., tuple[Background, list[str]]]) -> None:
    """Its error object tells it; nothing failed."""
    tried = []

    def read(upload: DocumentUploaded, _: Caller) -> None:
        tried.append(upload.key)
        raise Corrupt("damaged")

    one, given_up = make(read)
    one.take(UPLOAD)
    one._threads.shutdown(wait=True)

    assert (tried, given_up) == ([UPLOAD.key], [])


def test_what_is_here_already_is_read_once_and_what_has_no_room_is_left(
    make: Callable[..., tuple[Background, list[str]]],
) -> None:
    """Whoever polls a job asks for it again and again; the bucket keeps what does not fit."""
    read, gate = [], threading.Event()

    def wait(upload: DocumentUploaded, _: Caller) -> None:
        assert gate.wait(30)
        read.append(upload.key)

    one, _ = make(wait, waiting=2)
    for key in ("a", "a", "b", "c"):
        one.take(DocumentUploaded("inbox", key))
    gate.set()
    one._threads.shutdown(wait=True)

    assert sorted(read) == ["a", "b"]


def test_a_process_that_stops_drops_what_it_reads(make: Callable[..., tuple[Background, list[str]]]) -> None:
    """At the next look at its caller; nothing is given up, for another instance takes it over."""
    begun = threading.Event()

    def read(_: DocumentUploaded, caller: Caller) -> None:
        begun.set()
        while True:
            caller.check()

    one, given_up = make(read)
    one.take(UPLOAD)
    assert begun.wait(30)
    one.stop()
    one.take(UPLOAD)

    assert given_up == []
