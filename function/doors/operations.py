"""GET /healthz, /readyz, /metrics and /v1/schema.json: for probes, scrapers and programs. They need no slot."""

from __future__ import annotations

from typing import cast

import msgspec
from flask import Blueprint, Response, current_app

from function.results.model import DocumentResult
from function.telemetry.metrics import MEDIA_TYPE, exposition
from function.wiring import Function

door = Blueprint("operations", __name__)


def current() -> Function:
    """The function behind the request at hand."""
    return cast(Function, current_app.extensions["zeropage"])


@door.route("/healthz", methods=["GET", "POST"])
def alive() -> tuple[dict[str, object], int]:
    """200 while this process can still do its work; warming and draining are healthy.

    Posted to as well, by pings that keep a pod up: Knative's PingSource can only POST, and every role has this address.
    """
    healthy = current().alive
    return {"alive": healthy}, 200 if healthy else 503


@door.get("/readyz")
def ready() -> tuple[dict[str, object], int]:
    """200 once warmed and until draining; otherwise 503 with the reason. Either way with the start, phase by phase."""
    function = current()
    reason = function.not_ready_reason()
    body: dict[str, object] = {"ready": reason is None, "reason": reason, "cold_start": function.cold_start()}
    return body, 200 if reason is None else 503


@door.get("/metrics")
def metrics() -> Response:
    """Prometheus text."""
    return Response(exposition(), content_type=MEDIA_TYPE)


@door.get("/v1/schema.json")
def schema() -> Response:
    """The JSON schema of the result, made from the very classes that write it."""
    return Response(msgspec.json.encode(msgspec.json.schema(DocumentResult)), content_type="application/schema+json")
