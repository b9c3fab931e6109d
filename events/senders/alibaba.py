"""Alibaba Cloud OSS through EventBridge (its HTTP target posts the whole event as plain JSON) or Function Compute.

Facts: Alibaba Cloud's EventBridge and Function Compute documents: types `oss:ObjectCreated:PutObject` …, data with
`oss.bucket.name` and `oss.object.{key,size,eTag}`; Function Compute wraps such data in `events`. ObjectCreated:*
includes InitiateMultipartUpload and UploadPart.
"""

from __future__ import annotations

from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Kind, Outcome, Sender, each, ignored, one
from events.senders.s3_names import why_not

NAME = "alibaba"


def read(message: Any, _event: Event | None = None) -> list[Outcome]:
    """Read an event's data, a whole event as JSON, or Function Compute's list.

    Raises:
        Malformed: an object was created, but which one cannot be read.
    """
    if isinstance(message, dict) and isinstance(message.get("events"), list):
        return each(message["events"], "events", _record)
    if isinstance(message, dict) and "specversion" in message:
        message = message.get("data")
    return one(message, _record)


def _record(data: Fields) -> Outcome:
    name = data.text("eventName")
    if (reason := why_not(name)) or name.endswith("PutSymlink"):
        return ignored(reason or "metadata", name)
    return data.upload(
        NAME,
        bucket=data.text("oss.bucket.name"),
        key=data.text("oss.object.key"),
        size=data.size("oss.object.size"),
        etag=data.maybe("oss.object.eTag"),
        time=data.maybe("eventTime")[:64],
    )


SENDER = Sender(name=NAME, title="Alibaba Cloud OSS", read=read, kinds=(Kind("oss:*"),))
