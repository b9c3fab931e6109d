"""Leaves a server alone that does not answer, so that not every request waits for it in vain."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Breaker:
    """Counts failures in a row; used from many threads.

    Args:
        failures: so many, and nobody asks any more …
        seconds: … for so long; then one may try.
        now: a clock that never goes back (tests).
    """

    def __init__(self, *, failures: int = 3, seconds: float = 5.0, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._now = failures, seconds, now
        self._lock = Lock()
        self._failures = 0
        self._until = 0.0

    def allows(self) -> bool:
        """Whether to ask. After a pause one caller hears yes, the others not before it has been answered."""
        with self._lock:
            if self._failures < self._most:
                return True
            if self._now() < self._until:
                return False
            self._until = self._now() + self._seconds
            return True

    @property
    def is_open(self) -> bool:
        """Whether the server is left alone."""
        with self._lock:
            return self._failures >= self._most

    def succeeded(self) -> bool:
        """It answered. Tells whether that ends a pause."""
        with self._lock:
            was_open, self._failures = self._failures >= self._most, 0
            return was_open

    def failed(self) -> bool:
        """It did not. Tells whether that begins the first pause."""
        with self._lock:
            self._failures += 1
            self._until = self._now() + self._seconds
            return self._failures == self._most
