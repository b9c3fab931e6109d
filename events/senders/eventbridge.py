"""EventBridge's "Object Created", posted by an API destination or taken from a queue.

Facts: docs.aws.amazon.com AmazonS3 userguide, "EventBridge": the key is not encoded, and it is `etag` and `version-id`
here, `eTag` and `versionId` in S3's own records.
"""

from __future__ import annotations

from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Outcome, Sender, ignored, one
from events.senders.s3_names import size_is_said

NAME = "eventbridge"


def read(message: Any, _event: Event | None = None) -> list[Outcome]:
    """Read one event of the bus; those of other services are unknown, not wrong.

    Raises:
        Malformed: an object was created, but which one cannot be read.
    """
    return one(message, _read)


def _read(message: Fields) -> Outcome:
    kind, source = message.text("detail-type"), message.text("source")
    if source != "aws.s3" or not kind.startswith("Object "):
        return ignored("unknown", f"{source} {kind}")
    if kind != "Object Created":
        return ignored("removed" if kind == "Object Deleted" else "metadata", kind)
    size = message.size("detail.object.size")
    return message.upload(
        NAME,
        bucket=message.text("detail.bucket.name"),
        key=message.text("detail.object.key"),
        size=size if size or size_is_said(f"s3:ObjectCreated:{message.maybe('detail.reason')}") else None,
        etag=message.maybe("detail.object.etag"),
        version=message.maybe("detail.object.version-id"),
        time=message.maybe("time")[:64],
        sequencer=message.maybe("detail.object.sequencer")[:128],
    )


SENDER = Sender(name=NAME, title="AWS EventBridge", read=read)
