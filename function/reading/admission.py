"""Slots: how many documents are read at once, who waits for one, and what those hear for whom none comes free."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from function.errors import Busy, NotReady
from function.reading.caller import Caller
from function.telemetry import metrics

#: How often a waiting caller is asked whether it is still there, in seconds.
_GLANCE = 0.25
#: How many finished documents the drain rate is measured over.
_MEMORY = 32
#: Retry-After's bounds, in seconds.
_SOONEST, _LATEST = 1, 120


class Admission:
    """OCR_SLOTS documents at once; a bounded number of callers wait.

    Args:
        slots: documents read at once.
        waiting: callers that may wait; more hear Busy, or NotReady where they would wait until their deadline, at once.
            Bounded because each waiting caller holds a server thread, and probes need threads too.
    """

    def __init__(self, slots: int, waiting: int) -> None:
        self._slots = slots
        self._most_waiting = waiting
        self._held = 0
        self._waiting = 0
        self._changed = Condition()
        self._finished: deque[float] = deque(maxlen=_MEMORY)
        self._durations: deque[float] = deque(maxlen=_MEMORY)

    @contextmanager
    def slot(self, caller: Caller) -> Iterator[None]:
        """Hold a slot for one document.

        Raises:
            Busy: none came free within the caller's patience, with Retry-After from the measured drain rate.
            NotReady: too many wait already, for callers without a limit to their patience.
            DeadlineExceeded, CallerGone: while waiting.
        """
        self._enter(caller)
        began = time.monotonic()
        try:
            yield
        finally:
            self._leave(time.monotonic() - began)

    def _enter(self, caller: Caller) -> None:
        began = time.monotonic()
        with self._changed:
            if self._held >= self._slots:
                self._wait(caller, began)
            self._held += 1
            metrics.slots_held.set(self._held)
        metrics.admission_seconds.observe(time.monotonic() - began)

    def _wait(self, caller: Caller, began: float) -> None:
        """Wait until a slot is free; the lock is held on entry and on return."""
        if self._waiting >= self._most_waiting:
            busy = self._busy()
            raise busy if caller.patience is not None else NotReady(busy.detail)
        self._waiting += 1
        try:
            while self._held >= self._slots:
                if caller.patience is not None and time.monotonic() - began >= caller.patience:
                    raise self._busy()
                self._changed.wait(_GLANCE)
                caller.check()
        finally:
            self._waiting -= 1

    def _leave(self, seconds: float) -> None:
        with self._changed:
            self._held -= 1
            self._finished.append(time.monotonic())
            self._durations.append(seconds)
            metrics.slots_held.set(self._held)
            self._changed.notify()

    def _busy(self) -> Busy:
        wait = self.retry_after()
        return Busy(
            f"every slot is taken (OCR_SLOTS is {self._slots}); callers that wait already: {self._waiting}",
            retry_after=wait,
        )

    def retry_after(self) -> int:
        """Whole seconds until a caller that comes now should find a slot, from how fast documents finish."""
        ahead = self._waiting + 1
        if len(self._finished) >= 2:
            span = max(time.monotonic() - self._finished[0], 1e-3)
            seconds = ahead * span / len(self._finished)
        else:
            mean = sum(self._durations) / len(self._durations) if self._durations else float(_SOONEST)
            seconds = ahead * mean / self._slots
        return max(_SOONEST, min(_LATEST, math.ceil(seconds)))
