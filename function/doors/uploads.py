"""What a delivery's events ask for, whichever door they came through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from events.errors import EventError, Oversized
from events.event import Event
from events.ours import PagesRequested
from events.senders import read_event
from events.senders.base import Outcome
from events.triage import Scope
from events.uploads import DocumentUploaded, Ignored
from function.errors import MalformedEvent, OcrError, TooLarge
from function.reading.queue.tenants import is_name
from function.reading.uploads.delivery import Work
from function.telemetry import logs, metrics, spans

_SMALLER = "Send fewer events at once, none longer or nested deeper than those of `python -m events samples`."


def asked_for(events: Iterable[Event], scope: Scope, *, strict: bool) -> list[Work]:
    """The uploads that CloudEvents name, and ranges of them; what is ignored is counted.

    Args:
        events: of one delivery.
        scope: which uploads are documents, and where our own output lies.
        strict: OCR_STRICT_EVENTS.

    Raises:
        EventError: a type that is known, without an object.
        MalformedEvent: an unknown type where `strict`.
    """
    outcomes = [outcome for event in events for outcome in read_event(event, scope)]
    if strict and any(outcome.reason == "unknown" for outcome in outcomes if isinstance(outcome, Ignored)):
        raise MalformedEvent(
            "no sender that is known sends events of this type (OCR_STRICT_EVENTS)",
            remedy="Let the trigger filter on types that are read, or unset OCR_STRICT_EVENTS to ignore others.",
        )
    wanted(outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, DocumentUploaded | PagesRequested)]


def wanted(outcomes: list[Outcome]) -> list[DocumentUploaded]:
    """The uploads to read; what is not read is counted by its reason."""
    for outcome in outcomes:
        if isinstance(outcome, Ignored):
            metrics.ignored_events.labels(outcome.reason).inc()
        elif not isinstance(outcome, DocumentUploaded | PagesRequested):
            metrics.ignored_events.labels("unreadable").inc()
    return [outcome for outcome in outcomes if isinstance(outcome, DocumentUploaded)]


def malformed(problem: EventError) -> OcrError:
    """An event's own fault in our words."""
    detail = "; ".join(problem.problems)
    if isinstance(problem, Oversized):
        return TooLarge(detail, remedy=_SMALLER)
    return MalformedEvent(detail, remedy="Send what `python -m events samples` shows for this sender.")


def follow(events: Sequence[Event]) -> None:
    """Lay logs and spans of a delivery beside what its first event belongs to."""
    if not events:
        return
    logs.EVENT_ID.set(events[0].id)
    named = events[0].extensions.get("traceparent", "")
    if not isinstance(named, str) or not named:
        return
    span = spans.current()
    if span is None:
        spans.begin("delivery", named)
    else:
        span.adopt(named)


def tenant_of(events: Sequence[Event]) -> str:
    """Whose documents they are, by the attribute `tenant` of the first; empty where it names none."""
    told = events[0].extensions.get("tenant", "") if events else ""
    return told if isinstance(told, str) and is_name(told) else ""
