"""A cold start as an OpenTelemetry trace: one span for the whole, one below it for each phase, at their true times.

The SDK is imported here and only where OTEL_EXPORTER_OTLP_ENDPOINT is set, after the function is ready, in a thread of
its own: a collector that is slow or gone costs a warning and nobody's time. Its other standard variables
(OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and so on) are read by the SDK itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

log = logging.getLogger(__name__)

NAME = "zeropage"
_SECOND = 1_000_000_000


def send(cold_start: Mapping[str, Any], attributes: Mapping[str, str]) -> threading.Thread:
    """Export in the background.

    Args:
        cold_start: what `warmup.phases.told` made.
        attributes: of the whole, such as the engine's name.
    """
    thread = threading.Thread(target=_export, args=(cold_start, attributes), name="cold-start-trace", daemon=True)
    thread.start()
    return thread


def _export(cold_start: Mapping[str, Any], attributes: Mapping[str, str]) -> None:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as problem:
        log.warning(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but there are no traces: %s. Install the extra `otel`.", problem
        )
        return
    resource = Resource.create({SERVICE_NAME: NAME}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _write(provider.get_tracer(NAME), cold_start, attributes)
    provider.shutdown()


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
