"""Baidu BOS's webhook. It takes nothing but 200 for an answer, 429 as "later", and sends temporary credentials along.

Facts: intl.cloud.baidu.com BOS, "Pushing event messages". Only the fields named below are ever touched, so the
credentials in `content` reach no value, message or log of ours.
"""

from __future__ import annotations

from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Outcome, Sender, each, ignored, one
from events.uploads import Reason

NAME = "baidu"
_CREATED = ("PutObject", "PostObject", "AppendObject", "CopyObject", "CompleteMultipartUpload", "FetchObject")
_REASONS: dict[str, Reason] = {
    "DeleteObject": "removed",
    "InitiateMultipartUpload": "multipart",
    "UploadPart": "multipart",
    "PutObjectMeta": "metadata",
    "PutObjectAcl": "metadata",
}


def read(message: Any, _event: Event | None = None) -> list[Outcome]:
    """Read `{"events": […]}` or one event.

    Raises:
        Malformed: an object was created, but which one cannot be read.
    """
    if isinstance(message, dict) and isinstance(message.get("events"), list):
        return each(message["events"], "events", _record)
    return one(message, _record)


def _record(event: Fields) -> Outcome:
    kind = event.text("eventType")
    if kind and kind not in _CREATED:
        return ignored(_REASONS.get(kind, "unknown"), kind)
    return event.upload(
        NAME,
        bucket=event.text("content.bucket"),
        key=event.text("content.object"),
        size=event.size("content.filesize"),
        etag=event.maybe("content.eTag"),
        time=event.maybe("eventTime")[:64],
    )


SENDER = Sender(name=NAME, title="Baidu BOS", read=read, done=200, later=429)
