"""GET /v1/jobs/ID/events: changes as they come, streams that end, clients that come back."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from werkzeug.test import TestResponse

from function.doors import job_events
from tests.doors.conftest import stamped_png
from tests.doors.job_places import Place, id_of


def test_a_job_is_taken_read_and_told_in_every_format(here: Place) -> None:
    """202 with its address at once; then its state, and the result as /v1/parse would write it."""
    taken = here.submit(stamped_png("hello"), "?ocr=always&format=markdown")
    address = taken.headers["Location"]

    assert taken.status_code == 202
    assert address == taken.json["links"]["self"] == f"/v1/jobs/{id_of(taken)}"
    assert int(taken.headers["Retry-After"]) >= 1
    told = here.wait(address, "done")
    assert told["pages"] == {"done": 1, "total": 1, "failed": 0}
    assert told["created"] <= told["finished"]
    assert here.http.get(f"{address}/result").data == b"hello\n"
    whole = here.http.get(f"{address}/result?format=json")
    assert (whole.json["pages"][0]["number"], whole.json["document"]["name"]) == (1, "document.png")
    lines = here.http.get(f"{address}/result?format=ndjson").data.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["page", "result"]


def told_in(answer: TestResponse) -> list[tuple[str, str, Any]]:
    """The events of a stream: name, id, data."""
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in answer.text.strip().split("\n\n")]
    return [(block["event"], block["id"], json.loads(block["data"])) for block in blocks if "event" in block]


def test_a_stream_tells_each_change_until_the_end(there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """`queued`, then `done`; over when it is over, and an EventSource that comes back is sent away with 204."""
    monkeypatch.setattr(job_events, "GLANCE", 0.01)
    address = there.submit(stamped_png("x")).headers["Location"]
    stream = there.http.get(f"{address}/events")
    lines = iter(stream.iter_encoded())
    head = next(lines) + next(lines)
    there.deliver(there.event())
    stream_rest = b"".join(lines)

    assert stream.content_type.startswith("text/event-stream")
    assert b"retry: 1000" in head
    assert b"event: status\nid: queued\n" in head
    assert b"event: status\nid: done-1-1\n" in stream_rest
    again = there.http.get(f"{address}/events", headers={"Last-Event-ID": "done-1-1"})
    assert again.status_code == 204


def test_a_stream_ends_after_a_while_and_the_next_goes_on_where_it_ended(
    there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told is not told again; silence is broken by heartbeats."""
    monkeypatch.setattr(job_events, "GLANCE", 0.01)
    monkeypatch.setattr(job_events, "SECONDS", 0.1)
    monkeypatch.setattr(job_events, "SILENCE", 0.02)
    address = there.submit(stamped_png("x")).headers["Location"] + "/events"

    first = told_in(there.http.get(address))
    second = told_in(there.http.get(address, headers={"Last-Event-ID": first[0][1]}))

    assert [first[0][0], first[0][2]["state"]] == ["status", "queued"]
    assert {name for name, _, _ in second} == {"heartbeat"}


def test_without_room_for_a_stream_each_connection_gets_the_status(
    there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streams must not take the threads of everybody else; clients then come again, less often."""
    monkeypatch.setattr(job_events, "_room", threading.BoundedSemaphore(1))
    job_events._room.acquire()
    address = there.submit(stamped_png("x")).headers["Location"] + "/events"

    answer = there.http.get(address)

    assert "retry: 5000" in answer.text
    assert [data["state"] for _, _, data in told_in(answer)] == ["queued"]
