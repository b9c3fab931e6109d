"""Requests, the activator's queue, pods and nodes, played through in time order.

A pod is paid for from the moment it has a node until it is gone; a node that no pod needs stays for a while, and is
paid for, too. Requests wait in the activator until a ready pod has a free slot (target-burst-capacity -1, or pods so
small that the activator is in the path anyway).
"""

from __future__ import annotations

import heapq
import math
import random
from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

#: After a pod is told to go it stays until so long no new request came (serving, drainSleepDuration).
DRAIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the platform and the function take.

    Attributes:
        cold_start: seconds from a pod on its node to ready.
        node_seconds: until a new node is there; 0 where nodes stand ready.
        node_idle_seconds: that a node without a pod is kept, and paid for.
        slots: requests that a pod takes at once.
        slowdown: by how much longer a request takes when all slots are held: 0 shares nothing, slots-1 shares all.
        price: of a pod (its GPU, or its node) an hour.
    """

    cold_start: float
    node_seconds: float = 0.0
    node_idle_seconds: float = 0.0
    slots: int = 1
    slowdown: float = 0.0
    price: float = 1.0


@dataclass(slots=True)
class Outcome:
    """What came of it.

    Attributes:
        waits: seconds in the queue, of every request.
        answers: seconds to the answer, of every request.
        paid_seconds: of pods and idle nodes.
        busy_seconds: of pods with at least one request.
        pods: (time, ready, starting) at each change.
        cold_starts: pods started.
    """

    waits: array[float] = field(default_factory=lambda: array("d"))
    answers: array[float] = field(default_factory=lambda: array("d"))
    paid_seconds: float = 0.0
    busy_seconds: float = 0.0
    pods: list[tuple[float, int, int]] = field(default_factory=list)
    cold_starts: int = 0


class Scaler(Protocol):
    """Decides how many pods there shall be."""

    @property
    def interval(self) -> float:
        """Seconds between two ticks."""
        ...

    def advance(self, now: float, in_flight: int) -> None:
        """`in_flight` requests were there, waiting or read, since the last call."""
        ...

    def tick(self, world: World, *, poked: bool) -> int:
        """Pods wanted; `poked` by the first request that finds none."""
        ...


@dataclass(slots=True, eq=False)
class Pod:
    """One pod; `ready_at` lies ahead while it starts."""

    born: float
    ready_at: float
    busy: int = 0
    busy_since: float = 0.0
    leaving: bool = False


class World:
    """One revision's pods and requests.

    Args:
        conditions: what things take.
        chance: which pod goes when there are too many.
    """

    def __init__(self, conditions: Conditions, chance: random.Random) -> None:
        self.now = 0.0
        self.in_flight = 0
        self.ready: list[Pod] = []
        self.starting: list[Pod] = []
        self.outcome = Outcome()
        self._conditions, self._chance = conditions, chance
        self._waiting: deque[tuple[float, float]] = deque()
        self._ends: list[tuple[float, int, Pod]] = []
        self._number = 0
        self._free_nodes: deque[float] = deque()

    @property
    def waiting(self) -> int:
        """Requests that no pod holds yet."""
        return len(self._waiting)

    def arrive(self, seconds: float) -> None:
        """A request that a pod alone would answer in `seconds`."""
        self.in_flight += 1
        self._waiting.append((self.now, seconds))
        self.dispatch()

    def next_end(self) -> float:
        """When the next request ends, or the next pod is ready."""
        first = self._ends[0][0] if self._ends else math.inf
        return min(first, self.starting[0].ready_at) if self.starting else first

    def settle(self) -> None:
        """Let end what ends now: requests, and starts."""
        while self.starting and self.starting[0].ready_at <= self.now:
            self.ready.append(self.starting.pop(0))
            self._noted()
        while self._ends and self._ends[0][0] <= self.now:
            _, _, pod = heapq.heappop(self._ends)
            self.in_flight -= 1
            pod.busy -= 1
            if not pod.busy:
                self.outcome.busy_seconds += self.now - pod.busy_since
                if pod.leaving:
                    self._gone(pod, self.now)
        self.dispatch()

    def dispatch(self) -> None:
        """Hand waiting requests to the pods with most room."""
        slots = self._conditions.slots
        while self._waiting and self.ready:
            pod = min(self.ready, key=_held) if len(self.ready) > 1 else self.ready[0]
            if pod.busy >= slots:
                return
            arrived, seconds = self._waiting.popleft()
            if not pod.busy:
                pod.busy_since = self.now
            pod.busy += 1
            if slots > 1:
                seconds *= 1.0 + self._conditions.slowdown * (pod.busy - 1) / (slots - 1)
            self.outcome.waits.append(self.now - arrived)
            self.outcome.answers.append(self.now + seconds - arrived)
            self._number += 1
            heapq.heappush(self._ends, (self.now + seconds, self._number, pod))

    def scale(self, want: int) -> None:
        """Start pods, or let some go: those not ready yet first, then any (ReplicaSets do not ask which is idle)."""
        have = len(self.ready) + len(self.starting)
        for _ in range(want - have):
            self._start()
        for _ in range(have - want):
            if self.starting:
                self._gone(self.starting.pop(), self.now)
            else:
                pod = self.ready.pop(self._chance.randrange(len(self.ready)))
                pod.leaving = True
                if not pod.busy:
                    self._gone(pod, self.now + DRAIN_SECONDS)
        if want != have:
            self._noted()

    def end(self) -> Outcome:
        """Pay for what still stands."""
        for pod in [*self.ready, *self.starting]:
            self._gone(pod, self.now)
        self._paid_idle(math.inf)
        return self.outcome

    def _start(self) -> None:
        told = self._conditions
        self._paid_idle(self.now)
        waits = told.node_seconds
        if self._free_nodes:
            self.outcome.paid_seconds += self.now - self._free_nodes.popleft()
            waits = 0.0
        pod = Pod(self.now + waits, self.now + waits + told.cold_start)
        self.outcome.cold_starts += 1
        index = len(self.starting)
        while index and self.starting[index - 1].ready_at > pod.ready_at:
            index -= 1
        self.starting.insert(index, pod)

    def _gone(self, pod: Pod, when: float) -> None:
        self.outcome.paid_seconds += max(0.0, when - pod.born)
        if self._conditions.node_idle_seconds:
            self._free_nodes.append(max(when, pod.born))

    def _paid_idle(self, now: float) -> None:
        """Nodes that nobody needed in time are given back."""
        idle = self._conditions.node_idle_seconds
        while self._free_nodes and self._free_nodes[0] + idle <= now:
            self._free_nodes.popleft()
            self.outcome.paid_seconds += idle

    def _noted(self) -> None:
        self.outcome.pods.append((self.now, len(self.ready), len(self.starting)))


def _held(pod: Pod) -> int:
    return pod.busy
