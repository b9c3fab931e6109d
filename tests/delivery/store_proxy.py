"""Stands between the function and its store, passes every request on, and at one of them strikes.

What it strikes with is the test's: the process is killed there, or the store goes out of reach.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

#: The start's look at its places, what they hold and what their store can do, comes beside deliveries, at any time.
_NOT_COUNTED = (".zeropage/probe-", "list-type=2")
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class StoreProxy:
    """Use it in a `with`.

    Args:
        store: its address.
    """

    def __init__(self, store: str) -> None:
        self.history: list[str] = []
        self.struck = threading.Event()
        self._strike: Callable[[], None] | None = None
        self._start, self._at, self._after, self._cut = 0, 0, False, False
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self, urlsplit(store).netloc)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def seen(self) -> list[str]:
        """The requests since the last `arm` or `heal`, `METHOD /bucket/key?query` each."""
        return self.history[self._start :]

    def arm(self, number: int, strike: Callable[[], None], *, after: bool) -> None:
        """Strike at a request, counted from 1 from now on; `struck` is set when that is done.

        Args:
            number: of the request.
            strike: is called, and the request never answered.
            after: the store has done what it was asked.
        """
        with self._lock:
            self.struck.clear()
            self._start = len(self.history)
            self._at, self._strike, self._after = self._start + number, strike, after

    def cut(self) -> None:
        """From now on nothing gets through."""
        self._cut = True

    def heal(self) -> None:
        """Everything gets through again; the requests are counted anew."""
        with self._lock:
            self._cut, self._strike = False, None
            self._start = len(self.history)

    def wait_for(self, told: str, seconds: float = 60.0) -> None:
        """Until the store has been asked this."""
        deadline = time.monotonic() + seconds
        while not any(one.startswith(told) for one in self.history):
            assert time.monotonic() < deadline, f"no {told!r} came"
            time.sleep(0.01)

    def __enter__(self) -> StoreProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def handle(self, told: str, forward: Callable[[], None]) -> None:
        """One request; raises ConnectionAbortedError where it gets no answer."""
        strike = self._due(told)
        if not self._cut and not (strike and not self._after):
            forward()
            if not strike:
                return
        if strike:
            strike()
            self.struck.set()
        raise ConnectionAbortedError

    def passed_on(self, told: str, content: bytes) -> bytes:
        """What is sent of an answer's body; shorter than the answer says, it is cut there. A test may spoil it."""
        return content

    def _due(self, told: str) -> Callable[[], None] | None:
        if any(part in told for part in _NOT_COUNTED):
            return None
        with self._lock:
            self.history.append(told)
            return self._strike if self._strike and len(self.history) == self._at else None


def numbers_of_writes(requests: list[str]) -> list[int]:
    """Which of the requests change something, counted from 1."""
    return [number for number, told in enumerate(requests, 1) if told.startswith(("PUT", "DELETE"))]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], proxy: StoreProxy, store: str) -> None:
        self.proxy, self.store = proxy, store
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that was killed hangs up in the middle of anything; all else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def __getattr__(self, name: str) -> Any:
        """Any method is passed on."""
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        got: list[tuple[http.client.HTTPResponse, bytes]] = []
        try:
            self.server.proxy.handle(f"{self.command} {self.path}", lambda: got.append(self._forwarded(body)))
        except ConnectionAbortedError:
            self.close_connection = True
            return
        answer, content = got[0]
        sent = self.server.proxy.passed_on(f"{self.command} {self.path}", content)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(sent)
        self.close_connection = self.close_connection or len(sent) < len(content)

    def _forwarded(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(self.server.store, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"connection", "expect"}}
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""
