"""The trace of a cold start, as a collector receives it."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from function.telemetry import traces
from tests.server import stub_server

proto = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2", reason="the extra otel")


class Collector:
    """Takes OTLP over HTTP and keeps every span."""

    def __init__(self) -> None:
        self.resources: dict[str, str] = {}
        self.spans: dict[str, Any] = {}
        self.paths: set[str] = set()
        self.whole = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Decode one export."""
                outer.take(self.path, self.rfile.read(int(self.headers["Content-Length"])), self.headers)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, path: str, body: bytes, headers: Any) -> None:
        """Keep what one request brings."""
        if headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        self.paths.add(path)
        for group in proto.ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources |= {item.key: item.value.string_value for item in group.resource.attributes}
            self.spans |= {span.name: span for scope in group.scope_spans for span in scope.spans}
        if "cold_start" in self.spans:
            self.whole.set()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Where traces go."""
    opened = Collector()
    yield opened
    opened.close()


def test_a_servers_start_arrives_as_one_trace_with_true_times(collector: Collector) -> None:
    """A span for the whole from the process's beginning to ready, and one below it for each phase."""
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test"}
    with stub_server(**settings) as server:
        told = requests.get(f"{server.url}/readyz", timeout=30).json()["cold_start"]
        assert collector.whole.wait(60)

    whole = collector.spans.pop("cold_start")
    began = datetime.fromisoformat(told["began"]).timestamp()
    assert collector.paths == {"/v1/traces"}
    assert collector.resources["service.name"] == "zeropage"
    assert collector.resources["deployment.environment"] == "test"
    assert whole.start_time_unix_nano / 1e9 == pytest.approx(began, abs=0.002)
    assert (whole.end_time_unix_nano - whole.start_time_unix_nano) / 1e9 == pytest.approx(told["ready"], abs=0.002)
    assert list(collector.spans) == [phase["name"] for phase in told["phases"]]
    for phase in told["phases"]:
        span = collector.spans[phase["name"]]
        assert span.trace_id == whole.trace_id
        assert span.parent_span_id == whole.span_id
        assert span.start_time_unix_nano / 1e9 == pytest.approx(began + phase["start"], abs=0.002)
        assert (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9 == pytest.approx(phase["seconds"], abs=0.002)


def test_without_the_extra_there_is_a_warning_and_no_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing library shall not be found out by a silent collector."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with caplog.at_level(logging.WARNING):
        traces.begin({"began": "2026-01-01T00:00:00+00:00", "ready": 1.0, "phases": []}, {}).join(60)

    assert "Install the extra `otel`" in caplog.text


def test_a_collector_that_is_gone_costs_a_start_nothing() -> None:
    """The server is ready and stops as always."""
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with stub_server(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as server:
            assert requests.get(f"{server.url}/readyz", timeout=30).json()["ready"] is True

            assert server.stop() == 0, server.logs
