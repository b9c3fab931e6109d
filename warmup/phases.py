"""What a start consists of, measured from the process's true beginning: the interpreter's own share counts too.

A phase is one measured part of a cold start. Those before anything runs in parallel follow one another and are marked
as they are reached (`Start.reached`); the others are the rungs (`warmup.rungs`). All times are seconds since the
process began, so that a chart needs no calendar.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Phase:
    """One measured part of a start.

    Attributes:
        name: such as `engine_load.fast`.
        start: seconds after the process began; 0 while it waits.
        seconds: how long it took, so far where it still runs.
        state: where it stands.
        facts: what else was measured, such as bytes read.
    """

    name: str
    start: float = 0.0
    seconds: float = 0.0
    state: State = "done"
    facts: Mapping[str, float] = field(default_factory=dict)

    def told(self) -> dict[str, object]:
        """As it stands in the log, in /readyz and in a report: rounded to milliseconds."""
        seen = {"name": self.name, "start": round(self.start, 3), "seconds": round(self.seconds, 3)}
        return {**seen, "state": self.state, **({"facts": dict(self.facts)} if self.facts else {})}


def process_age(pid: int | str = "self") -> float:
    """Seconds since a process began, to a hundredth.

    Field 22 of /proc/PID/stat counts clock ticks from boot to the process's start (proc(5)), and CLOCK_BOOTTIME runs
    from the same moment; `btime` of /proc/stat, which is often used for that, is rounded to whole seconds.

    Raises:
        OSError: there is no such process, or no /proc.
    """
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    began = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # the 22nd field: the first after the name is the 3rd
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - began)


class Start:
    """The beginning of a process, and what it went through one after the other since then.

    Args:
        age: seconds since it began; found out where it is not given.
    """

    def __init__(self, age: float | None = None) -> None:
        if age is None:
            try:
                age = process_age()
            except OSError:  # no /proc: then the interpreter's share is not known
                age = 0.0
        self._zero = time.monotonic() - age
        self.began = time.time() - age
        """Seconds since the epoch."""
        self.phases: list[Phase] = []
        """Marked so far."""

    def now(self) -> float:
        """Seconds since the process began."""
        return time.monotonic() - self._zero

    def reached(self, name: str) -> None:
        """End the phase `name`, which began where the one before it ended."""
        before = self.phases[-1].start + self.phases[-1].seconds if self.phases else 0.0
        self.phases.append(Phase(name, before, max(0.0, self.now() - before)))


#: Of this process. A forked worker inherits what was marked before it, which is what it is for.
_this: list[Start] = []


def this_start() -> Start:
    """The start of this process, measured from the first call on and from the process's own beginning."""
    if not _this:
        _this.append(Start())
    return _this[0]


def begin_again() -> Start:
    """For a process that took the place of another: what that one had gone through does not count."""
    _this[:] = [Start()]
    return _this[0]


def told(
    start: Start, phases: Sequence[Phase], *, is_ready: bool, pod_created: float | None = None
) -> dict[str, object]:
    """A cold start as one object: what is logged, what /readyz shows, what `python -m warmup report` draws.

    Args:
        start: since when; what it went through comes first.
        phases: of the rungs.
        is_ready: whether all are done; then `ready` is when the last one ended, in seconds after `began`.
        pod_created: seconds since the epoch, where somebody told; then the wait before the process is one phase more.
    """
    began = datetime.fromtimestamp(start.began, timezone.utc).isoformat(timespec="milliseconds")
    every = [*start.phases, *phases]
    ready = round(max((phase.start + phase.seconds for phase in every), default=0.0), 3) if is_ready else None
    if pod_created is not None and pod_created <= start.began:
        waited = start.began - pod_created
        every.insert(0, Phase("pod", -waited, waited))
    return {"began": began, "ready": ready, "phases": [phase.told() for phase in every]}
