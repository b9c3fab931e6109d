"""Streams through a real server whose engine the tests hold back: what comes when, and what ends when clients go."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.doors.conftest import stamped_png, stamped_tiff
from tests.doors.test_server import eventually, metric
from tests.server import Server

_names = count(1)


class Gated:
    """A server with one slot, whose streams are silent for a tenth of a second at most."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server, self._folder = server, folder

    def gate(self) -> str:
        """The text of a page that is not read before it is opened."""
        return f"gate {next(_names)}"

    def open(self, gate: str) -> None:
        """Let that page be read."""
        (self._folder / gate.partition(" ")[2]).touch()

    def ask(
        self, body: bytes, form: str = "ndjson"
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse | None]:
        """A connection and, of streams, what they begin with; to be closed."""
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        connection.request("POST", f"/v1/parse?format={form}", body)
        return connection, connection.getresponse() if form == "ndjson" else None

    def metric(self, name: str) -> float:
        """Now."""
        return metric(self._server, name)


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    """One for all tests here: each leaves it idle."""
    folder = tmp_path_factory.mktemp("gates")
    settings = {
        "OCR_FAST_ENGINE": "stub",
        "OCR_SLOTS": "1",
        "OCR_ADMISSION_SECONDS": "60",
        "OCR_HEARTBEAT_SECONDS": "0.1",
    }
    command = (sys.executable, "-m", "tests.doors.gated_server", str(folder))
    with Server(settings, command=command) as server:
        yield Gated(server, folder)


def event(answer: http.client.HTTPResponse | None, *, beats: bool = False) -> Any:
    """The next line of a stream, heartbeats aside unless they are wanted."""
    assert answer is not None
    while True:
        found = json.loads(answer.readline())
        if beats or found["event"] != "heartbeat":
            return found


def test_a_page_is_sent_as_soon_as_it_is_read_and_the_summary_last(gated: Gated) -> None:
    """The first of fifty while the second is being read, and so on: the page count delays nothing."""
    gates = [gated.gate() for _ in range(50)]
    connection, answer = gated.ask(stamped_tiff(*gates))
    with closing(connection):
        for number, gate in enumerate(gates, 1):
            gated.open(gate)
            page = event(answer)
            assert (page["event"], page["number"], page["markdown"].strip()) == ("page", number, gate)

        result = event(answer)

        assert (result["event"], len(result["pages"])) == ("result", 50)
        assert answer is not None
        assert answer.read() == b""


def test_a_stream_speaks_before_its_first_page(gated: Gated) -> None:
    """While the first page is read, and while others have the slot: no proxy on the way takes it for dead."""
    gates = gated.gate(), gated.gate()
    reading, first = gated.ask(stamped_png(gates[0]))
    waiting, second = gated.ask(stamped_png(gates[1]))
    with closing(reading), closing(waiting):
        for answer in (first, second):
            assert answer is not None
            assert answer.status == 200
            assert [event(answer, beats=True)["event"] for _ in range(3)] == ["heartbeat"] * 3
        for gate, answer in zip(gates, (first, second), strict=True):
            gated.open(gate)
            assert event(answer)["markdown"].strip() == gate
            assert event(answer)["event"] == "result"


def test_a_failure_after_a_long_silence_is_the_last_line(gated: Gated) -> None:
    """The status has gone out by then."""
    gate = gated.gate()
    connection, answer = gated.ask(stamped_tiff(gate, "stub:engine-fault"))
    with closing(connection):
        assert event(answer, beats=True)["event"] == "heartbeat"
        gated.open(gate)

        assert [event(answer)["event"], event(answer)["event"]] == ["page", "error"]
        assert answer is not None
        assert answer.read() == b""


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_a_client_that_goes_frees_its_slot_while_its_page_is_in_the_engine(form: str, gated: Gated) -> None:
    """Streamed or not; of its pages none is begun any more, and metrics tell how late that was noticed."""
    gate, after = gated.gate(), gated.gate()
    gated.open(after)
    before = {name: gated.metric(name) for name in COUNTED}
    connection, _ = gated.ask(stamped_tiff(gate, *["page of nobody"] * 30), form)
    assert eventually(lambda: gated.metric("zeropage_batch_pages_count") == before["zeropage_batch_pages_count"] + 1)
    assert eventually(lambda: gated.metric("zeropage_queue_pages") > 0), "the document is read ahead of its engine"
    connection.close()

    assert eventually(lambda: gated.metric("zeropage_slots_held") == 0)
    gated.open(gate)
    assert eventually(lambda: gated.metric("zeropage_wasted_pages_total") == before["zeropage_wasted_pages_total"] + 1)
    connection, answer = gated.ask(stamped_png(after))
    with closing(connection):
        assert event(answer)["markdown"].strip() == after

    grown = {name: gated.metric(name) - before[name] for name in COUNTED}
    assert grown["zeropage_batch_pages_sum"] == 2, "the page that was in the engine, and that of the next client"
    assert grown["zeropage_caller_gone_seconds_count"] == 1
    assert grown["zeropage_dropped_pages_total"] >= 1


#: What a client that goes leaves in the metrics.
COUNTED = (
    "zeropage_batch_pages_count",
    "zeropage_batch_pages_sum",
    "zeropage_wasted_pages_total",
    "zeropage_dropped_pages_total",
    "zeropage_caller_gone_seconds_count",
)


def test_a_client_that_goes_while_it_waits_for_a_slot_leaves_the_line(gated: Gated) -> None:
    """Its document is never opened."""
    gate = gated.gate()
    opened = gated.metric("zeropage_document_bytes_total")
    reading, first = gated.ask(stamped_png(gate))
    opened_by_first = gated.metric("zeropage_document_bytes_total")
    gone = gated.metric("zeropage_caller_gone_seconds_count")
    waiting, _ = gated.ask(stamped_png("never read"))
    waiting.close()

    assert eventually(lambda: gated.metric("zeropage_caller_gone_seconds_count") == gone + 1)
    gated.open(gate)
    with closing(reading):
        assert event(first)["markdown"].strip() == gate
        assert event(first)["event"] == "result"
    assert opened < opened_by_first == gated.metric("zeropage_document_bytes_total")
