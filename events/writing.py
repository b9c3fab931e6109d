"""CloudEvents → HTTP messages, for the sink, for replies and for replay."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from events.attributes import parsed_time
from events.event import Event, is_json

if TYPE_CHECKING:
    from cloudevents.core.v1.event import CloudEvent

Message = tuple[dict[str, str], bytes]


def to_binary(event: Event) -> Message:
    """Attributes as percent-encoded ce- headers, the data as the body. What Knative itself sends."""
    from cloudevents.core.bindings.http import to_binary_event

    data = event.data
    if data is not None and not isinstance(data, bytes) and is_json(event.datacontenttype):
        data = _json(data)  # the SDK writes lists as Python does
    message = to_binary_event(_sdk(event, data))
    return message.headers, message.body


def to_structured(event: Event) -> Message:
    """All of it in one JSON object, `application/cloudevents+json`."""
    from cloudevents.core.bindings.http import to_structured_event

    if not isinstance(event.data, bytes):
        _json(event.data)  # the SDK would write NaN, which is no JSON
    message = to_structured_event(_sdk(event, event.data))
    return message.headers, message.body


def now() -> str:
    """The time as an event's `time`."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")


def _sdk(event: Event, data: Any) -> CloudEvent:
    from cloudevents.core.v1.event import CloudEvent

    attributes: dict[str, Any] = {"specversion": "1.0", "id": event.id, "source": event.source, "type": event.type}
    optional = {"subject": event.subject, "dataschema": event.dataschema, "datacontenttype": event.datacontenttype}
    attributes |= {name: value for name, value in optional.items() if value}
    if data is not None:
        attributes.setdefault("datacontenttype", "application/json")  # the SDK would send no Content-Type at all
    made = CloudEvent({**attributes, **event.extensions}, data)
    # The SDK invents a time where there is none, and wants one parsed, only to write it in another form.
    made.get_attributes().pop("time")
    when = parsed_time(event.time)
    if when is not None and when.tzinfo is not None:
        made.get_attributes()["time"] = event.time
    return made
