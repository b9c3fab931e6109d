"""This function's own events: uploads that a hook forwarded, ranges of split documents, and what it said itself."""

from __future__ import annotations

from typing import Any

from events import ours
from events.event import Event
from events.senders.base import Kind, Outcome, Sender, ignored

NAME = "zeropage"


def read(_message: Any, event: Event | None = None) -> list[Outcome]:
    """Read an event of ours; results and refusals ask for nothing, whoever sends them back to us.

    Raises:
        Malformed: its data is incomplete.
    """
    if event is None or event.type not in ours.TYPES:
        return [ignored("unknown", event.type if event else "")]
    if event.type in {ours.PARSED, ours.REFUSED}:
        return [ignored("own_event", event.type)]
    return [ours.from_event(event)]


SENDER = Sender(name=NAME, title="this function itself", read=read, kinds=(Kind(f"{ours.PREFIX}*"),), hook=False)
