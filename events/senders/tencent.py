"""Tencent Cloud COS: what its functions and its EventBridge get.

Facts: cloud.tencent.com document 583/9707: `Records[].cos` with `cosObject.key` = `/APPID/BUCKET/KEY` and the bucket's
name without its APPID, which the S3-compatible API wants (`NAME-APPID`); requestHeaders hold an Authorization, never
repeated here. Its EventBridge writes `time` as milliseconds since 1970; that its data is such a record is a guess.
"""

from __future__ import annotations

from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Kind, Outcome, Sender, each, ignored, one
from events.senders.s3_names import why_not

NAME = "tencent"


def read(message: Any, event: Event | None = None) -> list[Outcome]:
    """Read a function's records, one record, or a whole event as JSON.

    Raises:
        Malformed: an object was created, but which one cannot be read.
    """
    if event is not None and not event.type.lower().startswith("cos:created:"):
        return [ignored("removed" if "delet" in event.type or "remov" in event.type else "unknown", event.type)]
    if isinstance(message, dict) and "specversion" in message:
        message = message.get("data")
    if isinstance(message, dict) and isinstance(message.get("Records"), list):
        return each(message["Records"], "Records", _record)
    return one(message, _record)


def _record(record: Fields) -> Outcome:
    name = record.text("event.eventName")
    if reason := why_not(name):
        return ignored(reason, name)
    bucket, appid = record.text("cos.cosBucket.name"), record.text("cos.cosBucket.appid")
    written = record.text("cos.cosObject.key")
    key = written.removeprefix(f"/{appid}/{bucket}/")
    return record.upload(
        NAME,
        bucket=bucket if not bucket or bucket.endswith(f"-{appid}") else f"{bucket}-{appid}",
        key=key,
        size=record.size("cos.cosObject.size"),
        version=record.maybe("cos.cosObject.vid"),
        time=record.maybe("event.eventTime")[:64],
    )


SENDER = Sender(
    name=NAME,
    title="Tencent Cloud COS",
    read=read,
    kinds=(Kind("cos:*"),),
    keys="as it is, after `/APPID/BUCKET/`",
)
