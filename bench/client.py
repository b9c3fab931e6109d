"""A caller of /v1/parse that costs next to nothing: one kept connection, the standard library only."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

#: Less than any server keeps an idle connection.
_IDLE_SECONDS = 1.0


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: of HTTP; 0 where none came.
        headers: names in lower case.
        body: all of it.
        seconds: from the first byte sent to the last received.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        """The body, decoded."""
        import json

        return json.loads(self.body)


class Client:
    """One connection, for one thread; use it in a `with`.

    Args:
        url: of the server.
        timeout: seconds without a byte after which a request is given up.
    """

    def __init__(self, url: str, *, timeout: float = 600.0) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout)
        self._used = time.perf_counter()

    def parse(self, document: bytes, *, name: str = "document", **options: str) -> Answer:
        """POST the document as a form; a broken connection is an Answer with status 0, never raised."""
        boundary = "zeropage-bench-5f1c0a7e9d"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quote(name)}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + document + f"\r\n--{boundary}--\r\n".encode()
        content_type = f"multipart/form-data; boundary={boundary}"
        return self.request("POST", f"/v1/parse?{urlencode(options)}", body, {"Content-Type": content_type})

    def get(self, path: str) -> Answer:
        """GET a path."""
        return self.request("GET", path)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and read all of its answer.

        A server hangs up on a connection that was idle for long (this process was stopped for a while, say): a new one
        then takes its place. Whatever breaks otherwise is told, never tried again.
        """
        started = time.perf_counter()
        if started - self._used > _IDLE_SECONDS:
            self._connection.close()  # the next request opens it anew
        try:
            self._connection.request(method, path, body, dict(headers or {}))
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as problem:
            self._connection.close()
            told = f"{type(problem).__name__}: {problem}".encode()
            return Answer(0, {}, told, time.perf_counter() - started)
        self._used = time.perf_counter()
        told_headers = {key.lower(): value for key, value in answer.getheaders()}
        return Answer(answer.status, told_headers, content, time.perf_counter() - started)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
