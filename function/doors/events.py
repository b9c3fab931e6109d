"""POST /: a CloudEvent, or a batch of them, as brokers, triggers and event sources deliver them.

Answered with an empty 2xx or with a CloudEvent of ours, nothing else: a broker makes anything else in a 2xx a 502 and
delivers again, so that the document would be read up to eleven times.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from events import envelope, handshake, writing
from events.errors import EventError, Oversized
from events.senders import read_event
from events.senders.base import Outcome
from events.uploads import DocumentUploaded, Ignored
from function.doors.operations import current
from function.errors import DoorClosed, MalformedEvent, NotReady, OcrError, TooLarge
from function.reading.caller import Caller
from function.telemetry import metrics
from function.wiring import EventDoors

door = Blueprint("events", __name__)


@door.route("/", methods=["POST"], provide_automatic_options=False)
def deliver() -> Response:
    """Handle one delivery."""
    doors = event_doors()
    try:
        events = envelope.decode(list(request.headers.items()), request.get_data())
        outcomes = [outcome for event in events for outcome in read_event(event, doors.scope)]
    except EventError as problem:
        raise malformed(problem) from problem
    if current().settings.strict_events and any(o.reason == "unknown" for o in outcomes if isinstance(o, Ignored)):
        raise MalformedEvent(
            "no sender that is known sends events of this type (OCR_STRICT_EVENTS)",
            remedy="Let the trigger filter on types that are read, or unset OCR_STRICT_EVENTS to ignore others.",
        )
    uploads = wanted(outcomes)
    if not uploads:
        return Response(status=204)
    prefers = {part.strip().lower() for part in request.headers.get("Prefer", "").split(",")}
    reply = doors.deliveries.answer(uploads, caller(), replies="reply" in prefers)
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


def caller() -> Caller:
    """A deliverer: it waits for a slot until its deadline, since a broker ignores Retry-After and retries little."""
    return Caller(current().settings.request_seconds)


def wanted(outcomes: list[Outcome]) -> list[DocumentUploaded]:
    """The uploads to read; what is not read is counted by its reason."""
    for outcome in outcomes:
        if isinstance(outcome, Ignored):
            metrics.ignored_events.labels(outcome.reason).inc()
        elif not isinstance(outcome, DocumentUploaded):
            metrics.ignored_events.labels("unreadable").inc()
    return [outcome for outcome in outcomes if isinstance(outcome, DocumentUploaded)]


def malformed(problem: EventError) -> OcrError:
    """An event's own fault in our words."""
    detail = "; ".join(problem.problems)
    if isinstance(problem, Oversized):
        return TooLarge(detail, remedy="Send fewer events at once.")
    return MalformedEvent(detail, remedy="Send what `python -m events samples` shows for this sender.")
