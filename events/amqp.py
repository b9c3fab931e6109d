"""A message of an AMQP queue → CloudEvents, by the CloudEvents binding for AMQP, and what brokers make of it.

Structured and batched by content type; binary with attributes as `cloudEvents:id` or `cloudEvents_id` (the binding has
both), as `ce-id` (RabbitMQ's own habit from HTTP), or bare beside `specversion` (the queues of Knative's RabbitMQ
broker: eventing-rabbitmq pkg/utils, CloudEventToRabbitMQMessage). A structured event whose publisher could set no
better content type than application/json, or none, is read as well. Such a message becomes the HTTP message that says
the same, for `envelope` to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from events import attributes as rules
from events import envelope, strict_json
from events.errors import Malformed
from events.event import Event, is_json

_PREFIXES = ("cloudevents:", "cloudevents_", "ce-")
#: Told in a property of AMQP's own; in binary mode its name as an attribute is ignored, as with HTTP.
_CONTENT_TYPE = "datacontenttype"


def decode(headers: Mapping[str, Any], content_type: str, body: bytes) -> list[Event]:
    """The CloudEvents in one message; a batch may hold none.

    Args:
        headers: the message's headers (AMQP 1.0: application properties), values as AMQP has them.
        content_type: its property of this name; empty where it has none.
        body: its bytes.

    Raises:
        Oversized: too long, too deep or too many.
        Malformed: anything else that makes it no CloudEvent.
    """
    attributes = _attributes(headers)
    if not attributes and is_json(content_type) and not _is_structured(content_type):
        content_type = _structured_type(body)
    if _is_structured(content_type):
        # Some publishers repeat the attributes beside the whole event, for routing; the whole is what counts.
        attributes = {}
    pairs = [(f"ce-{name}", _header(value)) for name, value in attributes.items()]
    return envelope.decode([*pairs, ("Content-Type", content_type)], body)


def is_notification(headers: Mapping[str, Any], content_type: str, body: bytes) -> bool:
    """Whether a message is no CloudEvent but S3's records, as MinIO's AMQP target publishes them.

    Fact: minio/minio internal/event/target/amqp.go: application/json, the same object as its webhook's.

    Raises:
        Malformed: it promises JSON and is none.
    """
    if _attributes(headers) or not is_json(content_type) or _is_structured(content_type):
        return False
    document = strict_json.loads(body)
    return isinstance(document, dict) and "Records" in document and "specversion" not in document


def _attributes(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Without their prefix."""
    found = {}
    for spelling, value in headers.items():
        name = spelling.lower()
        prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), None)
        if prefix is not None and value is not None:
            found[name[len(prefix) :]] = value
    if not found and "specversion" in headers:
        found = {name: value for name, value in headers.items() if _could_be_one(name, value)}
    found.pop(_CONTENT_TYPE, None)
    return found


def _could_be_one(name: str, value: Any) -> bool:
    """Of a bare header: brokers add some of their own, such as x-delivery-count."""
    plain = isinstance(value, str | int | bool | datetime) and value != ""
    return plain and (name in {*rules.REQUIRED, *rules.OPTIONAL} or (name.isalnum() and name == name.lower()))


def _header(value: Any) -> str:
    """A value as HTTP writes it: text, percent-encoded."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        # AMQP's timestamps are seconds since the epoch, which clients give as times without a zone.
        aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return aware.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return quote(str(value), safe=" :/?#[]@!$&'()*+,;=")


def _is_structured(content_type: str) -> bool:
    return content_type.strip().lower().startswith(envelope.STRUCTURED)


def _structured_type(body: bytes) -> str:
    """What a plain JSON body is to be read as.

    Raises:
        Malformed: it is no CloudEvent, nor a list of them.
    """
    document = strict_json.loads(body)
    if isinstance(document, list):
        return f"{envelope.BATCHED}+json"
    if isinstance(document, dict) and "specversion" in document:
        return f"{envelope.STRUCTURED}+json"
    raise Malformed(
        ["no CloudEvent: no headers cloudEvents:id, :source, :type and :specversion, and the body is no structured one"]
    )
