"""gunicorn's worker, with an end to its patience: a client that sends a request byte by byte must not keep a thread.

gunicorn waits for a connection's first byte without holding a thread for it; from then on a thread is the client's,
however slowly the rest comes. Here that thread has a time by which the head, and then the body, must have come.
"""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from gunicorn import util
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import ThreadWorker

from function.doors import no_request
from function.errors import SentTooSlowly

#: A head is a few kilobytes; gunicorn bounds its size.
HEAD_SECONDS = 20.0
#: For which a client may still send before it hangs up, and how much of that is looked at.
FAREWELL_SECONDS, FAREWELL_BYTES = 1.0, 1 << 16
#: What gunicorn throws away of a body that nobody read; beyond that it hangs up, so the answer has to say so.
UNREAD_BYTES = (1 << 16) - 1

util.write_error = no_request.answer


class Connection(socket.socket):
    """A client's connection on which `recv` gives up at a time on the clock, and `send` on a client that takes nothing.

    Other threads look at the same connection without waiting, to see whether the client is still there. Python's own
    timeouts would have them wait, too; the kernel's do not.
    """

    _until = math.inf
    _too_late: Callable[[], Exception] = TimeoutError

    def expect(self, seconds: float, too_late: Callable[[], Exception]) -> None:
        """What is received from now on must have come within so many seconds; `recv` raises `too_late()` after that."""
        self._until, self._too_late = time.monotonic() + seconds, too_late

    def cut_off_after(self, seconds: float) -> None:
        """An answer of which the client takes nothing for so long ends as if it had hung up."""
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(seconds))

    def recv(self, size: int, flags: int = 0) -> bytes:
        """As ever; with flags, which only those use who look and do not wait, without a limit."""
        if flags or self._until == math.inf:
            return super().recv(size, flags)
        left = self._until - time.monotonic()
        if left <= 0:
            raise self._too_late()
        self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(left))
        try:
            return super().recv(size)
        except BlockingIOError:
            raise self._too_late() from None

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As ever; raises BrokenPipeError where the client has taken nothing for too long."""
        try:
            super().sendall(data, flags)
        except BlockingIOError:
            raise BrokenPipeError("the client takes no answer") from None

    def bid_farewell(self) -> None:
        """Say that the answer ends here, and let the client hang up first, or the kernel would cut it (RFC 9112, 9.6).

        gunicorn does so, too, but in the one thread that accepts connections: a few clients that do not hang up would
        keep everybody out. After this it finds nothing to wait for.
        """
        if self._until > time.monotonic():  # else it has been waited for long enough
            self.expect(FAREWELL_SECONDS, TimeoutError)
            with contextlib.suppress(OSError):
                self.setblocking(True)
                self.shutdown(socket.SHUT_WR)
                left = FAREWELL_BYTES
                while left > 0 and (piece := self.recv(4096)):
                    left -= len(piece)
        self.expect(0, TimeoutError)


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """gthread, with limits on how long a request may take to come; TLS, which nothing here turns on, has none."""

    def handle(self, conn: Any) -> Any:
        """In a thread: a connection from which something can be read, for the first time or again."""
        if type(conn.sock) is socket.socket:
            conn.sock = Connection(fileno=conn.sock.detach())
        self._expect(conn, min(HEAD_SECONDS, self._seconds), NoMoreData)
        stays = super().handle(conn)
        if stays is False and isinstance(conn.sock, Connection):
            conn.sock.bid_farewell()
        return stays

    def handle_request(self, req: Any, conn: Any) -> Any:
        """In the same thread: the head has come."""

        def too_slow() -> SentTooSlowly:
            req.force_close()  # what else comes on this connection would be the rest of the body (RFC 9110, 15.5.9)
            return SentTooSlowly(
                f"the request had not come within {self._seconds:g} s, the limit (OCR_RECEIVE_SECONDS)"
            )

        self._expect(conn, self._seconds, too_slow)
        closes = req.should_close
        req.should_close = lambda: closes() or _unread(req.body) > UNREAD_BYTES
        try:
            return super().handle_request(req, conn)
        finally:
            self._expect(conn, math.inf, TimeoutError)  # what is left of a body gunicorn throws away by its own clock

    @property
    def _seconds(self) -> float:
        return float(self.wsgi.extensions["zeropage"].settings.receive_seconds)

    def _expect(self, conn: Any, seconds: float, too_late: Callable[[], Exception]) -> None:
        if isinstance(conn.sock, Connection):
            conn.sock.expect(seconds, too_late)
            conn.sock.cut_off_after(self._seconds)


def _unread(body: Any) -> float:
    """Bytes of a request's body that are still to come, as far as its head told; of chunks, infinitely many."""
    reader = body.reader
    if isinstance(reader, ChunkedReader):
        return math.inf if reader.parser else 0
    return getattr(reader, "length", 0)


def _timeval(seconds: float) -> bytes:
    """The kernel's struct timeval; all zeros would be for ever."""
    whole = math.floor(seconds)
    return struct.pack("@ll", whole, max(1, int((seconds - whole) * 1e6)))
