"""The S3 of the demo: whoever hears of an upload finds it complete, as at any real store."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from function.doors.demo import run as demo


@contextmanager
def _listening(hear: Any) -> Iterator[str]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hear(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _put(url: str) -> None:
    headers = {"x-amz-meta-ocr-pages": "2-3"}
    urllib.request.urlopen(urllib.request.Request(url, b"%PDF", headers, method="PUT"), timeout=30).close()


@pytest.mark.parametrize(("key", "waits"), [("a.pdf", True), ("jobs/1/a.pdf", False)])
def test_it_tells_of_an_upload_once_its_options_are_there_and_keeps_no_job_waiting(key: str, waits: bool) -> None:
    """Moto itself would tell first and add the metadata later: `pages` was passed over without a word."""
    seen: list[str | None] = []
    asked = threading.Event()

    with demo._store(0) as store:

        def hear(body: bytes) -> None:
            if b"a.pdf" not in body:
                return  # the topic's own words, to whoever subscribes
            time.sleep(1)  # as reading would take
            with urllib.request.urlopen(f"{store}/{demo.INBOX}/{key}", timeout=30) as found:
                seen.append(found.headers["x-amz-meta-ocr-pages"])
            asked.set()

        with _listening(hear) as door:
            demo._prepare(demo._client(store, "s3"), demo._client(store, "sns"), door)
            _put(f"{store}/{demo.INBOX}/{key}")

            assert asked.is_set() == waits
            assert asked.wait(30)

    assert seen == ["2-3"]


def test_an_upload_that_nobody_reads_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    """There will be no result of it, and no reason in the bucket."""
    with demo._store(0) as store, _listening(lambda _: None) as door:
        demo._prepare(demo._client(store, "s3"), demo._client(store, "sns"), door)
        for key in ("README.md", "a.PDF"):
            _put(f"{store}/{demo.INBOX}/{key}")

    assert capfd.readouterr().err == "inbox/README.md is left alone: its ending is none of OCR_SUFFIXES\n"
