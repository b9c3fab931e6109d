"""A circuit breaker: after some failures in a row nobody waits for what is down, and one page at a time tries again.

closed ── FAILURES in a row ─► open ── the rest is over ─► half-open: one page goes through ─┬─ answered ─► closed
                                 ▲                                                            └─ not ─► open, longer
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from function.errors import EngineUnavailable
from function.telemetry import metrics

#: In a row, before the circuit opens.
FAILURES = 5
#: Seconds of the first rest; each further one is twice as long, up to the last.
FIRST_REST, LONGEST_REST = 1.0, 30.0


class Circuit:
    """Used from many threads: `enter` before each try, then exactly one of `answered`, `failed` and `unknown`.

    Args:
        name: of what may be down, for messages.
        clock: monotonic seconds (tests).
    """

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._clock = name, clock
        self._lock = Lock()
        self._failures = 0
        self._rest = 0.0
        self._rests_until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether the next page is turned away, or would be the one that tries."""
        return self._rest > 0

    def enter(self) -> None:
        """Let a page try.

        Raises:
            EngineUnavailable: the circuit is open, or half-open and another page tries.
        """
        with self._lock:
            if not self.is_open:
                return
            left = self._rests_until - self._clock()
            if left > 0 or self._probing:
                when = f"in {left:.1f} s" if left > 0 else "by another page at this moment"
                raise EngineUnavailable(f"{self._name} has failed again and again; it is tried again {when}")
            self._probing = True

    def answered(self) -> None:
        """It is there, whatever it said."""
        with self._lock:
            self._failures, self._rest, self._probing = 0, 0.0, False
            metrics.remote_circuit_open.set(0)

    def failed(self) -> None:
        """It is down, or says that it is broken."""
        with self._lock:
            self._failures += 1
            if self._probing or self._failures >= FAILURES:
                self._open()

    def unknown(self) -> None:
        """The try told nothing: the page ran out of time, as during a long start, or its caller left."""
        with self._lock:
            if self._probing:
                self._open()

    def _open(self) -> None:
        """The lock is held. Pages that entered before may still fail one by one; the rest grows by probes alone."""
        if self._probing or not self.is_open:
            self._rest = min(LONGEST_REST, self._rest * 2 or FIRST_REST)
            self._rests_until = self._clock() + self._rest
        self._probing = False
        metrics.remote_circuit_open.set(1)
