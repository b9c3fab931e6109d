"""A way to a server that can stall: bytes stay on it, no connection is closed. What a slow network looks like."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StallingProxy:
    """Hands bytes on between a port of its own and a server's, while `flowing` is set.

    Args:
        port: of the server, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.flowing = threading.Event()
        self.flowing.set()
        self.stalled = threading.Event()
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """For OCR_CACHE."""
        return f"redis://127.0.0.1:{self.port}/0"

    def close(self) -> None:
        """Close everything, which ends the threads."""
        self.flowing.set()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                front, _ = self._listener.accept()
                behind = socket.create_connection(("127.0.0.1", self._behind))
                self._open += [front, behind]
                threading.Thread(target=self._pump, args=(front, behind), daemon=True).start()
                threading.Thread(target=self._pump, args=(behind, front), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if not self.flowing.is_set():
                    self.stalled.set()
                    self.flowing.wait()
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def stalling(port: int) -> Iterator[StallingProxy]:
    """One that flows at first."""
    proxy = StallingProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
