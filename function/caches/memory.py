"""Answers in this process's memory: nothing to install, gone with the pod, and no other pod's."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from function.telemetry import metrics

#: Bytes that an entry takes beside its key and value: two objects, a tuple, its place in the table.
_ENTRY_BYTES = 320


class MemoryCache:
    """The answers asked for last, as many as have room; implements caches.base.Cache.

    Args:
        max_bytes: of all entries together.
        seconds: for which one is kept.
        now: a clock that never goes back (tests).
    """

    def __init__(self, *, max_bytes: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes, self._seconds, self._now = max_bytes, seconds, now
        self._lock = Lock()
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    def start(self) -> None:
        """Nothing takes long."""

    def get(self, key: str) -> bytes | None:
        """The value, which is now the one asked for last."""
        with self._lock:
            expires, value = self._entries.get(key, (0.0, None))
            if value is None:
                return None
            if expires <= self._now():
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return value

    def put(self, key: str, value: bytes) -> None:
        """Keep it, in the place of those that nobody has asked for the longest."""
        size = _size(key, value)
        if size > self._max_bytes:
            metrics.cache_stores.labels("too-large").inc()
            return
        with self._lock:
            if key in self._entries:
                self._drop(key)
            while self._bytes + size > self._max_bytes:
                self._drop(next(iter(self._entries)))
            self._entries[key] = (self._now() + self._seconds, value)
            self._bytes += size
            metrics.cache_bytes.set(self._bytes)
        metrics.cache_stores.labels("kept").inc()

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0
            metrics.cache_bytes.set(0)

    def _drop(self, key: str) -> None:
        _, value = self._entries.pop(key)
        self._bytes -= _size(key, value)
        metrics.cache_bytes.set(self._bytes)


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + _ENTRY_BYTES
