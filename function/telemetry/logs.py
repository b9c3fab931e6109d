"""Log lines: JSON for machines, one readable line for a terminal. No document text and no secret is ever logged."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import datetime, timezone

from function.telemetry import spans

#: Fields that a log call may add with `extra={...}`.
FIELDS = (
    "request_id", "trace_id", "event_id", "door", "status", "outcome", "bucket", "key", "document", "pages", "seconds",
    "variable", "caller", "tenant",
)  # fmt: skip
#: Of the request at hand; stands in every line that its thread logs, empty between requests.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
#: The same for the event that it delivered, by its sender's word, and for its document, by SHA-256.
EVENT_ID: ContextVar[str] = ContextVar("event_id", default="")
DOCUMENT: ContextVar[str] = ContextVar("document", default="")
#: An event's id is its sender's choice and may be a page long.
_LONGEST_ID = 128

#: Keys are their uploaders' choice: nothing in them may begin a line of its own or steer a terminal.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}

#: The loggers of this program.
_OURS = ("function", "events", "warmup")

#: Whole objects, which only JSON lines hold.
OBJECTS = ("event", "cold_start")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, extra FIELDS and OBJECTS, a trace where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(_fields(record))
        line.update({name: getattr(record, name) for name in OBJECTS if hasattr(record, name)})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """One readable line: time, level, logger, message, and the extra FIELDS as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line without its trace."""
        told = [f"{name}={value}" for name, value in _fields(record).items()]
        return " ".join([super().formatMessage(record), *told]).translate(_CONTROLS)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return known() | {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}


def known() -> dict[str, str]:
    """What the request, event, document and trace at hand are called, as far as they are known."""
    span = spans.current()
    names = {
        "request_id": REQUEST_ID.get(),
        "trace_id": span.trace_id if span else "",
        "event_id": EVENT_ID.get()[:_LONGEST_ID],
        "document": DOCUMENT.get(),
    }
    return {name: value for name, value in names.items() if value}


def forget() -> None:
    """The request is over; what the thread logs next belongs to nobody."""
    for name in (REQUEST_ID, EVENT_ID, DOCUMENT):
        name.set("")
    spans.CURRENT.set(None)


def configure(level: str, style: str) -> None:
    """Send every log line to stderr.

    Args:
        level: debug (of this program; libraries stay at info), info, warning or error.
        style: json, text, or auto (text where stderr is a terminal).
    """
    handler = logging.StreamHandler(sys.stderr)
    if style == "json" or (style == "auto" and not sys.stderr.isatty()):
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(TextFormatter())
    # What libraries say when they debug is whole requests: headers with tokens, bodies with documents.
    logging.basicConfig(level="INFO" if level == "debug" else level.upper(), handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.NOTSET)
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it tells where it found credentials
