"""A stand-in for another deployment of the function, which does as a test tells it, and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np

from function.engines.stub import StubEngine
from function.page import PageImage, PageReading

#: Status, headers, body.
Said = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Request:
    """What came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def result(body: bytes, *, engine: str = "elsewhere", warnings: tuple[str, ...] = (), cut: bool = True) -> Said:
    """What the function would answer, read by the stub engine."""
    pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    [(_, reading)] = StubEngine().read([PageImage(1, pixels.astype(np.uint8))])
    assert isinstance(reading, PageReading), reading
    lines = [{"bbox": line.box, "text": line.text, "confidence": line.confidence} for line in reading.lines]
    box = [0.0, 0.0, float(reading.width), float(reading.height)]
    table = {
        "type": "table", "bbox": box, "text": "a\tb", "confidence": 0.5, "lines": lines, "rows": [["a", "b"]],
        "html": "<table></table>", "image": "cut.png", "label": "table",
    }  # fmt: skip
    page = {
        "number": 1, "width": reading.width, "height": reading.height, "dpi": None, "rung": "accurate", "reason": "",
        "rotation": reading.rotation, "blocks": [table] if lines else [], "markdown": "",
        "warnings": ["cut"] if cut else None,
        "images": [{"name": "cut.png", "media_type": "image/png", "data": "AAEC"}],
    }  # fmt: skip
    answer = {
        "document": {"name": "", "sha256": "", "media_type": "image/png", "pages": 1},
        "engine": {"name": engine, "version": "2", "weights": "abc"},
        "pages": [page], "markdown": "", "timings": {}, "cost": {"cpu_seconds": 0.1, "gpu_seconds": 1.5},
        "warnings": list(warnings),
    }  # fmt: skip
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


def problem(status: int, kind: str, detail: str, **headers: str) -> Said:
    """A problem of the function."""
    told = {"type": f"urn:zeropage:problem:{kind}", "detail": detail, "status": status, "remedy": "Mend it."}
    return status, {"Content-Type": "application/problem+json", **headers}, json.dumps(told).encode()


@dataclass
class Elsewhere:
    """What the stand-in does; `left` is set when a client closed its connection while it was held."""

    url: str = ""
    answers: Callable[[Request], Said] = lambda request: result(request.body)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    held: threading.Event | None = None
    left: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self) -> threading.Event:
        """From now on no body is taken and nothing answered until the event is set, as while a pod starts."""
        self.held = threading.Event()
        return self.held

    def first(self, *said: Said) -> None:
        """Answer these first, one a request, and results after them."""
        queue = list(said)

        def answer(request: Request) -> Said:
            with self._lock:
                return queue.pop(0) if queue else result(request.body)

        self.answers = answer


@contextmanager
def elsewhere(port: int = 0, certificate: Path | None = None) -> Iterator[Elsewhere]:
    """A stand-in that listens, on a port that was used before or on any; by TLS with a certificate and key in PEM."""
    place = Elsewhere()
    ends = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            """Count connections."""
            super().setup()
            place.connections += 1

        def do_POST(self) -> None:
            """Hold it, keep it, answer it."""
            if place.held is not None and not _released(self, place.held, ends):
                place.left.set()
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = Request(self.path, dict(self.headers.items()), body)
            place.requests.append(request)
            status, headers, content = place.answers(request)
            if not status:  # the end, without a word
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    place.url = f"http://127.0.0.1:{server.server_port}"
    _encrypt(server, place, certificate)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield place
    finally:
        ends.set()
        server.shutdown()
        server.server_close()


def _encrypt(server: ThreadingHTTPServer, place: Elsewhere, certificate: Path | None) -> None:
    if certificate is None:
        return
    place.url = place.url.replace("http", "https")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)


def _released(handler: BaseHTTPRequestHandler, held: threading.Event, ends: threading.Event) -> bool:
    """False where the client left meanwhile, or the stand-in ends."""
    while not held.wait(0.01):
        if ends.is_set() or _has_left(handler):
            return False
    return True


def _has_left(handler: BaseHTTPRequestHandler) -> bool:
    """Whether the client's end is closed; TCP_INFO tells so without taking bytes away that lie before it."""
    state = handler.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state != 1  # ESTABLISHED
