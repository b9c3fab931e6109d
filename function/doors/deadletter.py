"""POST /deadletter: what a broker gave up delivering is archived in the results bucket, for `events replay`.

One object a dead letter, named by what it is, so that archiving it twice makes one object. A range of a split document
is besides recorded as given up, so that the document ends without it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone

from flask import Blueprint, Response, request

from events import envelope
from events.errors import EventError
from events.event import Event
from events.senders import read_event
from events.uploads import DocumentUploaded
from events.writing import to_structured
from function.doors.bodies import message_of
from function.doors.given_up import end_range
from function.doors.operations import current
from function.errors import DoorClosed
from function.reading.jobs.jobs import give_up
from function.telemetry import metrics

door = Blueprint("deadletter", __name__)

#: Below the results prefix, so that it is our own output and never read as an upload.
FOLDER = ".zeropage/deadletters"


@door.post("/deadletter")
def keep() -> Response:
    """Keep one delivery; needs no slot and no engine."""
    archive = current().archive
    if archive is None:
        raise DoorClosed("dead letters have no place: OCR_RESULTS is not set", remedy="Set it and deliver again.")
    body = message_of(request)
    for name, content, event in _letters(body):
        key = archive.target.key(f"{FOLDER}/{datetime.now(timezone.utc):%Y/%m/%d}/{name}.json")
        archive.results.put(archive.target.bucket, key, content, media_type="application/cloudevents+json")
        metrics.dead_letters.inc()
        for upload_key in _uploads(event):
            code = event.extensions.get("knativeerrorcode", "") if event else ""
            why = f"it was delivered until the broker gave up{f'; the last answer was {code}' if code else ''}"
            give_up(archive.results, archive.target, upload_key, why)
        end_range(event, current().events)
    return Response(status=204)


def _letters(body: bytes) -> list[tuple[str, bytes, Event | None]]:
    """Each event in structured form under the hash of what identifies it; what is no event is kept as it came."""
    try:
        events = envelope.decode(list(request.headers.items()), body)
    except EventError as problem:
        kept = {"headers": dict(request.headers), "body": body.decode("utf-8", "replace"), "problem": str(problem)}
        return [(f"unreadable-{hashlib.sha256(body).hexdigest()[:32]}", json.dumps(kept).encode(), None)]
    return [
        (hashlib.sha256(f"{event.source}\n{event.id}".encode()).hexdigest()[:40], to_structured(event)[1], event)
        for event in events
    ]


def _uploads(event: Event | None) -> list[str]:
    """Keys of the uploads that a dead letter asked to be read: those of jobs are told to have failed."""
    try:
        outcomes = read_event(event) if event else []
    except EventError:
        return []
    return [outcome.key for outcome in outcomes if isinstance(outcome, DocumentUploaded)]
