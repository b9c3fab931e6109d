"""function/client.py: what a program copies; against the live function, and against a server that fails on purpose."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from function import client as module
from function.client import Client, Cut, Refused
from tests.conftest import ROOT
from tests.doors.conftest import stamped_png, stamped_tiff
from tests.server import Server, stub_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With folders, so that there are jobs; small requests."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    places = {"OCR_INBOX": f"file://{folder}/in", "OCR_RESULTS": f"file://{folder}/out"}
    with stub_server(**places, OCR_MAX_REQUEST_BYTES="100000") as running:
        yield running


@pytest.fixture
def ocr(server: Server) -> Client:
    """Of the live function."""
    return Client(server.url)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have waited; it does not."""
    slept: list[float] = []
    monkeypatch.setattr("function.client.time.sleep", slept.append)
    return slept


def test_a_document_is_read(ocr: Client, tmp_path: Path) -> None:
    """From a path, whose name the answer bears, or from memory; in any format."""
    (tmp_path / 'a "scan".png').write_bytes(stamped_png("hello"))

    assert ocr.parse(tmp_path / 'a "scan".png')["document"]["name"] == 'a "scan".png'
    assert ocr.parse(stamped_png("hello"), format="text") == b"hello\n"
    assert ocr.parse(stamped_tiff("one", "two"), format="text", pages="2") == b"two\n"


def test_pages_come_one_by_one(ocr: Client) -> None:
    """The same objects as in the result."""
    assert [page["markdown"] for page in ocr.pages(stamped_tiff("one", "two"))] == ["one", "two"]


def test_a_job_is_left_awaited_and_fetched(ocr: Client) -> None:
    """And cancelled, which says so."""
    job = ocr.wait(ocr.submit(stamped_png("later")), seconds=60)

    assert job["state"] == "done"
    assert ocr.result(job["id"], format="text") == b"later\n"
    assert ocr.cancel(job["id"])["state"] == "cancelled"


def test_refusals_are_not_sent_again(ocr: Client, naps: list[float]) -> None:
    """The problem tells what to do."""
    for ask in (ocr.parse, lambda data: list(ocr.pages(data))):
        with pytest.raises(Refused) as caught:
            ask(b"no document")
        assert caught.value.status == 415
        assert caught.value.problem["remedy"]
    with pytest.raises(Refused, match="no option"):
        ocr.parse(stamped_png("x"), teir="fast")
    assert naps == []


def test_a_document_too_large_for_a_request_asks_for_an_address(ocr: Client) -> None:
    """With folders there is none, and the function says so."""
    with pytest.raises(Refused, match="need a bucket"):
        ocr.submit(b"\0" * 200_000)


def test_a_refusal_that_comes_before_the_document_was_sent_is_heard(ocr: Client, naps: list[float]) -> None:
    """More than every buffer on the way holds, so the server hangs up in the middle; that is no lost connection."""
    large = bytes(32 << 20)

    for ask in (ocr.parse, lambda data: list(ocr.pages(data))):
        with pytest.raises(Refused, match="OCR_MAX_REQUEST_BYTES") as caught:
            ask(large)
        assert caught.value.status == 413
    assert naps == []


def test_the_readmes_example_runs(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands there, on two files that it names; only the port is another."""
    [example] = re.findall(r"```python\n(from client import.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    for name in ("scan.pdf", "long.pdf"):
        (tmp_path / name).write_bytes(stamped_png(name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "client", module)

    exec(example.replace("http://localhost:8080", server.url), {})

    assert capsys.readouterr().out.split() == ["scan.pdf", "1", "scan.pdf", "long.pdf"]


class Scripted:
    """A server that answers as it is told, one entry a request."""

    def __init__(self, answers: list[Any]) -> None:
        self.left = answers
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """The next answer; None closes the connection."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                answer = outer.left.pop(0)
                if answer is None:
                    return
                status, headers, data = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    """Makes such servers."""
    made: list[Scripted] = []

    def make(*answers: Any) -> Scripted:
        made.append(Scripted(list(answers)))
        return made[-1]

    yield make
    for one in made:
        one.close()


RESULT: tuple[int, dict[str, str], bytes] = (200, {}, b'{"markdown": "x"}')


def test_outages_are_tried_again_after_as_long_as_they_say(
    scripted: Callable[..., Scripted], naps: list[float]
) -> None:
    """429 and 503 with Retry-After, a connection that was lost after a while of its own; with the key each time."""
    there = scripted((429, {"Retry-After": "7"}, b"{}"), (503, {"Retry-After": "3"}, b"x"), None, RESULT)

    assert Client(there.url, key="zp_1").parse(b"data") == {"markdown": "x"}
    assert naps[:2] == [7.0, 3.0]
    assert 0 < naps[2] <= 30
    assert {headers["Authorization"] for _, _, headers, _ in there.asked} == {"Bearer zp_1"}
    assert len(there.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 404, 413, 415, 422, 500])
