"""Where the seconds of one document went."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from function.telemetry import metrics
from function.telemetry.spans import Span, child

#: Phases that are spans of the trace, too; the others are told by the engine, or are too short and too many.
_SPANS = frozenset({"open", "draw", "write"})


class Clock:
    """Seconds by phase. Phases of several pages overlap, so their sum may exceed `total`.

    Args:
        trace: that the phases belong to.
    """

    def __init__(self, trace: Span | None = None) -> None:
        self._trace = trace
        self._began = time.perf_counter()
        self._thread_began = time.thread_time()
        self._seconds: dict[str, float] = {}
        self.elsewhere_cpu_seconds = 0.0
        """Processor seconds spent for this document outside its own thread: the engine's."""
        self.gpu_seconds = 0.0
        """As engines tell them."""

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add what runs inside to phase `name`."""
        began = time.perf_counter()
        try:
            if self._trace is not None and name in _SPANS:
                with child(name, self._trace):
                    yield
            else:
                yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - began

    @property
    def cpu_seconds(self) -> float:
        """So far; call it from the thread that made the clock."""
        return time.thread_time() - self._thread_began + self.elsewhere_cpu_seconds

    def timings(self) -> dict[str, float]:
        """Seconds by phase and `total`, rounded to a tenth of a millisecond; also counted into the metrics."""
        for name, seconds in self._seconds.items():
            metrics.phase_seconds.labels(name).inc(seconds)
        total = time.perf_counter() - self._began
        return {name: round(seconds, 4) for name, seconds in {**self._seconds, "total": total}.items()}
