"""What one request or message did, as the spans of a trace: leaves of this process' own, below the caller's.

Nothing here knows OpenTelemetry: a span is a value, and `traces` takes it where OTEL_EXPORTER_OTLP_ENDPOINT is set.
Elsewhere no span is made, and a caller's trace is only passed on, to logs and to the events that follow.

Sources: W3C Trace Context §3.2 (traceparent), CloudEvents' extension Distributed Tracing.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_SAMPLED = 1


@dataclass(slots=True)
class Span:
    """A part of a trace; times in nanoseconds since the epoch.

    Attributes:
        sampled: whoever began the trace wants it kept.
        failed: it ended with an exception, or with an answer that is ours to mend.
    """

    name: str
    trace_id: str
    span_id: str
    parent_id: str = ""
    sampled: bool = True
    began: int = field(default_factory=time.time_ns)
    ended: int = 0
    attributes: dict[str, str | int | float] = field(default_factory=dict)
    failed: bool = False

    def adopt(self, traceparent: str) -> None:
        """Belong to the trace that an event names, unless the request that brought it belongs to it already."""
        parent = _parsed(traceparent)
        if parent is None or parent.trace_id == self.trace_id:
            return
        if recorder is None:
            self.span_id = parent.span_id
        self.trace_id, self.parent_id, self.sampled = parent.trace_id, parent.span_id, parent.sampled

    def end(self) -> None:
        """Hand it over."""
        self.ended = time.time_ns()
        if recorder is not None and self.sampled:
            recorder(self)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{_SAMPLED if self.sampled else 0:02x}"


#: Takes spans that ended, from any thread, at once; None: nobody wants any.
recorder: Callable[[Span], None] | None = None
#: Of the request or message at hand; None where there is no trace.
CURRENT: ContextVar[Span | None] = ContextVar("span", default=None)


def begin(name: str, traceparent: str = "") -> Span | None:
    """A request's span, current from now on; `end` is to follow. None where nobody traces and nobody named a trace.

    Args:
        name: of it.
        traceparent: whose child it is; what is malformed names nobody.
    """
    parent = _parsed(traceparent)
    if parent is None and recorder is None:
        return None
    if parent is None:
        span = Span(name, os.urandom(16).hex(), os.urandom(8).hex())
    elif recorder is None:  # passed on as it came
        span = Span(name, parent.trace_id, parent.span_id, sampled=parent.sampled)
    else:
        span = Span(name, parent.trace_id, os.urandom(8).hex(), parent.span_id, parent.sampled)
    CURRENT.set(span)
    return span


def current() -> Span | None:
    """Of the request or message at hand; None where nobody traces and nobody named a trace."""
    return CURRENT.get()


@contextmanager
def child(name: str, parent: Span | None = None, **attributes: str | int | float) -> Iterator[None]:
    """What runs inside, as a part of `parent`, else of the current request."""
    parent = parent or CURRENT.get()
    if recorder is None or parent is None:
        yield
        return
    span = Span(name, parent.trace_id, os.urandom(8).hex(), parent.span_id, parent.sampled, attributes=attributes)
    try:
        yield
    except BaseException:
        span.failed = True
        raise
    finally:
        span.end()


def past(name: str, parent: Span | None, since: float, **attributes: str | int | float) -> None:
    """Tell of what has just ended.

    Args:
        name: of it.
        parent: whose part it was.
        since: `time.monotonic()` of its beginning.
        attributes: of it.
    """
    if recorder is None or parent is None:
        return
    began = time.time_ns() - round((time.monotonic() - since) * 1e9)
    Span(
        name, parent.trace_id, os.urandom(8).hex(), parent.span_id, parent.sampled, began=began, attributes=attributes
    ).end()


def _parsed(traceparent: str) -> Span | None:
    """The span that it names; None where it is none, or all zeros, as W3C forbids."""
    match = _TRACEPARENT.fullmatch(traceparent.strip())
    if match is None or traceparent.startswith("ff") or not match[1].strip("0") or not match[2].strip("0"):
        return None
    return Span("", match[1], match[2], sampled=bool(int(match[3], 16) & _SAMPLED))
