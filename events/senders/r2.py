"""Cloudflare R2: the message of its queue, as a Worker forwards it (R2 itself calls no webhook).

Facts: developers.cloudflare.com r2 "Event notifications".
"""

from __future__ import annotations

from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Outcome, Sender, ignored, one

NAME = "r2"
_CREATED = ("PutObject", "CopyObject", "CompleteMultipartUpload")
_REMOVED = ("DeleteObject", "LifecycleDeletion")


def read(message: Any, _event: Event | None = None) -> list[Outcome]:
    """Read one message.

    Raises:
        Malformed: an object was created, but which one cannot be read.
    """
    return one(message, _read)


def _read(message: Fields) -> Outcome:
    action = message.text("action")
    if action and action not in _CREATED:
        return ignored("removed" if action in _REMOVED else "unknown", action)
    return message.upload(
        NAME,
        bucket=message.text("bucket"),
        key=message.text("object.key"),
        size=message.size("object.size"),
        etag=message.maybe("object.eTag"),
        time=message.maybe("eventTime")[:64],
    )


SENDER = Sender(name=NAME, title="Cloudflare R2, forwarded by a Worker", read=read)
