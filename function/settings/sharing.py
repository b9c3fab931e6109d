"""Settings: how callers share one engine: batches, turns, and what streams say meanwhile."""

from __future__ import annotations

from typing import Annotated

from function.settings.about import about
from function.settings.limits import Limits


class Sharing(Limits, frozen=True, kw_only=True):
    """How callers share one engine: batches, turns, and what streams say meanwhile."""

    batch_window_ms: Annotated[
        float,
        about(
            "OCR_BATCH_WINDOW_MS",
            "how long a page waits for company on a GPU, while other documents are being read; never on a CPU",
            unit="ms",
            ge=0,
            le=10_000,
        ),
    ] = 50.0
    batch_pixels: Annotated[
        int,
        about("OCR_BATCH_PIXELS", "largest batch on a GPU; a larger page goes alone", unit="pixels", ge=10_000),
    ] = 32_000_000
    tenant_header: Annotated[
        str,
        about(
            "OCR_TENANT_HEADER",
            "header that names whose request it is, where a gateway that is trusted sets it and callers cannot; "
            "empty: only API keys name tenants",
        ),
    ] = ""
    tenant_weights: Annotated[
        str,
        about(
            "OCR_TENANT_WEIGHTS",
            "how many pages tenants have read where others have one, such as acme=4,trial=0.5; others have 1",
        ),
    ] = ""
    heartbeat_seconds: Annotated[
        float,
        about(
            "OCR_HEARTBEAT_SECONDS",
            "longest silence of a stream, also before its first page; shorter than idle timeouts on the way",
            unit="s",
            ge=0.05,
            le=600,
        ),
    ] = 10.0
