"""A source of weights over HTTP that misbehaves on demand, and a small manifest that points to it.

with Origin({"a.bin": b"…"}) as origin:
    origin.script["a.bin"] = ["503", "cut 1000"]     # the first two answers; from then on it behaves
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

NOBODY = 65534


class Origin:
    """Serves bytes, with ranges and strong tags, and counts them.

    Attributes:
        files: by name; may be exchanged while it runs.
        script: by name, what happens to the next requests instead: a status, `cut N`, `ignore range`, `wrong bytes`,
            `redirect URL`, `no length`, `wait` (for `go_on`), `stall N` (sends N bytes, then waits for `go_on`).
        requests: (name, headers) in the order in which they came.
        sent: bytes of bodies, by name.
        tagged: whether answers have an ETag.

    Args:
        files: what it has.
        certificate: a file with certificate and key in PEM, to serve https.
    """

    def __init__(self, files: Mapping[str, bytes], certificate: Path | None = None) -> None:
        self.files, self.script = dict(files), dict[str, list[str]]()
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.sent: Counter[str] = Counter()
        self.tagged = True
        self.go_on = threading.Event()
        origin = self

        class Handler(_Handler):
            def do_GET(self) -> None:
                self.answer(origin)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = self.url.replace("http", "https")

    def __enter__(self) -> Origin:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def headers_of(self, name: str) -> list[dict[str, str]]:
        """Of every request for a file."""
        return [headers for asked, headers in self.requests if asked == name]


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Silence."""

    def answer(self, origin: Origin) -> None:
        name = unquote(urlsplit(self.path).path).lstrip("/")
        origin.requests.append((name, {key.title(): value for key, value in self.headers.items()}))
        deed = origin.script[name].pop(0) if origin.script.get(name) else ""
        if deed == "wait":
            origin.go_on.wait(60)
        if deed.startswith("redirect "):
            self._end(302, {"Location": deed.split()[1]})
        elif deed[:3].isdecimal():
            self._end(int(deed[:3]), {"Retry-After": deed[4:]} if deed[4:] else {})
        elif name not in origin.files:
            self._end(404, {})
        else:
            self._file(origin, name, deed)

    def _file(self, origin: Origin, name: str, deed: str) -> None:
        whole = origin.files[name]
        tag = f'"{hashlib.md5(whole).hexdigest()}"'
        if deed == "wrong bytes":
            whole = bytes(byte ^ 1 for byte in whole)
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked and self.headers.get("If-Range", tag) == tag and deed != "ignore range" else 0
        if start and start >= len(whole):
            self._end(416, {})
            return
        headers = {} if deed == "no length" else {"Content-Length": str(len(whole) - start)}
        if origin.tagged:
            headers["ETag"] = tag
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        self._end(206 if start else 200, headers)
        self._send(origin, name, whole[start:], deed)

    def _send(self, origin: Origin, name: str, body: bytes, deed: str) -> None:
        self.close_connection = True
        first = int(deed.split()[1]) if deed.startswith(("cut ", "stall ")) else len(body)
        try:
            self.wfile.write(body[:first])
            self.wfile.flush()
            origin.sent[name] += len(body[:first])
            if deed.startswith("stall "):
                origin.go_on.wait(60)
                self.wfile.write(body[first:])
                origin.sent[name] += len(body[first:])
        except OSError:
            pass  # the other side was killed, which is what some tests are about

    def _end(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if status not in {200, 206}:
            self.send_header("Content-Length", "0")
        self.end_headers()


def some_bytes(size: int, seed: int = 1) -> bytes:
    """The same ones every time."""
    return random.Random(seed).randbytes(size)


def write_manifest(
    folder: Path,
    files: Mapping[str, bytes],
    sources: list[str] | None = None,
    *,
    known: bool = True,
    model: str = "small",
    accurate: Mapping[str, bytes] | None = None,
) -> None:
    """A weights.toml in `folder`.

    Args:
        folder: made if it is not there.
        files: what is expected of the tier `fast`.
        sources: where they are published.
        known: whether sizes and hashes are told.
        model: what the tier `fast` is made of.
        accurate: what is expected of the tier `accurate`; nothing by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["[tiers]", f'fast = ["{model}"]', f"accurate = {['large'] if accurate else []}"]
    for name, parts in ((model, files), *([("large", accurate)] if accurate else [])):
        lines += [f"[models.{name}]", 'licence = "none"', f"sources = {sources or []!r}"]
        for path, data in parts.items():
            lines += [f"[[models.{name}.files]]", f'path = "{path}"']
            if known:
                lines += [f"size = {len(data)}", f'sha256 = "{hashlib.sha256(data).hexdigest()}"']
    (folder / "weights.toml").write_text("\n".join(lines), encoding="utf-8")


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def contents(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What lies there under the names of `files`."""
    return {path: (folder / path).read_bytes() for path in files if (folder / path).exists()}


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that cannot be written: root, whom no mode stops, becomes nobody meanwhile."""
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        path.chmod(0o555)
    was = os.geteuid()
    try:
        if was == 0:
            os.seteuid(NOBODY)
        yield
    finally:
        os.seteuid(was)
        for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
            path.chmod(0o755)
