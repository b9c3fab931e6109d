"""Connections that are kept between pages, and closed the moment nobody waits for an answer.

Nothing here blocks for longer than `GLANCE` without a look at the caller: an ingress that holds a request while a pod
starts takes neither the page's bytes nor gives a sign for minutes. Closing the connection is how the other end learns
that nobody waits (`function/doors/parse.py`), through Knative's proxies, too.
"""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode

from function.engines.remote.address import Address

#: Seconds between two looks at whether anybody still waits.
GLANCE = 0.2
#: Seconds for the handshakes; a peer that is there needs less.
CONNECT_SECONDS = 5.0
#: Seconds after which an unused connection is not trusted any more; the function's own server keeps them for 120.
IDLE_SECONDS = 60.0
#: Seconds of silence in the middle of an answer, which is sent as a whole.
STALLED_SECONDS = 30.0
_MOST_BYTES = 512 << 20
_SLICE = 1 << 16


class Unreachable(Exception):
    """No connection came about: nothing was sent."""


class Lost(Exception):
    """The connection ended before the answer did."""


class OutOfTime(Exception):
    """The caller's time is over."""


class NobodyWaits(Exception):
    """The caller has gone."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """For whom, and until when.

    Attributes:
        remaining: seconds left.
        gone: cheap; True once nobody waits.
    """

    remaining: Callable[[], float]
    gone: Callable[[], bool]

    def check(self) -> None:
        """Raises OutOfTime or NobodyWaits."""
        if self.gone():
            raise NobodyWaits
        if self.remaining() <= 0:
            raise OutOfTime

    def pause(self, seconds: float) -> None:
        """Let time pass, with a look now and then. Raises as `check`."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(GLANCE, left, max(self.remaining(), 0.001)))
        self.check()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole one."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def media_type(self) -> str:
        """Without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def retry_after(self) -> int | None:
        """Seconds; None where nothing was said, or a date (RFC 9110 allows one, this function sends none)."""
        told = self.headers.get("Retry-After", "").strip()
        return int(told) if told.isdecimal() and len(told) < 7 else None


class Connections:
    """A pool of connections to one address; used from many threads.

    Args:
        address: of the other end.
        context: for TLS; None without.
    """

    def __init__(self, address: Address, context: ssl.SSLContext | None) -> None:
        self._address, self._context = address, context
        self._idle: deque[tuple[http.client.HTTPConnection, float]] = deque()
        self._lock = Lock()

    def post(
        self, path: str, query: Mapping[str, str], body: bytes, headers: Mapping[str, str], waiting: Waiting
    ) -> Answer:
        """One request and its answer.

        Raises:
            Unreachable, Lost, OutOfTime, NobodyWaits.
        """
        target = f"{self._address.path}{path}?{urlencode(query)}"
        while True:
            connection, is_used = self._taken(waiting)
            try:
                answer = self._exchanged(connection, target, body, headers, waiting)
            except (OSError, http.client.HTTPException) as problem:
                connection.close()
                if is_used and isinstance(problem, http.client.RemoteDisconnected | ConnectionError):
                    continue  # the other end closed it while it was idle; one that is new tells more
                raise Lost(f"{type(problem).__name__}: {problem}") from problem
            except BaseException:
                connection.close()
                raise
            return answer

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, deque()
        for connection, _ in idle:
            connection.close()

    def _taken(self, waiting: Waiting) -> tuple[http.client.HTTPConnection, bool]:
        """A connection, and whether it was used before."""
        waiting.check()
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection, since = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and not _readable(connection.sock, 0):
                return connection, True
            connection.close()  # what is readable while nothing was asked is the other end's goodbye
        seconds = min(CONNECT_SECONDS, max(waiting.remaining(), 0.05))
        connection = self._new(seconds)
        try:
            connection.connect()
        except (OSError, UnicodeError) as problem:
            connection.close()
            waiting.check()
            raise Unreachable(f"{type(problem).__name__}: {problem}") from problem
        return connection, False

    def _new(self, seconds: float) -> http.client.HTTPConnection:
        where = self._address
        if self._context is None:
            return http.client.HTTPConnection(where.host, where.port, timeout=seconds)
        return http.client.HTTPSConnection(where.host, where.port, timeout=seconds, context=self._context)

    def _exchanged(
        self,
        connection: http.client.HTTPConnection,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
        waiting: Waiting,
    ) -> Answer:
        connection.putrequest("POST", target)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = http.client.HTTPResponse(connection.sock, method="POST")
        try:
            return self._heard(connection, response, body, waiting)
        except BaseException:
            response.close()  # it holds the socket, whose end is what the other end waits for
            raise

    def _heard(
        self,
        connection: http.client.HTTPConnection,
        response: http.client.HTTPResponse,
        body: bytes,
        waiting: Waiting,
    ) -> Answer:
        is_sent = _sent(connection.sock, response, body, waiting)
        while not _begun(connection.sock, response, GLANCE):
            waiting.check()
        connection.sock.settimeout(STALLED_SECONDS)
        # What was heard of the answer so far is in that object.
        connection.response_class = lambda *_, **__: response  # type: ignore[assignment]
        connection.getresponse()
        answer = Answer(response.status, response.headers, _received(response, waiting))
        if response.will_close or not is_sent:
            connection.close()
        else:
            with self._lock:
                self._idle.append((connection, time.monotonic()))
        return answer


def _sent(sock: socket.socket, response: http.client.HTTPResponse, body: bytes, waiting: Waiting) -> bool:
    """Send the body; whether all of it was wanted, for a refusal may come before its end."""
    left = memoryview(body)
    while left:
        waiting.check()
        if _begun(sock, response, 0):
            return False
        sock.settimeout(GLANCE)
        with contextlib.suppress(TimeoutError):
            left = left[sock.send(left[:_SLICE]) :]
    return True


def _begun(sock: socket.socket, response: http.client.HTTPResponse, seconds: float) -> bool:
    """Whether the answer, or the end of the connection, came within so many seconds.

    By TLS what can be read may be a session ticket, which comes unasked; so the answer's first bytes are looked for.
    """
    if not _readable(sock, seconds):
        return False
    if not isinstance(sock, ssl.SSLSocket):
        return True
    sock.settimeout(0)
    try:
        response.fp.peek(1)
    except ssl.SSLWantReadError:
        return False
    return True


def _readable(sock: socket.socket, seconds: float) -> bool:
    """Whether something came, the end included."""
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    poll = select.poll()  # select.select knows no descriptor above 1023
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _received(response: http.client.HTTPResponse, waiting: Waiting) -> bytes:
    """The body. Raises Lost where it ended too early, which http.client does not tell who reads it piece by piece."""
    parts, size = [], 0
    while part := response.read1(_SLICE):
        waiting.check()
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise Lost(f"the answer has more than {_MOST_BYTES} bytes")
    if response.length:
        raise Lost(f"the answer ended {response.length} bytes too early")
    response.close()  # or the connection takes no further request; its socket stays
    return b"".join(parts)
