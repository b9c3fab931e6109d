"""GET /v1/jobs/ID/events: a job's changes as server-sent events, from any instance.

A stream ends after some seconds, and its client connects again with `Last-Event-ID`, as every EventSource does by
itself: so no stream outlives an instance that is to go, and none holds a thread for as long as a document is read. The
id tells what the client has seen, so the next stream begins with what is new. After an end has been told, a client that
connects again hears 204, upon which an EventSource stays away (WHATWG HTML, 9.2).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import msgspec
from flask import Response, g, request, stream_with_context

from function.doors.jobs import answer_of, desk_here, door, looked_at
from function.doors.problems import CALLER_GONE, problem_of
from function.errors import OcrError
from function.reading.jobs.job_records import Record
from function.reading.jobs.job_status import FINAL, Found, JobStatus

#: Seconds of a stream, between two looks, and of silence after which it says that it lives.
SECONDS, GLANCE, SILENCE = 25.0, 1.0, 10.0
#: Milliseconds after which clients connect again: at once, or later where there was no room.
RETRY, RETRY_WITHOUT_ROOM = 1000, 5000
#: Streams at once. Each holds a server thread; who finds no room gets one status at each connection instead.
ROOM = 4
_room = threading.BoundedSemaphore(ROOM)


@door.get("/v1/jobs/<id_>/events")
def events(id_: str) -> Response:
    """Each change of a job as an event `status`, with heartbeats in between."""
    record, found = looked_at(id_)
    seen = request.headers.get("Last-Event-ID", "")
    if seen == _id(found.status) and found.status.state in FINAL:
        return Response(status=204)
    g.streaming = True
    response = Response(stream_with_context(_stream(record, found, seen)), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back until its buffer is full
    response.headers["Cache-Control"] = "no-store"
    return response


def _stream(record: Record, found: Found, seen: str) -> Iterator[bytes]:
    room = _room.acquire(blocking=False)
    g.outcome = CALLER_GONE  # until an end is reached: a client that leaves closes this generator
    try:
        yield b"retry: %d\n\n" % (RETRY if room else RETRY_WITHOUT_ROOM)
        if room:
            yield from _changes(record, found, seen)
        elif _id(found.status) != seen:
            yield _event("status", answer_of(found.status), _id(found.status))
        g.outcome = "done"
    except OcrError as problem:
        g.outcome = problem.name
        yield _event("error", problem_of(problem), seen)
    finally:
        g.streaming = False
        if room:
            _room.release()


def _changes(record: Record, found: Found, seen: str) -> Iterator[bytes]:
    desk, begun = desk_here(), time.monotonic()
    told = begun
    while True:
        now, id_ = time.monotonic(), _id(found.status)
        if id_ != seen:
            seen, told = id_, now
            yield _event("status", answer_of(found.status), id_)
        elif now - told >= SILENCE:
            told = now
            yield _event("heartbeat", {}, seen)
        if found.status.state in FINAL or now - begun + GLANCE > SECONDS:
            return
        time.sleep(GLANCE)
        found = desk.jobs.look(record)
        desk.keep_going(found)


def _id(status: JobStatus) -> str:
    """What a client has seen, in one word."""
    pages = status.pages
    return f"{status.state}-{pages.done}-{pages.total}" if pages else status.state


def _event(name: str, body: object, id_: str) -> bytes:
    return f"event: {name}\nid: {id_}\ndata: ".encode() + msgspec.json.encode(body) + b"\n\n"
