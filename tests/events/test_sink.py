"""What the sink is shown beside the event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from events.event import Event
from events.sink import HttpSink


class Asking(HTTPServer):
    """Takes every event, and keeps how each showed itself."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shown: list[str | None] = []


class _Handler(BaseHTTPRequestHandler):
    server: Asking

    def do_POST(self) -> None:
        """202, as a broker."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.shown.append(self.headers["Authorization"])
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Silence."""


@pytest.fixture
def broker() -> Iterator[Asking]:
    """One that listens."""
    with Asking() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_the_sink_is_shown_the_token_as_it_is_now(broker: Asking, tmp_path: Path) -> None:
    """None before a SinkBinding has put one there; a renewed one counts from the next event on."""
    file = tmp_path / "token"
    sink = HttpSink(f"http://127.0.0.1:{broker.server_port}/", token_file=str(file))
    event = Event(id="1", source="/here", type="a.test", data=b"{}", datacontenttype="application/json")

    sink.send(event)
    for token in ("first\n", "second"):
        file.write_text(token)
        sink.send(event)

    assert broker.shown == [None, "Bearer first", "Bearer second"]
