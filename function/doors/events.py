"""POST /: a CloudEvent, or a batch of them, as brokers, triggers and event sources deliver them.

Answered with an empty 2xx or with a CloudEvent of ours, nothing else: a broker makes anything else in a 2xx a 502 and
delivers again, so that the document would be read up to eleven times.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from events import envelope, handshake, writing
from events.errors import EventError
from function.doors.bodies import message_of
from function.doors.operations import current
from function.doors.preferences import preferences
from function.doors.uploads import asked_for, follow, malformed, tenant_of
from function.errors import DoorClosed, NotReady
from function.reading.caller import Caller
from function.wiring import EventDoors

door = Blueprint("events", __name__)


@door.route("/", methods=["POST"], provide_automatic_options=False)
def deliver() -> Response:
    """Handle one delivery."""
    doors = event_doors()
    try:
        events = envelope.decode(list(request.headers.items()), message_of(request))
        follow(events)
        uploads = asked_for(events, doors.scope, strict=current().settings.strict_events)
    except EventError as problem:
        raise malformed(problem) from problem
    if not uploads:
        return Response(status=204)
    replies = "reply" in preferences(request.headers.getlist("Prefer"))
    reply = doors.deliveries.answer(uploads, caller(tenant_of(events)), replies=replies)
    if reply is None:
        return Response(status=204)
    headers, body = writing.to_binary(reply)
    return Response(body, 200, headers)


@door.route("/", methods=["OPTIONS"])
def permit() -> Response:
    """The handshake of the CloudEvents webhook specification."""
    return Response(status=200, headers=handshake.handshake(dict(request.headers.items())))


def event_doors() -> EventDoors:
    """What handles deliveries.

    Raises:
        DoorClosed: no inbox is configured.
        NotReady: the engine is still being loaded.
    """
    function = current()
    if function.events is None:
        raise DoorClosed(
            "the event doors are closed: OCR_INBOX and OCR_RESULTS are not set", remedy="Set both and deliver again."
        )
    if reason := function.not_ready_reason():
        raise NotReady(f"the function is not ready: {reason}")
    return function.events


def caller(tenant: str = "") -> Caller:
    """A deliverer: it waits for a slot until its deadline, since a broker ignores Retry-After and retries little."""
    return Caller(current().settings.request_seconds, request_id=g.request_id, tenant=tenant)
