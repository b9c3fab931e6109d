"""Google Cloud Storage: Eventarc's CloudEvents, and Pub/Sub's push.

Facts: googleapis/google-cloudevents storage.v1; Pub/Sub notifications carry `eventType`, `bucketId`, `objectId` and
`objectGeneration` as attributes. Objects are read through the S3-compatible API, whose ETag is the MD5 in hex and not
the `etag` told here; a composed object has no MD5, only its generation.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Kind, Outcome, Sender, ignored, one
from events.uploads import Reason

NAME = "gcs"
_PREFIX = "google.cloud.storage.object.v1."
_REASONS: dict[str, Reason] = {
    "deleted": "removed",
    "archived": "removed",
    "metadataUpdated": "metadata",
    "OBJECT_DELETE": "removed",
    "OBJECT_ARCHIVE": "removed",
    "OBJECT_METADATA_UPDATE": "metadata",
}


def read(message: Any, event: Event | None = None) -> list[Outcome]:
    """Read a CloudEvent's data, or a push of Pub/Sub.

    Raises:
        Malformed: an object was finalized, but which one cannot be read.
    """
    if event is None:
        return one(message, _push)
    word = event.type.removeprefix(_PREFIX)
    if word != "finalized":
        return [ignored(_REASONS.get(word, "unknown"), event.type)]
    return one(message, _object)


def _object(data: Fields) -> Outcome:
    return data.upload(
        NAME,
        bucket=data.text("bucket"),
        key=data.text("name"),
        size=data.size("size"),
        etag=_hex_md5(data, "md5Hash"),
        version=data.maybe("generation"),
        time=data.maybe("timeCreated")[:64],
    )


def _push(push: Fields) -> Outcome:
    word = push.text("message.attributes.eventType")
    if word and word != "OBJECT_FINALIZE":
        return ignored(_REASONS.get(word, "unknown"), word)
    return push.upload(
        NAME,
        bucket=push.text("message.attributes.bucketId"),
        key=push.text("message.attributes.objectId"),
        version=push.maybe("message.attributes.objectGeneration"),
        time=push.maybe("message.attributes.eventTime")[:64],
    )


def _hex_md5(data: Fields, path: str) -> str:
    try:
        return base64.b64decode(data.maybe(path), validate=True).hex()
    except (binascii.Error, ValueError):
        data.note(path, "is not base64")
        return ""


SENDER = Sender(
    name=NAME, title="Google Cloud Storage (Eventarc, Pub/Sub push)", read=read, kinds=(Kind(f"{_PREFIX}*"),)
)
