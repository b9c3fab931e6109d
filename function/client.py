"""A client of the function, in one file that needs nothing but Python's standard library: copy it wherever you want.

    from client import Client

    ocr = Client("http://localhost:8080", key="…")
    print(ocr.parse("scan.pdf", format="markdown").decode())
    for page in ocr.pages("scan.pdf", tier="fast"):
        print(page["number"], page["markdown"])
    job = ocr.wait(ocr.submit("long.pdf"))
    print(ocr.result(job["id"])["markdown"])

It tries again what may end better, 429, 503 and lost connections, after as long as the function says; never what was
refused. A job is sent with an Idempotency-Key, so that trying again makes no second one. Not for several threads.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import ssl
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

#: What may end better when it is sent again: too many at once, and outages. What ran out of time (504) would again.
AGAIN = frozenset({429, 502, 503})
#: How a job may end.
ENDS = frozenset({"done", "refused", "failed", "cancelled"})


class Refused(Exception):
    """The function said no, or could not; `problem` is what it said (RFC 9457), `status` the HTTP status.

    `problem["remedy"]` says what to do.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(
            f"{status} {problem.get('title', '')}: {problem.get('detail', '')}. {problem.get('remedy', '')}"
        )
        self.status, self.problem = status, dict(problem)


class Cut(Exception):
    """A stream ended before its result."""


