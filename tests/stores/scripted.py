"""A store that answers as a test tells it, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from function.stores.s3 import Connection, S3Store
from tests.s3_server import set_environment

ETAG = "9e107d9d372bb6826bd81d3542a419d6"


@dataclass
class Answer:
    """What the store says; `length` beyond the body's own cuts it off, after a `silence` that lasts."""

    status: int = 200
    code: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    silence: bool = False


@dataclass
class ScriptedStore:
    """Answers as told, and remembers what it was asked; past the script's end it repeats the last."""

    script: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def next(self, method: str, path: str, headers: dict[str, str]) -> Answer:
        """One request's."""
        self.asked.append((method, path, headers))
        return self.script[min(len(self.asked), len(self.script)) - 1]

    def connection(self, **more: float) -> Connection:
        """To it; one attempt unless told otherwise."""
        options: dict[str, Any] = {"attempts": 1, "connect_seconds": 2, "read_seconds": 5, **more}
        return Connection(endpoint=f"http://127.0.0.1:{self.port}", **options)


def _handler(told: ScriptedStore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = told.next(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            body = answer.body or (f"<Error><Code>{answer.code}</Code></Error>".encode() if answer.code else b"")
            self.send_response(answer.status)
            for name, value in {"ETag": f'"{ETAG}"', **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            if answer.silence:
                told.over.wait(60)

        do_GET = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Quiet."""

    return Handler


@contextmanager
def answering() -> Iterator[tuple[ScriptedStore, Connection]]:
    """One that runs, and a connection to it, which takes longer to make than most tests."""
    told = ScriptedStore()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    connection = told.connection()
    with pytest.MonkeyPatch.context() as patch:
        set_environment(patch)
        told.script = [Answer()]
        S3Store(connection).head("inbox", "credentials are found at the first request")
    yield told, connection
    connection.client.close()
    server.shutdown()
    server.server_close()
    thread.join()
