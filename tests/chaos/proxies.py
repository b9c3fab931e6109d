"""Between the function and what it depends on: answers that are late, cut short, wrong or none at all."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Literal, TypeAlias

from tests.delivery.store_proxy import StoreProxy

Harm: TypeAlias = Literal["", "refuse", "late", "cut", "corrupt"]
#: Smaller pieces are headers and the protocol's own words, not what was asked for.
_PAYLOAD = 64


def spoilt(content: bytes, number: int) -> bytes:
    """With one byte changed, each time another one."""
    at = number * 7919 % len(content)
    return content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


class SpoilingStoreProxy(StoreProxy):
    """Passes requests on, and does harm to each `every`-th of them.

    Args:
        store: its address.
    """

    def __init__(self, store: str) -> None:
        super().__init__(store)
        self._harm: Harm = ""
        self._every, self._seconds = 1, 0.0
        self._numbers = itertools.count()
        self.harmed = 0

    def harm(self, harm: Harm, *, every: int = 1, seconds: float = 0.0) -> None:
        """From now on; the empty word ends it.

        Args:
            harm: `refuse`: no answer; `late`: after a while; `cut`, `corrupt`: what stands in the answer.
            every: which of the requests.
            seconds: how late.
        """
        self._harm, self._every, self._seconds = harm, every, seconds

    def handle(self, told: str, forward: Callable[[], None]) -> None:
        """One request."""
        harm, struck = self._harm, next(self._numbers) % self._every == 0
        if struck and harm == "refuse":
            self.harmed += 1
            raise ConnectionAbortedError
        if struck and harm == "late":
            self.harmed += 1
            time.sleep(self._seconds)
        super().handle(told, forward)

    def passed_on(self, told: str, content: bytes) -> bytes:
        """What stands in an answer."""
        number = next(self._numbers)
        if not told.startswith("GET") or not content or number % self._every or self._harm not in {"cut", "corrupt"}:
            return content
        self.harmed += 1
        return content[: len(content) // 2] if self._harm == "cut" else spoilt(content, number)


class LineProxy:
    """Passes bytes on, whatever they mean; use it in a `with`.

    Args:
        port: of what stands behind it, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self._harm: Harm = ""
        self._pieces = itertools.count()
        self.harmed = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])

    def harm(self, harm: Harm) -> None:
        """From now on: `corrupt` changes what comes back, `cut` ends the connection within it; empty: no more."""
        self._harm = harm

    def __enter__(self) -> LineProxy:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone leaves a thread that waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                front, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(front,), daemon=True).start()

    def _serve(self, front: socket.socket) -> None:
        with front, suppress(OSError), socket.create_connection(("127.0.0.1", self._behind)) as back:
            threading.Thread(target=self._pass_on, args=(front, back, False), daemon=True).start()
            self._pass_on(back, front, True)

    def _pass_on(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 16):
                target.sendall(self._changed(piece) if answers else piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _changed(self, piece: bytes) -> bytes:
        if self._harm not in {"cut", "corrupt"} or len(piece) < _PAYLOAD:
            return piece
        self.harmed += 1
        if self._harm == "cut":
            raise ConnectionAbortedError
        # The length that Redis tells comes first; behind it stands the value.
        return piece[:16] + spoilt(piece[16:], next(self._pieces))