class Client:
    """One function.

    Args:
        url: such as `http://localhost:8080`.
        key: an API key, where the function asks for one.
        tries: how often one request is sent at most.
        timeout: seconds of silence after which a connection is lost.
    """

    def __init__(self, url: str, *, key: str = "", tries: int = 5, timeout: float = 330.0) -> None:
        self._at = urlsplit(url.rstrip("/"))
        self._key, self._tries, self._timeout = key, tries, timeout

    def parse(self, document: str | Path | bytes, *, format: str = "json", **options: str) -> Any:  # noqa: A002
        """Read a document and wait for it.

        Args:
            document: a path, or the bytes themselves.
            format: of the answer.
            options: as the README has them: `pages="1-3"`, `tier="fast"` and so on.

        Returns:
            The result as an object with `format="json"`, else bytes.

        Raises:
            Refused: and nothing was read.
        """
        body, name = _bytes(document)
        _, _, data = self._send("POST", "/v1/parse", {**options, "format": format}, body, name)
        return json.loads(data) if format == "json" else data

    def pages(self, document: str | Path | bytes, **options: str) -> Iterator[dict[str, Any]]:
        """Each page as soon as it is read; raises as `parse`, or Cut. Pages that came are not read again."""
        body, name = _bytes(document)
        connection, answer = self._answered("POST", "/v1/parse", {**options, "format": "ndjson"}, body, name)
        try:
            for line in answer:
                told = json.loads(line)
                if told["event"] == "page":
                    yield told
                elif told["event"] == "error":
                    raise Refused(int(told["status"]), told)
                elif told["event"] == "result":
                    return
        except (OSError, http.client.HTTPException) as problem:
            raise Cut(f"the stream was cut: {problem}") from problem
        finally:
            connection.close()
        raise Cut("the stream ended before its result")

    def submit(self, document: str | Path | bytes, **options: str) -> dict[str, Any]:
        """Leave a document to be read later; a large one goes past the function, where it can. Returns the job."""
        body, name = _bytes(document)
        key = {"Idempotency-Key": str(uuid.uuid4())}
        try:
            return dict(json.loads(self._send("POST", "/v1/jobs", options, body, name, key)[2]))
        except Refused as problem:
            if problem.status != 413 or "OCR_MAX_REQUEST_BYTES" not in str(problem):
                raise
        return self._upload(body, name, options)

    def status(self, id: str) -> dict[str, Any]:  # noqa: A002
        """How a job stands."""
        return dict(json.loads(self._send("GET", f"/v1/jobs/{id}")[2]))

    def wait(self, job: Mapping[str, Any], *, seconds: float = 3600.0) -> dict[str, Any]:
        """Ask until a job has ended, as often as the function wishes. Raises TimeoutError after `seconds`."""
        until = time.monotonic() + seconds
        while True:
            _, headers, data = self._send("GET", f"/v1/jobs/{job['id']}")
            told = json.loads(data)
            if told["state"] in ENDS:
                return dict(told)
            pause = _seconds(headers) or 1.0
            if time.monotonic() + pause > until:
                raise TimeoutError(f"job {job['id']} is {told['state']} after {seconds:g} s")
            time.sleep(pause)

    def result(self, id: str, *, format: str = "json") -> Any:  # noqa: A002
        """A job's result, as `parse` answers; raises Refused where it has none."""
        data = self._send("GET", f"/v1/jobs/{id}/result", {"format": format})[2]
        return json.loads(data) if format == "json" else data

    def cancel(self, id: str) -> dict[str, Any]:  # noqa: A002
        """Stop a job, and remove what it holds."""
        return dict(json.loads(self._send("DELETE", f"/v1/jobs/{id}")[2]))

    def _upload(self, body: bytes, name: str, options: Mapping[str, str]) -> dict[str, Any]:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        address = json.loads(self._send("POST", "/v1/uploads", {**options, "name": name}, b"", "", key)[2])
        store = Client(address["url"].partition("?")[0], tries=self._tries, timeout=self._timeout)
        store._send("PUT", "", address["url"].partition("?")[2], body, "", address["headers"])
        return dict(json.loads(self._send("POST", "/v1/jobs", {"upload": address["id"]})[2]))

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | str = "",
        body: bytes | None = None,
        name: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        connection, answer = self._answered(method, path, query, body, name, headers)
        with contextlib.closing(connection):
            return answer.status, dict(answer.getheaders()), answer.read()

    def _answered(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | str = "",
        body: bytes | None = None,
        name: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """A 2xx, at last; whoever reads it closes the connection."""
        kind, content = _form(name, body) if name and body is not None else ("application/octet-stream", body)
        sent = {"Content-Type": kind} if content else {}
        sent |= {"Authorization": f"Bearer {self._key}"} if self._key else {}
        target = self._at.path + path + (f"?{query if isinstance(query, str) else urlencode(query)}" if query else "")
        for left in reversed(range(self._tries)):
            connection = self._connection()
            try:
                connection.connect()
                # Who refuses a body for its length answers before it was sent, and hangs up: the answer lies there.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.request(method, target or "/", content, {**sent, **(headers or {})})
                answer = connection.getresponse()
                if answer.status < 300:
                    return connection, answer
                refused, wait = _refusal(answer), _seconds(dict(answer.getheaders()))
                connection.close()
                if answer.status not in AGAIN or left == 0:
                    raise refused
            except (OSError, http.client.HTTPException):
                connection.close()
                wait = None
                if left == 0:
                    raise
            tried = self._tries - left
            time.sleep(wait if wait is not None else min(30.0, 0.5 * 2**tried) * (0.5 + random.random() / 2))  # noqa: S311
        raise AssertionError("the last try ends above")

    def _connection(self) -> http.client.HTTPConnection:
        host = self._at.hostname or "localhost"
        if self._at.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, self._at.port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(host, self._at.port, timeout=self._timeout)


def _bytes(document: str | Path | bytes) -> tuple[bytes, str]:
    if isinstance(document, bytes):
        return document, "document"
    return Path(document).read_bytes(), Path(document).name


def _form(name: str, body: bytes) -> tuple[str, bytes]:
    """A form of one file, so that the function learns its name."""
    boundary = uuid.uuid4().hex
    plain = name.encode("utf-8", "replace").replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")
    head = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n' % (boundary.encode(), plain)
    return f"multipart/form-data; boundary={boundary}", head + body + b"\r\n--%s--\r\n" % boundary.encode()


def _refusal(answer: http.client.HTTPResponse) -> Refused:
    try:
        problem = json.loads(answer.read())
    except (ValueError, OSError, http.client.HTTPException):
        problem = {}
    return Refused(answer.status, problem if isinstance(problem, dict) else {})


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Of Retry-After, where it is a number."""
    told = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return min(float(told), 300.0) if told.isdecimal() else None
