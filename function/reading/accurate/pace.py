"""How fast the accurate engine works just now, from which is told whether a page would be read in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from function.telemetry import metrics

#: Weight of what is known when the next page comes: about ten pages are remembered.
_KEEP = 0.9
#: Seconds after which what was measured says nothing any more: a service that was asleep is awake by now.
_FORGET = 120.0


class Pace:
    """Seconds a page, measured while the engine has pages to read; thread-safe.

    Args:
        now: seconds, never backwards.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._under_way = 0
        self._last = 0.0
        self._seconds = self._pages = 0.0

    def expected(self) -> float:
        """Seconds until a page that is handed over now is read; 0 where nothing is known."""
        with self._lock:
            if not self._pages or self._now() - self._last > _FORGET:
                return 0.0
            return self._seconds / self._pages * (self._under_way + 1)

    def watch(self, future: Future[Any]) -> None:
        """Measure a page that was handed over just now."""
        with self._lock:
            began = self._now()
            if not self._under_way:
                self._last = began
            self._under_way += 1
        future.add_done_callback(lambda done: self._note(done, began))

    def _note(self, done: Future[Any], began: float) -> None:
        """Pages of a batch end together: the first of them took the time, the others none."""
        with self._lock:
            self._under_way -= 1
            now = self._now()
            if done.cancelled() or done.exception() is not None:
                return
            self._seconds = self._seconds * _KEEP + now - self._last
            self._pages = self._pages * _KEEP + 1
            self._last = now
        metrics.ladder_seconds.observe(now - began)
