"""Slots: how many documents are read at once, who waits for one, and what those hear for whom none comes free.

Of those who wait, whose tenant holds the fewest slots by its weight goes first; of equals, who was told to come again
and has come with the same document; then who came first.
"""

from __future__ import annotations

import bisect
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
#: How many documents that finished while all slots were held the drain rate is measured over.
_MEMORY = 32
#: Retry-After's bounds, in seconds.
_SOONEST, _LATEST = 1, 120
#: Slots that come free for each of those who were told to come again: whoever was read comes with the next document, so
#: that about every second slot goes to somebody who was told nothing.
_SLOTS_A_RETURN = 2
#: For how long after the time that a caller was told its place is kept, in seconds.
_KEPT = 60.0


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
        self._expected_in_line: set[int] = set()
        """Ids of those in the line who were told to come; they stand before the others."""
        self._changed = Condition()
        self._full_seconds = 0.0
        self._full_since: float | None = None
        self._finished: deque[float] = deque(maxlen=_MEMORY)
        """When, on a clock that runs only while every slot is held: idle hours say nothing about how fast we are."""
        self._durations: deque[float] = deque(maxlen=_MEMORY)
        self._told: dict[str, list[float]] = {}
        """When those who were turned away are to come again, by tenant; soonest first."""
        self._promised: dict[tuple[str, str], list[float]] = {}
        """The same times by tenant and document, by which they are known again; soonest first."""

    @property
    def held(self) -> int:
        """How many documents are being read."""
        return self._held

    @property
    def _waiting(self) -> int:
        return len(self._line)

    @contextmanager
    def slot(self, caller: Caller, document: str = "") -> Iterator[None]:
        """Hold a slot for one document.

        Args:
            caller: who waits.
            document: its SHA-256; who is turned away and comes again with it when told to is let in before others.

        Raises:
            Busy: none came free within the caller's patience, with Retry-After from the measured drain rate.
            NotReady: too many wait already, for callers without a limit to their patience.
            DeadlineExceeded, CallerGone: while waiting.
        """
        self._enter(caller, document)
        began = time.monotonic()
        try:
            yield
        finally:
            self._leave(caller, time.monotonic() - began)

    def _enter(self, caller: Caller, document: str) -> None:
        began = time.monotonic()
        with self._changed:
            expected = self._redeemed(caller.tenant, document)
            if self._held >= self._slots or self._line:
                self._wait(caller, document, began, expected=expected)
            self._held += 1
            self._held_by[caller.tenant] += 1
            if self._held == self._slots:
                self._full_since = time.monotonic()
            metrics.slots_held.set(self._held)
        metrics.admission_seconds.observe(time.monotonic() - began)

    def _wait(self, caller: Caller, document: str, began: float, *, expected: bool) -> None:
        """Wait until a slot is free and nobody else is to have it; the lock is held on entry and on return."""
        if len(self._line) >= self._most_waiting and not (expected and self._sent_away()):
            busy = self._busy(caller.tenant, document)
            raise busy if caller.patience is not None else NotReady(busy.detail)
        self._stand_in_line(caller, expected=expected)
        try:
            while self._held >= self._slots or self._next() is not caller:
                if caller.patience is not None and time.monotonic() - began >= caller.patience:
                    raise self._busy(caller.tenant, document)
                self._changed.wait(_GLANCE)
                if not any(other is caller for other in self._line):  # its place went to one who was told to come
                    raise self._busy(caller.tenant, document)
                caller.check()
        finally:
            self._line = [other for other in self._line if other is not caller]
            self._expected_in_line.discard(id(caller))
            self._changed.notify_all()

    def _stand_in_line(self, caller: Caller, *, expected: bool) -> None:
        if not expected:
            self._line.append(caller)
            return
        self._line.insert(len(self._expected_in_line), caller)
        self._expected_in_line.add(id(caller))

    def _sent_away(self) -> bool:
        """Take the place of who came last, of those that hear Busy and were told nothing yet; whether there is one."""
        for index in range(len(self._line) - 1, -1, -1):
            other = self._line[index]
            if other.patience is not None and id(other) not in self._expected_in_line:
                del self._line[index]
                self._changed.notify_all()
                return True
        return False

    def _redeemed(self, tenant: str, document: str) -> bool:
        """Whether somebody was told to come with this document by now; that place is used up then."""
        times = self._promised.get((tenant, document), []) if document else []
        if not times or times[0] > time.monotonic():
            return False
        times.pop(0)
        if not times:
            del self._promised[tenant, document]
        return True

    def _next(self) -> Caller:
        """Who of those that wait is to have a slot."""
        return min(self._line, key=lambda caller: self._held_by[caller.tenant] / self._weights.get(caller.tenant, 1.0))

    def _leave(self, caller: Caller, seconds: float) -> None:
        with self._changed:
            if self._full_since is not None:
                self._full_seconds = self._full_clock()
                self._full_since = None
                self._finished.append(self._full_seconds)
            self._held -= 1
            self._held_by -= Counter({caller.tenant: 1})  # and no zeros are kept
            self._durations.append(seconds)
            metrics.slots_held.set(self._held)
            self._changed.notify_all()

    def _full_clock(self) -> float:
        """Seconds so far in which every slot was held."""
        return self._full_seconds + (0.0 if self._full_since is None else time.monotonic() - self._full_since)

    def _busy(self, tenant: str, document: str) -> Busy:
        wait, now = self.retry_after(tenant), time.monotonic()
        self._told = {name: times for name, times in self._told.items() if times[-1] > now}
        self._promised = {whose: times for whose, times in self._promised.items() if times[-1] > now - _KEPT}
        if wait < _LATEST:  # beyond that everybody is told the same, and nothing needs to be remembered
            bisect.insort(self._told.setdefault(tenant, []), now + wait)
            if document:
                bisect.insort(self._promised.setdefault((tenant, document), []), now + wait)
        return Busy(
            f"every slot is taken (OCR_SLOTS is {self._slots}); callers that wait already: {len(self._line)}",
            retry_after=wait,
        )

    def retry_after(self, tenant: str = "") -> int:
        """Whole seconds until a caller that comes now should find a slot, from how fast documents finish.

        Before it come those who wait, and those of its tenant who were told to come again: were all of them told the
        same second, nearly all would come in vain. Other tenants' do not count, since they take turns with it.
        """
        ahead = len(self._line) + 1 + _SLOTS_A_RETURN * self._expected(tenant)
        return max(_SOONEST, min(_LATEST, math.ceil(ahead * self._seconds_a_document())))

    def _expected(self, tenant: str) -> int:
        """How many of the tenant's callers were told to come at a time that has not passed yet."""
        told = self._told.get(tenant, [])
        return len(told) - bisect.bisect_right(told, time.monotonic())

    def _seconds_a_document(self) -> float:
        """From one end to the next while all slots are held."""
        ends = self._finished
        if len(ends) >= 2:
            # The second grows while nothing ends, so that a stall is told of, too.
            return max((ends[-1] - ends[0]) / (len(ends) - 1), (self._full_clock() - ends[0]) / len(ends), 1e-3)
        mean = sum(self._durations) / len(self._durations) if self._durations else float(_SOONEST)
        since = self._full_clock() - (ends[-1] if ends else 0.0)
        return max(mean, since) / self._slots  # nothing has ended for so long: at least that is known
