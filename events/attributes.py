"""What CloudEvents 1.0 asks of attributes, checked before the SDK sees them, because it invents what is missing.

Everything that is wrong is collected in a list of problems; nobody has to mend an event one error at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

REQUIRED = ("specversion", "id", "source", "type")
OPTIONAL = ("subject", "time", "datacontenttype", "dataschema")
SPECVERSION = "1.0"
#: An object's key has at most 1,024 bytes, each of which percent-encoding makes three characters.
MAX_CHARACTERS = 4096

_EXTENSION = re.compile("[a-z0-9]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_EPOCH = re.compile(r"\d{9,19}")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def required(attributes: Mapping[str, Any], where: str, problems: list[str]) -> None:
    """Note what is missing, empty, no text, or of another version of the specification."""
    for name in REQUIRED:
        value = attributes.get(name)
        if value is None:
            problems.append(f"{where}{name}: is missing")
        elif not isinstance(value, str):
            problems.append(f"{where}{name}: is {type(value).__name__}, not text")
        elif not value:
            problems.append(f"{where}{name}: is empty")
    version = attributes.get("specversion")
    if isinstance(version, str) and version and version != SPECVERSION:
        problems.append(f"{where}specversion: {version[:20]!a} is not supported, only {SPECVERSION!r}")


def plain(attributes: Mapping[str, Any], where: str, problems: list[str]) -> dict[str, Any]:
    """The attributes without those that are unset, each of a type and length that the specification allows.

    An optional attribute that is empty counts as unset, and a name that no extension can have (`_`, `-`: proxies add
    such headers) as none of the event's: neither changes what happened, so no upload is lost for it.
    """
    kept: dict[str, Any] = {}
    for name, value in attributes.items():
        core = name in REQUIRED or name in OPTIONAL
        if value is None or (value == "" and name not in REQUIRED) or not (core or _is_extension(name)):
            continue
        if not isinstance(value, str if core else (str, int)):
            if name not in REQUIRED:
                problems.append(f"{where}{name[:40]}: is {type(value).__name__}, which no attribute can be")
        elif isinstance(value, str) and len(value) > MAX_CHARACTERS:
            problems.append(f"{where}{name[:40]}: has {len(value)} characters; at most {MAX_CHARACTERS} are read")
        elif isinstance(value, str) and name != "subject" and _CONTROL.search(value):
            problems.append(f"{where}{name[:40]}: holds control characters")
        else:
            kept[name] = value
    return kept


def _is_extension(name: str) -> bool:
    return _EXTENSION.fullmatch(name) is not None and name != "data"


def parsed_time(text: str) -> datetime | None:
    """An RFC 3339 time; without a zone where the sender names none; None where it is no such time."""
    fraction = re.sub(r"\.(\d{1,6})\d*", lambda part: "." + part[1].ljust(6, "0"), text)
    try:
        return datetime.fromisoformat(re.sub("[zZ]$", "+00:00", fraction))
    except ValueError:
        return None


def taken_time(attributes: dict[str, Any], where: str, problems: list[str]) -> str:
    """The event's time as the sender wrote it, taken out of `attributes`: the SDK refuses one without a zone.

    Nothing is decided by this time, so seconds or milliseconds since 1970 will do (Tencent's EventBridge sends them).
    """
    text = str(attributes.pop("time", ""))
    if text and not _EPOCH.fullmatch(text) and parsed_time(text) is None:
        problems.append(f"{where}time: {text[:40]!a} is no RFC 3339 time")
    return text


def header_text(name: str, value: str, problems: list[str]) -> str:
    """A header's value as the SDK can decode it: quotes resolved, everything beyond ASCII percent-encoded.

    CloudEvents' HTTP binding, section 3.1.3.2: old senders quote, new ones percent-encode, and what is not UTF-8 must
    be refused. Ceph does neither and sends a subject as raw bytes, in which a `%` is a `%`: a subject that cannot be
    decoded is taken as it stands. (The key of the object is read from the body.)
    """
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    raw = value
    try:
        # WSGI hands over a header's bytes as Latin-1.
        value = value.encode("latin-1").decode("utf-8")
    except UnicodeEncodeError:
        pass  # somebody decoded it already
    except UnicodeDecodeError:
        if name != "subject":
            problems.append(f"ce-{name[:40]}: is not UTF-8")
            return ""
    try:
        unquote(value, errors="strict")
        return quote(value, safe=_PRINTABLE)
    except UnicodeError:
        if name != "subject":
            problems.append(f"ce-{name[:40]}: its percent-encoding is not UTF-8")
            return ""
        return quote(raw.encode("utf-8", "replace"), safe="")
