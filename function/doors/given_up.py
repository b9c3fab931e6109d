"""What giving up means: a job has failed, or one range of a split document will not come, and it must end without."""

from __future__ import annotations

import base64
import json
import logging

from events.errors import EventError
from events.event import Event
from events.ours import PAGES_REQUESTED, PagesRequested, from_event
from function.errors import Refusal
from function.reading.uploads.delivery import Work
from function.wiring import EventDoors

log = logging.getLogger(__name__)

#: Of the reason that pages tell; it is repeated on each.
_MOST_LETTERS = 500


def give_up(asked: Work, doors: EventDoors, why: str) -> None:
    """Tell whoever waits for an upload or a range that it is read no more; its dead letter can still be replayed.

    Args:
        asked: what was delivered in vain.
        doors: that it was delivered to.
        why: for people.

    Raises:
        Refusal: it is no range of ours.
        Outage: not recorded; do it again.
    """
    deliveries = doors.deliveries
    if isinstance(asked, PagesRequested):
        told = f"pages {asked.first}-{asked.last} were given up: {why}"
        deliveries.give_up(asked, told[:_MOST_LETTERS])
    elif deliveries.jobs is not None:
        deliveries.jobs.give_up(asked.key, why)


def end_range(event: Event | None, doors: EventDoors | None) -> None:
    """Record the range as given up; its dead letter can still be replayed.

    Args:
        event: the dead letter; None where it was no event.
        doors: None where nobody told where uploads lie.

    Raises:
        Outage: deliver the dead letter again.
    """
    if event is None or event.type != PAGES_REQUESTED:
        return
    if doors is None:
        log.warning("a range was given up, and without OCR_INBOX nobody can end its document: set it here, too")
        return
    try:
        asked = from_event(event)
        if isinstance(asked, PagesRequested):
            doors.deliveries.give_up(asked, cause_of(event, asked))
    except (EventError, Refusal) as problem:
        log.warning("a dead letter names no range of ours: %s", problem)


def cause_of(event: Event, asked: PagesRequested) -> str:
    """In words, from what the broker tells of the last answer: its status, and the beginning of its body."""
    code = str(event.extensions.get("knativeerrorcode", ""))
    told = f"; the last answer was {code}" if code else ""
    if told and (reason := _reason(str(event.extensions.get("knativeerrordata", "")))):
        told += f": {reason}"
    return f"pages {asked.first}-{asked.last} failed every time they were delivered{told}"[:_MOST_LETTERS]


def _reason(data: str) -> str:
    """The detail of our own problem object; empty for anything else, which is not ours to repeat."""
    try:
        problem = json.loads(base64.b64decode(data, validate=True))
    except ValueError:
        return ""
    detail = problem.get("detail", "") if isinstance(problem, dict) else ""
    return detail if isinstance(detail, str) and detail.isprintable() else ""
