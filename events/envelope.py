"""An HTTP message → CloudEvents: binary, structured or batched.

The `cloudevents` SDK decodes; this thin skin refuses what it would invent or misread: it makes up a missing id, time
and specversion (so a redelivery would look new), takes the last of two equal headers, reads a structured message as a
binary one when any ce- header is near, passes broken JSON on as text, and knows no batches. All problems of a message
are reported at once.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from events import attributes as rules
from events import strict_json
from events.errors import EventError, Malformed, Oversized
from events.event import Event, is_json

if TYPE_CHECKING:
    from cloudevents.core.base import BaseCloudEvent

Headers = Mapping[str, str] | Iterable[tuple[str, str]]

STRUCTURED, BATCHED = "application/cloudevents", "application/cloudevents-batch"
MAX_EVENTS = 1000
_CORE = (*rules.REQUIRED, *rules.OPTIONAL)


def decode(headers: Headers, body: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> list[Event]:
    """The CloudEvents in an HTTP request or answer; a batch may hold none.

    Args:
        headers: names in any case, values as WSGI gives them; pairs, so that twofold headers can be seen.
        body: the body's bytes.
        max_bytes: the longest body that is read.

    Raises:
        Oversized: too long, too deep or too many.
        Malformed: anything else that makes it no CloudEvent, all of it at once.
    """
    if len(body) > max_bytes:
        raise Oversized([f"the body has {len(body)} bytes; at most {max_bytes} are read"])
    problems: list[str] = []
    content_type, attributes = _sorted(headers, problems)
    media_type = content_type.partition(";")[0].strip().lower()
    format_of = media_type.partition("+")[0]
    if format_of not in {STRUCTURED, BATCHED}:
        if not attributes:
            raise Malformed([*problems, "neither ce- headers nor Content-Type application/cloudevents+json: no event"])
        return [_binary(attributes, content_type, body, problems)]
    if attributes:
        names = ", ".join(f"ce-{name[:40]}" for name in sorted(attributes)[:5])
        problems.append(f"Content-Type {format_of} and the headers {names} contradict each other: send one of them")
    if media_type not in {f"{STRUCTURED}+json", f"{BATCHED}+json"}:
        raise Malformed([*problems, f"Content-Type {media_type[:80]!a}: only {format_of}+json is read"])
    return _documents(format_of, _tried(body, "the body", problems), problems)


def _sorted(headers: Headers, problems: list[str]) -> tuple[str, dict[str, str]]:
    """The content type, and the ce- headers without their prefix."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found: dict[str, str] = {}
    for spelling, value in pairs:
        name = spelling.lower()
        if (name.startswith("ce-") and name.isascii() and name.isprintable()) or name == "content-type":
            if name in found:
                problems.append(f"{name[:40]}: is given twice")
            found[name] = value.strip()
    content_type = found.pop("content-type", "")
    return content_type, {name[3:]: value for name, value in found.items()}


def _tried(raw: bytes, what: str, problems: list[str]) -> Any:
    """The JSON document, or None after noting what is wrong with it."""
    try:
        return strict_json.loads(raw, what, max_bytes=len(raw))
    except Oversized:
        raise
    except EventError as error:
        problems += error.problems
        return None


def _binary(headers: dict[str, str], content_type: str, body: bytes, problems: list[str]) -> Event:
    encoded = {name: rules.header_text(name, value, problems) for name, value in headers.items() if _known(name)}
    # A broken header was noted already; that it is empty now need not be said too.
    broken = {name for name, value in encoded.items() if not value and headers[name]}
    decoded = {name: unquote(value) for name, value in encoded.items()}
    decoded.pop("datacontenttype", None)  # in binary mode it is the header Content-Type
    rules.required({name: "1.0" if name in broken else value for name, value in decoded.items()}, "ce-", problems)
    kept = rules.plain(decoded, "ce-", problems)
    time = rules.taken_time(kept, "ce-", problems)
    data: Any = None
    if body:
        data = _tried(body, "the body", problems) if is_json(content_type) else body
    if problems:
        raise Malformed(problems)

    from cloudevents.core.bindings.http import HTTPMessage, from_binary_event

    message = HTTPMessage({f"ce-{name}": encoded[name] for name in kept}, b"")
    if content_type:
        message.headers["content-type"] = content_type
    return _event(lambda: from_binary_event(message), time, data)


def _known(name: str) -> bool:
    """Whether a ce- header can be an attribute at all: proxies add names with `_` and `-`."""
    return name.isascii() and name.isalnum()


def _documents(format_of: str, document: Any, problems: list[str]) -> list[Event]:
    """The events of a structured or batched body."""
    if problems and document is None:
        raise Malformed(problems)
    many = document if format_of == BATCHED else [document]
    if not isinstance(many, list):
        raise Malformed([*problems, "the body is no JSON array, which a batch is"])
    if len(many) > MAX_EVENTS:
        raise Oversized([f"the batch has {len(many)} events; at most {MAX_EVENTS} are read"])
    found = [_structured(one, f"[{at}]." if format_of == BATCHED else "", problems) for at, one in enumerate(many)]
    if problems:
        raise Malformed(problems)
    return [event for event in found if event]


def _structured(document: Any, where: str, problems: list[str]) -> Event | None:
    """One event in the JSON format, or None after noting what is wrong with it."""
    if not isinstance(document, dict):
        problems.append(f"{where[:-1] or 'the body'}: is {type(document).__name__}, not a JSON object")
        return None
    before = len(problems)
    given = {name: value for name, value in document.items() if name not in {"data", "data_base64"}}
    rules.required(given, where, problems)
    kept = rules.plain(given, where, problems)
    time = rules.taken_time(kept, where, problems)
    data = _data(document, where, kept.get("datacontenttype", ""), problems)
    if len(problems) > before:
        return None

    from cloudevents.core.formats.json import JSONFormat

    return _event(lambda: JSONFormat().read(None, json.dumps(kept)), time, data)


def _data(document: dict[str, Any], where: str, content_type: str, problems: list[str]) -> Any:
    plain, encoded = document.get("data"), document.get("data_base64")
    if encoded is None:
        return plain
    if plain is not None:
        problems.append(f"{where}data and {where}data_base64: only one of them can be the data")
        return None
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, TypeError, ValueError):
        problems.append(f"{where}data_base64: is not base64")
        return None
    return _tried(raw, f"{where}data_base64", problems) if is_json(content_type) else raw


def _event(decoded: Callable[[], BaseCloudEvent], time: str, data: Any) -> Event:
    """The SDK's event as a plain value; the time is the sender's own, because the SDK adds one."""
    from cloudevents.core.exceptions import BaseCloudEventException

    try:
        read = decoded()
    except (BaseCloudEventException, ValueError, TypeError) as error:
        # The checks above leave it nothing to refuse; a later version may know a rule that we do not.
        raise Malformed([f"no CloudEvent: {str(error)[:200]!a}"]) from None
    extensions = {name: value for name, value in read.get_attributes().items() if name not in _CORE}
    return Event(
        id=read.get_id(),
        source=read.get_source(),
        type=read.get_type(),
        subject=read.get_subject() or "",
        time=time,
        datacontenttype=read.get_datacontenttype() or "",
        dataschema=read.get_dataschema() or "",
        extensions=extensions,
        data=data,
    )
