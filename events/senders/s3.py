"""AWS S3's records, and those who copy them: NetApp StorageGRID, ctyun, Virtuozzo; also as CloudEvents.

Facts: docs.aws.amazon.com, "Event message structure" (the key is form-encoded; a test message has no Records);
cloudevents/spec adapters/aws-s3.md (the CloudEvent's data is the record). MinIO, RustFS, Ceph, Versity and TriggerMesh
send the same record with differences of their own, each in its file.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from events.errors import Malformed
from events.event import Event
from events.fields import Fields, KeyDecoder, form_key, raw_key
from events.senders.base import Kind, Outcome, Sender, each, ignored, one
from events.senders.s3_names import size_is_said, why_not

NAME = "s3"


def read(
    message: Any, event: Event | None = None, *, sender: str = NAME, key: KeyDecoder | None = None
) -> list[Outcome]:
    """Read `{"Records": […]}`, a bare list of records, one record, or the test message.

    Args:
        message: the JSON value.
        event: the CloudEvent around it.
        sender: who sent it.
        key: how it writes keys; None: as the record's eventSource does.

    Raises:
        Malformed: it has none of these shapes, or no record can be read.
    """
    if isinstance(message, dict) and message.get("Event") == "s3:TestEvent":
        return [ignored("test")]
    read_one = partial(_record, event=event, sender=sender, key=key)
    records = message.get("Records") if isinstance(message, dict) else message
    if isinstance(records, list):
        return each(records, "Records", read_one)
    if isinstance(message, dict) and "s3" in message:
        return one(message, read_one)
    raise Malformed(["the message is no S3 event: it has neither Records nor s3"])


def _record(record: Fields, *, event: Event | None, sender: str, key: KeyDecoder | None) -> Outcome:
    name = record.text("eventName")
    if reason := why_not(name):
        return ignored(reason, name)
    decode = key or _decoder(record, event)
    written = record.text("s3.object.key")
    try:
        decoded = decode(written)
    except ValueError:
        record.note("s3.object.key", "its encoding is not UTF-8")
        decoded = ""
    size = record.size("s3.object.size")
    return record.upload(
        sender,
        bucket=record.text("s3.bucket.name"),
        key=decoded,
        size=size if size or size_is_said(name) else None,
        etag=record.maybe("s3.object.eTag", "s3.object.etag"),
        version=record.maybe("s3.object.versionId"),
        time=record.maybe("eventTime")[:64],
        sequencer=record.maybe("s3.object.sequencer")[:128],
    )


def _decoder(record: Fields, event: Event | None) -> KeyDecoder:
    """Ceph's records may arrive under S3's own type, in the spelling of the specification."""
    from_ceph = record.maybe("eventSource").startswith("ceph:") or (
        event is not None and event.source.startswith("ceph:")
    )
    return raw_key if from_ceph else form_key


SENDER = Sender(
    name=NAME,
    title="AWS S3, NetApp StorageGRID, ctyun",
    read=read,
    kinds=(Kind("com.amazonaws.s3.*"),),
    keys="form-encoded",
)
