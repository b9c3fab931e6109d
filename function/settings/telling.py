"""Settings: what the function tells of itself: logs, traces, starts."""

from __future__ import annotations

from typing import Annotated, Literal

from function.settings.about import about
from function.settings.storing import Storing


class Telling(Storing, frozen=True, kw_only=True):
    """What the function tells of itself: logs, traces, starts."""

    pod_created: Annotated[
        str,
        about(
            "OCR_POD_CREATED",
            "when the pod was created, RFC 3339, so that the cold-start report counts from there; Kubernetes itself "
            "offers no such field to a container, so whatever creates pods has to set it",
        ),
    ] = ""
    otlp_endpoint: Annotated[
        str,
        about(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "where traces of cold starts, requests and deliveries go, by OTLP over HTTP; needs the extra `otel`, whose "
            "other OTEL_* variables count too",
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], about("OCR_LOG_LEVEL", "least serious line that is logged")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"], about("OCR_LOG_FORMAT", "auto writes text to a terminal, JSON elsewhere")
    ] = "auto"
