"""The rungs of waking: named steps that know what they stand on, climbed once, side by side where they can be.

    waking = Waking([Rung("weights", read), Rung("imports", load), Rung("engine", start, after=["weights", "imports"])])
    waking.start().result()   # raises RungFailed, which names the rung
    waking.phases()           # what took how long, any time

Every rung runs in a daemon thread of its own as soon as those it stands on are done, so the whole takes as long as the
longest way through. Where one fails, none begins any more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from warmup.phases import Phase, Start, this_start

#: Does one rung's work; what it measured (bytes, say) comes back, or nothing.
Work = Callable[[], Mapping[str, float] | None]


class RungFailed(RuntimeError):
    """A rung could not be climbed; its `__cause__` is what its work raised.

    Attributes:
        rung: its name.
    """

    def __init__(self, rung: str, problem: BaseException) -> None:
        self.rung = rung
        super().__init__(f"{rung}: {problem}")
        self.__cause__ = problem


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of waking.

    Attributes:
        name: unique, stable (it becomes the label of a metric).
        work: runs once, in a thread of its own.
        after: names of the rungs that must be done before.
    """

    name: str
    work: Work
    after: Sequence[str] = field(default=())


class Waking:
    """Climbs every rung once.

    Args:
        rungs: in the order in which they are told; those that are ready at once also begin in this order.
        start: since when times are counted.

    Raises:
        ValueError: two rungs have one name, one stands on a rung that does not exist, or they stand in a circle.
    """

    def __init__(self, rungs: Sequence[Rung], start: Start | None = None) -> None:
        self._rungs = {rung.name: rung for rung in rungs}
        if len(self._rungs) < len(rungs):
            raise ValueError(f"two rungs have one name: {', '.join(rung.name for rung in rungs)}")
        for rung in rungs:
            for name in rung.after:
                if name not in self._rungs:
                    raise ValueError(f"the rung {rung.name} stands on {name}, which does not exist")
        self._order: TopologicalSorter[str] = TopologicalSorter({rung.name: rung.after for rung in rungs})
        try:
            self._order.prepare()
        except CycleError as problem:
            raise ValueError(f"these rungs stand on each other: {' -> '.join(problem.args[1])}") from None
        self._start = start or this_start()
        self._phases = {rung.name: Phase(rung.name, state="waiting") for rung in rungs}
        self._changed = threading.Lock()
        self._stopped = False
        self.done: Future[None] = Future()
        """Ends when every rung is done, or with RungFailed as soon as one has failed."""

    def start(self) -> Future[None]:
        """Begin; returns `done`."""
        self._next(None)
        return self.done

    def stop(self) -> None:
        """Begin no further rung; those that run are let run."""
        with self._changed:
            self._stopped = True

    def phases(self) -> list[Phase]:
        """Every rung in the given order, waiting, running, done or failed. Never waits for a rung."""
        with self._changed:
            now = self._start.now()
            seen = list(self._phases.values())
        return [replace(phase, seconds=now - phase.start) if phase.state == "running" else phase for phase in seen]

    def _next(self, finished: str | None) -> None:
        """Begin what has become possible; end where nothing is left."""
        with self._changed:
            if finished is not None:
                self._order.done(finished)
            ready = () if self._stopped else self._order.get_ready()
            is_over = not self._stopped and not self._order.is_active()
        for name in sorted(ready, key=list(self._rungs).index):
            threading.Thread(target=self._climb, args=(self._rungs[name],), name=f"rung-{name}", daemon=True).start()
        if is_over:
            self.done.set_result(None)

    def _climb(self, rung: Rung) -> None:
        began = self._start.now()
        self._tell(Phase(rung.name, began, state="running"))
        try:
            facts = rung.work()
        except BaseException as problem:  # noqa: BLE001 - whoever waits gets it, whatever it is
            self._tell(Phase(rung.name, began, self._start.now() - began, "failed"))
            self._fail(RungFailed(rung.name, problem))
            return
        self._tell(Phase(rung.name, began, self._start.now() - began, "done", facts or {}))
        self._next(rung.name)

    def _tell(self, phase: Phase) -> None:
        with self._changed:
            self._phases[phase.name] = phase

    def _fail(self, failure: RungFailed) -> None:
        with self._changed:
            is_first, self._stopped = not self._stopped, True
        if is_first:
            self.done.set_exception(failure)
