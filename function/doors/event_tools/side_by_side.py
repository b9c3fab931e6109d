"""Several at once, but never more than a few ahead, however long the list; and no faster than asked."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

#: Items taken from the list for each worker; one works, the other waits for it.
_AHEAD = 2


def in_order(work: Callable[[Item], Done], items: Iterable[Item], workers: int) -> Iterator[Done]:
    """What `work` makes of each item, in the items' order."""
    ahead: deque[Future[Done]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                ahead.append(pool.submit(work, item))
                if len(ahead) >= workers * _AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def as_done(work: Callable[[Item], Done], items: Iterable[Item], workers: int) -> Iterator[Done]:
    """What `work` makes of each item, whichever is done first: one that takes minutes holds up no other."""
    ahead: set[Future[Done]] = set()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                ahead.add(pool.submit(work, item))
                if len(ahead) >= workers * _AHEAD:
                    done, ahead = wait(ahead, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while ahead:
                done, ahead = wait(ahead, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in ahead:
                future.cancel()


class Pace:
    """Lets callers pass at even distances; thread-safe.

    Args:
        rate: callers a second; 0 lets everyone pass at once.
    """

    def __init__(self, rate: float) -> None:
        self._distance = 1 / rate if rate else 0.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def wait(self) -> None:
        """Until it is the caller's turn."""
        if not self._distance:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._distance
        self._stopped.wait(turn - now)

    def stop(self) -> None:
        """Nobody waits any longer."""
        self._stopped.set()
