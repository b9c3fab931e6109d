"""The Knative Pod Autoscaler's arithmetic, as in Serving 1.23 (pkg/autoscaler/scaling/autoscaler.go)."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from bench.autoscaling.annotations import Annotations

#: config-autoscaler: max-scale-up-rate and max-scale-down-rate.
_UP_RATE, _DOWN_RATE = 1000.0, 2.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What one tick comes to.

    Attributes:
        want: pods, before min-scale and max-scale.
        panicking: nothing shrinks meanwhile.
        excess_burst_capacity: negative puts the activator into the path.
    """

    want: int
    panicking: bool
    excess_burst_capacity: float


class Decider:
    """Decides tick by tick; remembers panic and, for scale-down-delay, its latest wishes."""

    def __init__(self, annotations: Annotations) -> None:
        self._told = annotations
        self._per_pod = annotations.per_pod
        self._threshold = annotations.panic_threshold / 100
        self._panic_since: float | None = None
        self._most = 0
        self._wishes: deque[tuple[float, int]] = deque()

    def decide(self, now: float, *, stable: float, panic: float, ready: int) -> Decision:
        """One tick.

        Args:
            now: seconds.
            stable: average concurrency over the window, requests that wait included.
            panic: the same over the panic window.
            ready: pods that are.
        """
        told, pods = self._told, max(1, ready)
        up, down = math.ceil(_UP_RATE * pods), math.floor(pods / _DOWN_RATE)
        wanted, urgently = math.ceil(stable / self._per_pod), math.ceil(panic / self._per_pod)
        calm, hasty = min(max(wanted, down), up), min(max(urgently, down), up)
        if told.activation_scale > 1:
            calm = max(calm, told.activation_scale) if wanted > 0 else calm
            hasty = max(hasty, told.activation_scale) if urgently > 0 else hasty
        self._panic(now, over=urgently / pods >= self._threshold)
        want = calm
        if self._panic_since is not None:
            want = self._most = max(calm, hasty, self._most)
        return Decision(self._delayed(now, want), self._panic_since is not None, self._excess(ready, panic))

    def _panic(self, now: float, *, over: bool) -> None:
        if over:
            self._panic_since = now
        elif self._panic_since is not None and self._panic_since + self._told.window < now:
            self._panic_since, self._most = None, 0

    def _delayed(self, now: float, want: int) -> int:
        delay = self._told.scale_down_delay
        if not delay:
            return want
        wishes = self._wishes
        while wishes and (wishes[-1][1] <= want):
            wishes.pop()
        wishes.append((now, want))
        while wishes[0][0] <= now - delay:
            wishes.popleft()
        return wishes[0][1]

    def _excess(self, ready: int, panic: float) -> float:
        capacity = self._told.burst_capacity
        if capacity == 0:
            return 0.0
        return math.floor(ready * self._told.total - capacity - panic) if capacity > 0 else -1.0
