"""Answers that arrive page by page: NDJSON lines, or server-sent events with the same objects.

Each line or event is one of `picture`, `page`, `heartbeat`, `result`, `error`; the last is `result` or `error`, or else
the stream was cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from flask import g

from function.doors.problems import CALLER_GONE, problem_of, unexpected
from function.errors import OcrError
from function.reading.caller import CallerGone
from function.reading.in_order import Heartbeat
from function.reading.previews import Picture
from function.reading.reader import Progress
from function.results.model import PageResult


def ndjson(event: str, body: object) -> bytes:
    """`{"event": …, …}` on one line: the object's own fields beside its name."""
    return msgspec.json.encode({"event": event, **_fields(body)}) + b"\n"


def server_sent(event: str, body: object) -> bytes:
    """The same as a server-sent event (WHATWG HTML §9.2); JSON has no raw line breaks, so one `data:` is enough."""
    return b"event: " + event.encode() + b"\ndata: " + msgspec.json.encode(_fields(body)) + b"\n\n"


def told(progress: Iterator[Progress], write: Callable[[str, object], bytes]) -> Iterator[bytes]:
    """Each step written as it comes; an error after the first byte is the stream's last line, not a status."""
    g.outcome = CALLER_GONE  # until an end is reached: a client that leaves closes this generator
    try:
        for item in progress:
            yield write(_name(item), item)
        g.outcome = "done"
    except CallerGone:
        return
    except OcrError as error:
        g.outcome = error.name
        yield write("error", problem_of(error))
    except Exception as error:  # noqa: BLE001 - too late for a status: the stream itself must tell
        problem = unexpected(error)
        g.outcome = problem.name
        yield write("error", problem_of(problem))
    finally:
        g.streaming = False


def _name(item: Progress) -> str:
    if isinstance(item, Heartbeat):
        return "heartbeat"
    if isinstance(item, Picture):
        return "picture"
    return "page" if isinstance(item, PageResult) else "result"


def _fields(body: object) -> dict[str, object]:
    encoded = msgspec.to_builtins(body)
    assert isinstance(encoded, dict)
    return encoded
