"""The start waits for a server that is still loading, and says at once what waiting will not mend."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from function.engines.paddle_vl.server import Server
from function.engines.paddle_vl.waiting import wait_for
from function.errors import EngineFailed

NAME = "PaddleOCR-VL-1.6-0.9B"
MODELS = json.dumps({"object": "list", "data": [{"id": "other"}, {"id": NAME}]}).encode()


class Vllm(http.server.ThreadingHTTPServer):
    """Answers what `answers` tells, one after the other, the last for ever; remembers what was asked."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answers: list[tuple[int, bytes]] = [(200, MODELS)]
        self.asked: list[tuple[str, str | None]] = []

    def named(self, key: str = "") -> Server:
        """Where it is."""
        return Server(url=f"http://127.0.0.1:{self.server_address[1]}/v1", model=NAME, key=key)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Vllm

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        answers = self.server.answers
        code, body = answers.pop(0) if len(answers) > 1 else answers[0]
        if code == 0:  # hangs up in the middle
            self.connection.close()
            return
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def vllm() -> Iterator[Vllm]:
    """A server that is up."""
    with Vllm() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def at_once(_: float) -> None:
    """Instead of pauses."""


def test_a_server_that_is_up_is_asked_once(vllm: Vllm) -> None:
    """By its key, where it has one."""
    assert wait_for(vllm.named("secret"), sleep=at_once) == {"asked": 1.0}
    assert vllm.asked == [("/v1/models", "Bearer secret")]


@pytest.mark.parametrize("first", [(503, b""), (500, b"loading"), (0, b"")])
def test_one_that_loads_is_asked_again(vllm: Vllm, first: tuple[int, bytes]) -> None:
    """Overloaded, broken or hanging up: all of that passes."""
    vllm.answers = [first, first, (200, MODELS)]

    assert wait_for(vllm.named(), sleep=at_once) == {"asked": 3.0}


def test_one_that_is_not_there_yet_is_asked_again(vllm: Vllm) -> None:
    """Its port opens when the model is loaded."""
    late = Vllm()
    late.server_close()

    def open_now(_: float) -> None:
        again = Vllm(int(late.server_address[1]))
        threading.Thread(target=again.serve_forever, daemon=True).start()
        opened.append(again)

    opened: list[Vllm] = []
    try:
        assert wait_for(late.named(), sleep=open_now) == {"asked": 2.0}
    finally:
        for server in opened:
            server.shutdown()
            server.server_close()


@pytest.mark.parametrize(
    ("code", "body", "variable"),
    [
        (401, b"", "OCR_VL_SERVER_KEY_FILE"),
        (403, b"", "OCR_VL_SERVER_KEY_FILE"),
        (404, b"", "OCR_VL_SERVER_URL"),
        (200, b"<html>", "OCR_VL_SERVER_URL"),
        (200, b'{"data": [{"id": "other"}]}', "OCR_VL_SERVER_MODEL"),
    ],
)
def test_what_waiting_does_not_mend_is_told_at_once(vllm: Vllm, code: int, body: bytes, variable: str) -> None:
    """With the variable that is wrong."""
    vllm.answers = [(code, body)]

    with pytest.raises(EngineFailed) as raised:
        wait_for(vllm.named(), sleep=at_once)

    assert variable in raised.value.remedy
    assert len(vllm.asked) == 1


def test_patience_ends() -> None:
    """The last thing that was heard stands in the message."""
    gone = Vllm()
    gone.server_close()

    with pytest.raises(EngineFailed, match=r"did not come within 0 s: it cannot be reached .*refused") as raised:
        wait_for(gone.named(), patience=0.05, sleep=at_once)

    assert "log" in raised.value.remedy
