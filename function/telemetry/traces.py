"""Traces for OpenTelemetry: each cold start, a span a phase at their true times; each request, by its `spans`.

The SDK is imported here and only where OTEL_EXPORTER_OTLP_ENDPOINT is set, after the function is ready, in a thread of
its own: a collector that is slow or gone costs a warning and nobody's time. Its other standard variables
(OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and so on) are read by the SDK itself; samplers
are not asked, since a caller's `traceparent` says whether its trace is kept, and what nobody began is kept.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from function.telemetry import spans

log = logging.getLogger(__name__)

NAME = "zeropage"
_SECOND = 1_000_000_000
#: Spans that wait for the thread; more are dropped, since nobody's document may wait for a collector.
_MOST = 4096
#: Seconds in which the last of them are sent when the process ends.
_END_SECONDS = 5.0

_ended: queue.Queue[spans.Span | None] = queue.Queue(_MOST)
_thread: threading.Thread | None = None


def begin(cold_start: Mapping[str, Any], attributes: Mapping[str, str]) -> threading.Thread:
    """Export in the background: this start, and from now on every span.

    Args:
        cold_start: what `warmup.phases.told` made.
        attributes: of the whole start, such as the engine's name.
    """
    global _thread  # noqa: PLW0603 - a process has one collector
    spans.recorder = _take
    _thread = threading.Thread(target=_export, args=(cold_start, attributes), name="traces", daemon=True)
    _thread.start()
    return _thread


def end() -> None:
    """Send what is left; waits a few seconds for it at most."""
    spans.recorder = None
    with suppress(queue.Full):
        _ended.put_nowait(None)
        if _thread is not None:
            _thread.join(_END_SECONDS)


def _take(span: spans.Span) -> None:
    with suppress(queue.Full):
        _ended.put_nowait(span)


def _export(cold_start: Mapping[str, Any], attributes: Mapping[str, str]) -> None:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as problem:
        spans.recorder = None
        log.warning(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but there are no traces: %s. Install the extra `otel`.", problem
        )
        return
    resource = Resource.create({SERVICE_NAME: NAME}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    processor = BatchSpanProcessor(OTLPSpanExporter())
    provider.add_span_processor(processor)
    _write(provider.get_tracer(NAME), cold_start, attributes)
    processor.force_flush()
    while (span := _ended.get()) is not None:
        processor.on_end(_as_theirs(span, resource))
    provider.shutdown()


def _as_theirs(span: spans.Span, resource: Any) -> Any:
    """The SDK's own value, as if its tracer had made it; our identifiers are those that were passed on already."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
    from opentelemetry.trace.status import Status, StatusCode

    def context(span_id: str) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(int(span.trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=flags)

    return ReadableSpan(
        name=span.name, context=context(span.span_id), parent=context(span.parent_id) if span.parent_id else None,
        resource=resource, attributes=span.attributes, start_time=span.began, end_time=span.ended,
        kind=SpanKind.SERVER if "outcome" in span.attributes else SpanKind.INTERNAL,
        status=Status(StatusCode.ERROR if span.failed else StatusCode.UNSET),
        instrumentation_scope=InstrumentationScope(NAME),
    )  # fmt: skip


def _write(tracer: Any, cold_start: Mapping[str, Any], attributes: Mapping[str, str]) -> None:
    from opentelemetry.trace import set_span_in_context

    began = datetime.fromisoformat(cold_start["began"]).timestamp()

    def at(seconds: float) -> int:
        return round((began + seconds) * _SECOND)

    first = min((phase["start"] for phase in cold_start["phases"]), default=0.0)
    whole = tracer.start_span("cold_start", start_time=at(first), attributes=dict(attributes))
    for phase in cold_start["phases"]:
        span = tracer.start_span(
            phase["name"], context=set_span_in_context(whole), start_time=at(phase["start"]),
            attributes=phase.get("facts", {}),
        )  # fmt: skip
        span.end(end_time=at(phase["start"] + phase["seconds"]))
    whole.end(end_time=at(cold_start["ready"]))