def test_what_would_end_the_same_is_sent_once(
    status: int, scripted: Callable[..., Scripted], naps: list[float]
) -> None:
    """Not even where Retry-After stands beside it."""
    there = scripted((status, {"Retry-After": "1"}, b'{"title": "No", "detail": "never"}'))

    with pytest.raises(Refused, match="never"):
        Client(there.url).parse(b"data")
    assert (len(there.asked), naps) == (1, [])


@contextlib.contextmanager
def resetting(answer: bytes = b"") -> Iterator[int]:
    """The port of a server that answers before it has read what comes, and then has the kernel reset the connection."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1)
                    connection.sendall(answer)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def test_a_refusal_is_heard_though_the_connection_was_reset(naps: list[float]) -> None:
    """By a proxy in between, say, which does not wait until its words were heard."""
    answer = b'HTTP/1.1 413 No\r\nContent-Length: 19\r\n\r\n{"detail": "never"}'
    with resetting(answer) as port, pytest.raises(Refused, match="never"):
        Client(f"http://127.0.0.1:{port}").parse(bytes(32 << 20))
    assert naps == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_that_is_reset_without_an_answer_is_tried_again(scheme: str, naps: list[float]) -> None:
    """Also where no connection comes about; the last try tells why."""
    with resetting() as port, pytest.raises(ConnectionResetError):
        Client(f"{scheme}://127.0.0.1:{port}", tries=3).parse(bytes(32 << 20))
    assert len(naps) == 2


def test_the_last_try_ends_with_what_was_said(scripted: Callable[..., Scripted], naps: list[float]) -> None:
    """After as many as were allowed."""
    there = scripted(*[(503, {}, b'{"detail": "warming"}')] * 3)

    with pytest.raises(Refused, match="warming"):
        Client(there.url, tries=3).parse(b"data")
    assert len(naps) == 2


def test_a_job_that_is_sent_again_has_the_same_key(scripted: Callable[..., Scripted], naps: list[float]) -> None:
    """So it is one job."""
    there = scripted(None, (202, {}, b'{"id": "1", "state": "queued"}'))

    assert Client(there.url).submit(b"data")["id"] == "1"
    assert len({headers["Idempotency-Key"] for _, _, headers, _ in there.asked}) == 1


def test_a_large_document_goes_past_the_function(scripted: Callable[..., Scripted]) -> None:
    """An address, the document put there with its headers, then the job."""
    store = scripted((200, {}, b""))
    address = {"id": "7", "url": f"{store.url}/bucket/key?signed=1", "headers": {"x-amz-meta-ocr-tier": "fast"}}
    there = scripted(
        (413, {}, b'{"detail": "more than OCR_MAX_REQUEST_BYTES"}'),
        (201, {}, json.dumps(address).encode()),
        (202, {}, b'{"id": "7", "state": "queued"}'),
    )

    assert Client(there.url, key="zp_1").submit(b"large", tier="fast")["state"] == "queued"
    assert [path.partition("?")[0] for _, path, _, _ in there.asked] == ["/v1/jobs", "/v1/uploads", "/v1/jobs"]
    [(method, path, headers, body)] = store.asked
    assert (method, path, body) == ("PUT", "/bucket/key?signed=1", b"large")
    assert headers["x-amz-meta-ocr-tier"] == "fast"
    assert "Authorization" not in headers, "the store is somebody else"


def test_a_stream_that_is_cut_or_fails_is_told(scripted: Callable[..., Scripted]) -> None:
    """What came before stays read."""
    page, failed = b'{"event": "page", "number": 1}\n', b'{"event": "error", "status": 500, "detail": "lost"}\n'
    there = scripted((200, {}, page), (200, {"Content-Length": "999"}, page), (200, {}, page + failed))
    seen = []

    for expected in (Cut, Cut, Refused):
        pages = Client(there.url).pages(b"data")
        seen.append(next(pages)["number"])
        with pytest.raises(expected):
            next(pages)
    assert seen == [1, 1, 1]


def test_it_can_be_copied_anywhere() -> None:
    """The standard library alone, and no longer than a page or two."""
    source = (ROOT / "function" / "client.py").read_text(encoding="utf-8")
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }

    assert imported <= set(sys.stdlib_module_names)
    assert source.count("\n") < 250
