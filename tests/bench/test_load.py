from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import pypdfium2
import pytest
from PIL import Image

from bench import load, processes, synthetic
from bench.client import Client


class _Echo(BaseHTTPRequestHandler):
    """Answers a document's name; hangs up on one that says so, before the answer or after it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"hang-up" in body:
            self.close_connection = True
            return
        told = f"{self.path} {body.count(b'filename')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)
        self.close_connection = b"then-gone" in body

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def echo() -> Iterator[str]:
    """The address of a server that answers at once."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _documents(*contents: bytes) -> list[synthetic.Synthetic]:
    return [synthetic.Synthetic(f"{number}.png", content, ("",)) for number, content in enumerate(contents)]


def test_every_document_is_sent_once_and_answers_keep_their_order(echo: str) -> None:
    """Whichever caller took it, the answer stands where the document stood."""
    sent = load.send(echo, _documents(*[b"x"] * 20), callers=4, format="json")

    assert len(sent.answers) == 20
    assert sent.failed == 0
    assert {answer.body for answer in sent.answers} == {b"/v1/parse?format=json 1"}


def test_a_broken_connection_is_an_answer_that_failed(echo: str) -> None:
    """The other documents go on."""
    sent = load.send(echo, _documents(b"x", b"hang-up", b"x"), callers=1)

    assert [answer.status for answer in sent.answers] == [200, 0, 200]
    assert sent.failed == 1
    [(index, reason)] = sent.failures
    assert index == 1
    assert reason.startswith("no answer: RemoteDisconnected")


def test_a_caller_that_was_stopped_goes_on(echo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection has long been closed at the other end; without a pause the same is a failure, never hidden."""
    with Client(echo) as client:
        assert client.parse(b"then-gone").status == 200
        assert client.parse(b"x").status == 0
        assert client.parse(b"then-gone").status == 200
        monkeypatch.setattr("bench.client._IDLE_SECONDS", 0.0)
        assert client.parse(b"x").status == 200


def test_nobody_listening_is_status_zero() -> None:
    """A dead server is seen by its callers, not as a crash of theirs."""
    with Client("http://127.0.0.1:9", timeout=5) as client:
        assert client.get("/healthz").status == 0


def test_synthetic_documents_repeat_by_seed_and_differ_among_themselves() -> None:
    """The same seed gives the same bytes; no page's text comes twice."""
    first = list(islice(synthetic.documents(3, fill=0.1), 5))

    assert [d.pages for d in first] == [d.pages for d in islice(synthetic.documents(3, fill=0.1), 5)]
    assert [d.name.rpartition(".")[2] for d in first] == ["pdf", "jpeg", "tiff", "png", "pdf"]
    pages = [page for document in first for page in document.pages]
    assert len(set(pages)) == len(pages)


def test_pages_of_any_size_are_all_of_another_size() -> None:
    """What a reader keeps for each shape that it met then shows in its memory."""
    drawn = [d for d in islice(synthetic.documents(3, fill=0.01, any_size=True), 8) if d.name.endswith(("jpeg", "png"))]

    sizes = [Image.open(io.BytesIO(document.content)).size for document in drawn]
    assert len(set(sizes)) == len(sizes) == 4
    assert all(300 <= side <= 4000 for size in sizes for side in size)


def test_synthetic_documents_have_as_many_pages_as_they_say() -> None:
    """What is counted as read must be there to read."""
    pdf, _, tiff, _ = islice(synthetic.documents(4, fill=0.2), 4)

    assert len(pypdfium2.PdfDocument(pdf.content)) == len(pdf.pages)
    assert Image.open(io.BytesIO(tiff.content)).n_frames == len(tiff.pages)  # type: ignore[attr-defined]


def test_a_process_is_measured_with_its_descendants() -> None:
    """Memory, descriptors and CPU time of parent and child add up; what has ended is gone."""
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        parent.stdout.readline()
        both = processes.tree(parent.pid)

        assert both[0] == parent.pid
        assert len(both) == 2
        assert processes.rss(parent.pid) > max(processes.rss(both[1]), processes.MIB)
        assert processes.descriptors(parent.pid) > processes.descriptors(both[1]) >= 3
        parent.communicate(b"\n")
    assert processes.rss(parent.pid) == 0


def test_cpu_time_counts_children_that_ended() -> None:
    """A render child that was replaced has not worked for nothing."""
    before = processes.cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(10_000_000))"], check=True)

    assert processes.cpu_seconds(os.getpid()) > before


def test_the_peak_of_memory_is_kept() -> None:
    """The highest sample, not the last."""
    with processes.PeakRss(os.getpid(), seconds=0.001) as peak:
        pass

    assert peak.bytes > processes.MIB
