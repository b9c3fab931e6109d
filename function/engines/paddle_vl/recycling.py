"""When to load everything anew, so that memory stays bounded over days.

Users of PaddleOCR-VL report processes that grow from 2 to 50 GB over thousands of pages (PaddleOCR issue 16971, PaddleX
issue 4753). What grows is inside of the libraries, so what helps from outside is to give all of it back: between two
batches, when nobody is reading, and whoever comes meanwhile waits instead of failing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from typing import Generic, Protocol, TypeVar

log = logging.getLogger(__name__)

_PAGE_BYTES = 4096  # of /proc/self/statm, on every platform that the wheels are built for


class Closable(Protocol):
    """What is built anew."""

    def close(self) -> None:
        """Give memory back."""
        ...


T = TypeVar("T", bound=Closable)


def resident_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0


class Recycled(Generic[T]):
    """One thing that threads use, and that is built anew once it has grown old.

    Args:
        build: makes it; slow. Whatever it raises goes to whoever wanted to use it, and the next one tries again.
        pages: uses after which it is old; 0 never.
        growth: bytes by which the process may grow since it was built; 0 without bound.
        resident: tells the process's memory (tests).
    """

    def __init__(
        self, build: Callable[[], T], *, pages: int, growth: int, resident: Callable[[], int] = resident_bytes
    ) -> None:
        self._build, self._pages, self._growth, self._resident = build, pages, growth, resident
        self._changed = Condition()
        self._thing: T | None = None
        self._users = self._used = 0
        self._floor = 0
        self._doomed = False
        self.built = 0

    def load(self) -> None:
        """Build it now."""
        with self.using(0):
            pass

    @contextmanager
    def using(self, pages: int) -> Iterator[T]:
        """Use it for some pages, built anew before that where it is time and nobody else uses it."""
        with self._changed:
            while self._users and self._old():  # who uses it finishes; nobody begins
                self._changed.wait()
            if self._thing is None or self._old():
                self._renew()
            thing = self._thing
            assert thing is not None
            self._users += 1
            self._used += pages
        try:
            yield thing
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def renew(self) -> None:
        """Let the next user get a new one, whatever its age: something in it broke."""
        with self._changed:
            self._doomed = True

    def close(self) -> None:
        """Give it back."""
        with self._changed:
            if self._thing is not None:
                self._thing.close()
                self._thing = None

    def _old(self) -> bool:
        if self._thing is None:
            return False
        worn = bool(self._pages) and self._used >= self._pages
        return self._doomed or worn or bool(self._growth and self._resident() - self._floor > self._growth)

    def _renew(self) -> None:
        """The lock is held."""
        began = time.monotonic()
        if self._thing is not None:
            log.info("PaddleOCR-VL is loaded anew after %d pages, at %d bytes", self._used, self._resident())
            thing, self._thing = self._thing, None
            thing.close()
        self._thing = self._build()
        self._used, self._doomed = 0, False
        # Memory that a close does not give back must not make every use begin with a load.
        self._floor = self._resident()
        self.built += 1
        log.info("PaddleOCR-VL was loaded in %.1f s", time.monotonic() - began)
