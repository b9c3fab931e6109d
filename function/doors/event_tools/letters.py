"""Archived events, read back: structured JSON, one or many, and what POST /deadletter kept as it came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, BinaryIO, TypeAlias

from events import envelope, strict_json
from events.attributes import parsed_time
from events.errors import EventError
from events.event import Event
from events.writing import Message, to_binary

#: Of one archived object, or of one line.
MAX_BYTES = 64 << 20
#: What Knative adds to a dead letter: where it was to go, and why it did not.
_DROPPED = "knativeerror"
_KEPT_HEADERS = ("content-type", "ce-")


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be sent again.

    Attributes:
        where: it was found, for messages.
        event: what it says; of a message that was no event, as much as its headers tell.
        moment: the event's time, else when it was stored; None where neither is known.
        raw: of a message that was no event, itself.
    """

    where: str
    event: Event
    moment: datetime | None
    raw: Message | None = None

    def message(self, extensions: Mapping[str, str]) -> Message:
        """As it is sent again: binary, as Knative sends, without what Knative had added.

        Args:
            extensions: attributes that every event gets.
        """
        if self.raw is not None:
            return self.raw
        kept = {name: value for name, value in self.event.extensions.items() if not name.startswith(_DROPPED)}
        return to_binary(replace(self.event, extensions={**kept, **extensions}))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """No event.

    Attributes:
        where: it was found.
        problem: why it is none.
    """

    where: str
    problem: str


Found: TypeAlias = Letter | Unreadable


def read(file: BinaryIO, where: str, stored: datetime | None, *, lines: bool = False) -> Iterator[Found]:
    """Each event of a file.

    Args:
        file: one event a line, or one JSON document: an event, or a list of them.
        where: for messages.
        stored: when it was written.
        lines: it has lines, even if the first one is broken.
    """
    first = file.readline(MAX_BYTES)
    if not lines and not _is_json(first):
        yield from _document(first + file.read(MAX_BYTES), where, stored)
        return
    number = 1
    while first:
        if first.strip():
            yield from _document(first, f"{where}:{number}" if number > 1 or lines else where, stored)
        first = file.readline(MAX_BYTES)
        number += 1


def moment(text: str) -> datetime | None:
    """A time as senders write it: RFC 3339 (UTC where no zone is named), or seconds or milliseconds since 1970."""
    if text.isascii() and text.isdecimal():
        seconds = int(text) / (1000 if len(text) > 11 else 1)
        try:
            return datetime.fromtimestamp(seconds, timezone.utc)
        except (OverflowError, ValueError):
            return None
    read = parsed_time(text) if text else None
    return read.replace(tzinfo=timezone.utc) if read is not None and read.tzinfo is None else read


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _document(raw: bytes, where: str, stored: datetime | None) -> Iterator[Found]:
    try:
        value = strict_json.loads(raw, "the event", max_bytes=MAX_BYTES)
    except EventError as problem:
        yield Unreadable(where, str(problem))
        return
    for number, entry in enumerate(value if isinstance(value, list) else [value]):
        yield _letter(entry, f"{where}[{number}]" if isinstance(value, list) else where, stored)


def _letter(entry: Any, where: str, stored: datetime | None) -> Found:
    if isinstance(entry, dict) and isinstance(entry.get("headers"), dict) and isinstance(entry.get("body"), str):
        return _no_event(entry["headers"], entry["body"], where, stored)
    if not isinstance(entry, dict) or "specversion" not in entry:
        return Unreadable(where, "it is no JSON object with a specversion")
    try:
        body = json.dumps(entry, ensure_ascii=False).encode()
        [event] = envelope.decode({"Content-Type": "application/cloudevents+json"}, body, max_bytes=MAX_BYTES)
    except EventError as problem:
        return Unreadable(where, str(problem))
    return Letter(where, event, moment(event.time) or stored)


def _no_event(headers: Mapping[str, Any], body: str, where: str, stored: datetime | None) -> Letter:
    """What could not be read when it was archived goes out as it came: the reader may have been mended since."""
    kept = {
        name: str(value)
        for name, value in headers.items()
        if name.lower().startswith(_KEPT_HEADERS)
        and not name.lower().startswith(f"ce-{_DROPPED}")
        and f"{name}{value}".isprintable()
    }
    told = {name.lower(): value for name, value in kept.items()}
    event = Event(
        id=told.get("ce-id") or where,
        source=told.get("ce-source", ""),
        type=told.get("ce-type", ""),
        subject=told.get("ce-subject", ""),
    )
    return Letter(where, event, moment(told.get("ce-time", "")) or stored, (kept, body.encode()))
