"""A CloudEvent as the rest of the program sees it: every attribute a plain value, nothing invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from events import strict_json
from events.errors import Malformed


@dataclass(frozen=True, slots=True)
class Event:
    """One CloudEvent 1.0.

    Attributes:
        id: unique for its source, by the sender's word.
        source: where it happened.
        type: what happened.
        subject: to what; empty where the sender does not say.
        time: when, as the sender wrote it; empty where it does not say.
        datacontenttype: media type of `data`; empty where the sender does not say.
        dataschema: URI of its schema, or empty.
        extensions: further attributes by name.
        data: a JSON value, text or bytes; None where there is none. Not shown by `repr`: it may hold credentials.
    """

    id: str
    source: str
    type: str
    subject: str = ""
    time: str = ""
    datacontenttype: str = ""
    dataschema: str = ""
    extensions: Mapping[str, str | int | bool] = field(default_factory=dict)
    data: Any = field(default=None, repr=False)


def json_data(event: Event) -> Any:
    """The event's data as a JSON value, also where it arrived as text or bytes.

    Raises:
        Malformed: there is none, or it is no JSON.
    """
    if event.data is None:
        raise Malformed(["data: is missing; the event says that something happened, but not to what"])
    if isinstance(event.data, (str, bytes)):
        return strict_json.loads(event.data, "data")
    return event.data


def is_json(media_type: str) -> bool:
    """Whether a content type promises JSON; CloudEvents takes it for granted where none is given."""
    name = media_type.partition(";")[0].strip().lower()
    return not name or name.endswith(("/json", "+json"))
