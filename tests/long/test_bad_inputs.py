from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import pytest

from bench import load, processes, synthetic
from tests.server import Answer, Client, Server
from tests.shared import BAD, Sample, needs_shared

pytestmark = pytest.mark.long

CALLERS = 16
#: A hang, not slowness: far above OCR_PAGE_SECONDS for opening, drawing and one more try.
HANGS = 180.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The real engine, warmed with documents at once so that every render child exists."""
    with Server({"OCR_SLOTS": str(CALLERS), "OCR_ADMISSION_SECONDS": "600"}, ready_seconds=900) as running:
        assert load.send(running.url, _healthy(), callers=CALLERS, format="text").failed == 0
        yield running


def _healthy() -> list[synthetic.Synthetic]:
    return list(islice(synthetic.documents(30, fill=0.1), 2 * CALLERS))


def _complaint(sample: Sample, answer: Answer) -> str:
    """Why the answer is not what the collection expects; empty where it is."""
    told = f"{sample}: {answer.status} {answer.body[:300]!r}"
    if answer.status == 200:
        return f"{told} should have been refused" if sample.expect == "error" else ""
    if not 400 <= answer.status < 500 or answer.status in (404, 405, 408, 409, 429):
        return f"{told} is no refusal of a document"
    if sample.expect == "ok":
        return f"{told} should have been read"
    problem = answer.json()
    if answer.headers["content-type"] != "application/problem+json" or not problem["remedy"] or not problem["detail"]:
        return f"{told} does not say what to do"
    return ""


@needs_shared
@pytest.mark.parametrize("sample", BAD, ids=str)
def test_a_bad_input_ends_as_expected(server: Server, sample: Sample) -> None:
    """A refusal that says what to do, or a result; never a 5xx, a hang or a dead server."""
    with Client(server.url, timeout=HANGS) as client:
        answer = client.parse(sample.path.read_bytes(), name=sample.path.name, format="json")
        ready = client.get("/readyz").status

    assert _complaint(sample, answer) == ""
    assert ready == 200


@needs_shared
def test_sixteen_bad_inputs_at_once_end_as_each_alone(server: Server) -> None:
    """What one document does to its child costs the others nothing, and nothing is left behind."""
    before = _held(server)
    documents = [synthetic.Synthetic(sample.path.name, sample.path.read_bytes(), ()) for sample in BAD]

    sent = load.send(server.url, documents, callers=CALLERS, format="json")

    complaints = [_complaint(sample, answer) for sample, answer in zip(BAD, sent.answers, strict=True)]
    assert list(filter(None, complaints)) == []
    assert server.is_alive()
    assert _settles_at(server, before), f"processes and descriptors before {before}, after {_held(server)}"


@needs_shared
def test_healthy_documents_among_bad_ones_are_read_in_full(server: Server) -> None:
    """A neighbour that crashes its child changes no letter of another caller's text."""
    healthy = _healthy()[:16]
    alone = {
        d.name: a.body
        for d, a in zip(healthy, load.send(server.url, healthy, callers=1, format="text").answers, strict=True)
    }
    bad = [synthetic.Synthetic(f"bad {sample.path.name}", sample.path.read_bytes(), ()) for sample in BAD[:16]]
    mixed = [document for pair in zip(healthy, bad, strict=True) for document in pair]

    sent = load.send(server.url, mixed, callers=CALLERS, format="text")

    among = {d.name: a.body for d, a in zip(mixed, sent.answers, strict=True) if d.name in alone}
    assert among == alone


@needs_shared
def test_the_server_still_ends_in_order(server: Server) -> None:
    """After all that, SIGTERM finishes and exits with 0; no process is left."""
    descendants = processes.tree(server.pid)

    assert server.stop() == 0, server.logs[-2000:]
    assert [pid for pid in descendants if processes.rss(pid)] == []


def _held(server: Server) -> tuple[int, int]:
    """Processes, and descriptors of all of them."""
    return len(processes.tree(server.pid)), processes.descriptors(server.pid)


def _settles_at(server: Server, before: tuple[int, int]) -> bool:
    """Wait until no more is held than before: closed connections and replaced children take a moment."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if all(now <= then for now, then in zip(_held(server), before, strict=True)):
            return True
        time.sleep(0.2)
    return False
