"""One HTTP message posted, and tried again as Knative's own sender would: for replay, reconciliation and trials.

Unlike `sink`, which only needs to know whether an event was accepted, whoever uses this wants the answer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from events.sink import shown

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

#: Besides 5xx and silence: knative/eventing pkg/kncloudevents/retries.go.
TRIED_AGAIN = frozenset({404, 408, 409, 429})
#: Seconds before the second try; each further pause is twice as long, up to the last.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
#: Seconds for a connection to be made, of those that a try may take.
CONNECT_SECONDS = 10.0
#: After so many messages in a row without any answer, each further one gets a single try.
GIVEN_UP = 10
#: Of an answer, to be shown.
MAX_ANSWER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: of HTTP; 0 where no answer came.
        reason: of the silence, else empty.
        headers: of the answer.
        body: of the answer, at most MAX_ANSWER_BYTES.
        tries: how many it took.
    """

    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    tries: int = 1

    @property
    def accepted(self) -> bool:
        """A 2xx."""
        return 200 <= self.status < 300

    @property
    def later(self) -> bool:
        """Whether another try may end better."""
        return self.status in TRIED_AGAIN or self.status >= 500 or self.status == 0

    @property
    def told(self) -> str:
        """Why, in a line: a problem's detail and remedy, else the beginning of the body."""
        if self.reason:
            return self.reason
        text = self.body[:4096].decode("utf-8", "replace")
        try:
            problem: Any = json.loads(self.body)
        except ValueError:
            problem = None
        if isinstance(problem, dict) and isinstance(problem.get("detail"), str):
            text = ". ".join(str(problem[name]) for name in ("detail", "remedy") if problem.get(name))
        return one_line(text, 300)


class Receiver:
    """An address that messages are posted to; thread-safe. Used in a `with`, it closes its connections.

    Args:
        url: where.
        seconds: how long one try may take.
        tries: how often at most, the first included.
        ca_certs: PEM text of the authority to trust, or empty for the system's.
        connections: kept open; as many as threads post.
        token_file: the token to show, read anew for each try; none is shown where it is not there.
    """

    def __init__(
        self,
        url: str,
        *,
        seconds: float = 330.0,
        tries: int = 1,
        ca_certs: str = "",
        connections: int = 4,
        token_file: str = "",
    ) -> None:
        self.url, self._token_file = url, token_file
        self._seconds, self._tries = seconds, tries
        self._ca_certs, self._connections = ca_certs, connections
        self._stopped = threading.Event()
        self._silent = 0

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post until it is accepted or refused, or the tries are used up; the last answer.

        Args:
            headers: of the message; values beyond Latin-1, which HTTP cannot have, go out as UTF-8.
            body: of the message.
        """
        tries = 0
        while True:
            tries += 1
            reply = self._once(headers, body, tries)
            last = not reply.later or tries >= self._tries or self._silent >= GIVEN_UP
            if last or self._stopped.wait(_pause(reply)):
                # Threads may miscount each other by one, which decides nothing.
                self._silent = 0 if reply.status else self._silent + 1
                return reply

    def stop(self) -> None:
        """Wait for no further try."""
        self._stopped.set()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.clear()

    def _once(self, headers: Mapping[str, str], body: bytes, tries: int) -> Reply:
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        headers = {**headers, **shown(self._token_file)}
        timeout = Timeout(connect=min(CONNECT_SECONDS, self._seconds), read=self._seconds)
        try:
            answer = self._pool.request(
                "POST", self.url, body=body, headers=_encodable(headers), timeout=timeout, retries=False,
                redirect=False, preload_content=False,
            )  # fmt: skip
            try:
                content = _content(answer)
            finally:
                answer.release_conn()
        except HTTPError as problem:
            return Reply(0, f"no answer ({type(problem).__name__})", tries=tries)
        return Reply(answer.status, "", dict(answer.headers), content, tries)

    @cached_property
    def _pool(self) -> PoolManager:
        import ssl

        import urllib3

        context = ssl.create_default_context(cadata=self._ca_certs) if self._ca_certs else None
        return urllib3.PoolManager(maxsize=self._connections, block=False, ssl_context=context)


def one_line(text: str, most: int) -> str:
    """A stranger's words on one line of a terminal: any script, but no control characters, and cut."""
    told = text if len(text) <= most else text[:most] + "…"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in told)


def address_problem(url: str) -> str | None:
    """Why nothing can be posted there; None where it can."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where it is none
    except ValueError as problem:
        return f"{url!r} is no address: {problem}"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return f"{url!r} is no address; write http://HOST:PORT/PATH"
    return None


def _encodable(headers: Mapping[str, str]) -> dict[str, str]:
    """Values as WSGI hands them over: the bytes on the wire, read as Latin-1."""
    return {
        name: value if all(letter <= "\xff" for letter in value) else value.encode().decode("latin-1")
        for name, value in headers.items()
    }


def _content(answer: BaseHTTPResponse) -> bytes:
    content = answer.read(MAX_ANSWER_BYTES)
    if len(content) == MAX_ANSWER_BYTES:
        answer.close()  # the rest would be met by the next request on this connection
    return content


def _pause(reply: Reply) -> float:
    """Seconds until the next try; a Retry-After counts where it asks for more."""
    asked = next((value for name, value in reply.headers.items() if name.lower() == "retry-after"), "")
    wanted = float(asked) if asked.isascii() and asked.isdecimal() else 0.0
    return min(max(FIRST_PAUSE * 2.0 ** (reply.tries - 1), wanted), LONGEST_PAUSE)
