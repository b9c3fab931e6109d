"""A cold start, once it is over: as metrics, as a log line, and as what the first answer says of it.

What is told is one object (made by `warmup.phases.told`): `began`, `ready`, and `phases` with name, start and seconds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from function.telemetry import metrics

log = logging.getLogger(__name__)


def tell(cold_start: Mapping[str, Any]) -> None:
    """One line in the log, and a metric for each phase."""
    for name, seconds in timings(cold_start).items():
        metrics.cold_start_seconds.labels(name).set(seconds)
    words = ", ".join(f"{phase['name']} {phase['seconds']:.2f}" for phase in cold_start["phases"])
    log.info(
        "ready %.2f s after the process began (seconds by phase: %s)", cold_start["ready"], words,
        extra={"event": "cold_start", "cold_start": dict(cold_start)},
    )  # fmt: skip


def timings(cold_start: Mapping[str, Any]) -> dict[str, float]:
    """Seconds by phase; `ready` is the whole, from the process's beginning."""
    return {phase["name"]: phase["seconds"] for phase in cold_start["phases"]} | {"ready": cold_start["ready"]}


class FirstAnswer:
    """What the first answer after a start says of it, and no other; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timings: dict[str, float] = {}

    def set(self, cold_start: Mapping[str, Any]) -> None:
        """From now on there is something to say."""
        with self._lock:
            self._timings = {f"cold_start.{name}": seconds for name, seconds in timings(cold_start).items()}

    def take(self) -> dict[str, float]:
        """`cold_start.PHASE` and `cold_start.ready` in seconds, once; nothing ever after."""
        if not self._timings:  # every answer but the first: without the lock
            return {}
        with self._lock:
            taken, self._timings = self._timings, {}
        return taken
