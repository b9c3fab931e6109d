"""Slots: how many documents are read at once, who waits for one, and what those hear for whom none comes free.

Of those who wait, whose tenant holds the fewest slots by its weight goes first; of equals, who came first.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
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
        weights: of tenants; 1 where nothing is said.
    """

    def __init__(self, slots: int, waiting: int, weights: Mapping[str, float] | None = None) -> None:
        self._slots = slots
        self._most_waiting = waiting
        self._weights = weights or {}
        self._held = 0
        self._held_by: Counter[str] = Counter()
        self._line: list[Caller] = []
        self._changed = Condition()
        self._finished: deque[float] = deque(maxlen=_MEMORY)
        self._durations: deque[float] = deque(maxlen=_MEMORY)

    @property
    def held(self) -> int:
        """How many documents are being read."""
        return self._held

    @property
    def _waiting(self) -> int:
        return len(self._line)

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
            self._leave(caller, time.monotonic() - began)

    def _enter(self, caller: Caller) -> None:
        began = time.monotonic()
        with self._changed:
            if self._held >= self._slots or self._line:
                self._wait(caller, began)
            self._held += 1
            self._held_by[caller.tenant] += 1
            metrics.slots_held.set(self._held)
        metrics.admission_seconds.observe(time.monotonic() - began)

    def _wait(self, caller: Caller, began: float) -> None:
        """Wait until a slot is free and nobody else is to have it; the lock is held on entry and on return."""
        if len(self._line) >= self._most_waiting:
            busy = self._busy()
            raise busy if caller.patience is not None else NotReady(busy.detail)
        self._line.append(caller)
        try:
            while self._held >= self._slots or self._next() is not caller:
                if caller.patience is not None and time.monotonic() - began >= caller.patience:
                    raise self._busy()
                self._changed.wait(_GLANCE)
                caller.check()
        finally:
            self._line = [other for other in self._line if other is not caller]
            self._changed.notify_all()

    def _next(self) -> Caller:
        """Who of those that wait is to have a slot."""
        return min(self._line, key=lambda caller: self._held_by[caller.tenant] / self._weights.get(caller.tenant, 1.0))

    def _leave(self, caller: Caller, seconds: float) -> None:
        with self._changed:
            self._held -= 1
            self._held_by -= Counter({caller.tenant: 1})  # and no zeros are kept
            self._finished.append(time.monotonic())
            self._durations.append(seconds)
            metrics.slots_held.set(self._held)
            self._changed.notify_all()

    def _busy(self) -> Busy:
        wait = self.retry_after()
        return Busy(
            f"every slot is taken (OCR_SLOTS is {self._slots}); callers that wait already: {len(self._line)}",
            retry_after=wait,
        )

    def retry_after(self) -> int:
        """Whole seconds until a caller that comes now should find a slot, from how fast documents finish."""
        ahead = len(self._line) + 1
        if len(self._finished) >= 2:
            span = max(time.monotonic() - self._finished[0], 1e-3)
            seconds = ahead * span / len(self._finished)
        else:
            mean = sum(self._durations) / len(self._durations) if self._durations else float(_SOONEST)
            seconds = ahead * mean / self._slots
        return max(_SOONEST, min(_LATEST, math.ceil(seconds)))
