"""Who decides how many pods there are: Knative's autoscaler, KEDA by a queue, the HPA by GPU utilisation, or nobody."""

from __future__ import annotations

import math
from collections import deque

from bench.autoscaling.annotations import Annotations
from bench.autoscaling.averages import Averages
from bench.autoscaling.decider import Decider
from bench.autoscaling.world import World


class Always:
    """So many pods, day and night."""

    interval = 3600.0

    def __init__(self, pods: int) -> None:
        self._pods = pods

    def advance(self, now: float, in_flight: int) -> None:
        """Nothing is measured."""

    def tick(self, world: World, *, poked: bool) -> int:
        """The same."""
        return self._pods


class Kpa:
    """Knative's own autoscaler with the reconciler that applies it (pkg/reconciler/autoscaling/kpa/scaler.go)."""

    interval = 2.0

    def __init__(self, told: Annotations) -> None:
        self._told = told
        self._decider = Decider(told)
        self._averages = Averages(told.window, told.panic_seconds)
        self._last, self._edge, self._area = 0.0, 1.0, 0.0
        self._active_since: float | None = None
        self._inactive_since: float | None = None

    def advance(self, now: float, in_flight: int) -> None:
        """Fill the one-second buckets up to now."""
        if now >= self._edge:
            self._averages.push(self._area + in_flight * (self._edge - self._last))
            whole = math.floor(now - self._edge)
            if whole:
                self._skip(whole, in_flight)
            self._last, self._area = self._edge + whole, 0.0
            self._edge = self._last + 1.0
        self._area += in_flight * (now - self._last)
        self._last = now

    def _skip(self, whole: int, in_flight: int) -> None:
        if not in_flight and whole > self._told.window:
            self._averages.clear()
        else:
            self._averages.push_many(in_flight, whole)

    def tick(self, world: World, *, poked: bool) -> int:
        """One decision, clamped and kept from zero as long as it must be."""
        stable, panic = self._averages.read()
        if poked:  # the activator reports its first request at once
            stable, panic = max(stable, 1.0), max(panic, 1.0)
        decision = self._decider.decide(world.now, stable=stable, panic=panic, ready=len(world.ready))
        want = max(decision.want, self._told.min_scale)
        if self._told.max_scale:
            want = min(want, self._told.max_scale)
        return want if want and not self._activated(world.now) else self._last_pod(world)

    def _activated(self, now: float) -> bool:
        """Traffic is there: whatever was counted towards zero begins anew. Always False, for the caller's condition."""
        if self._active_since is None:
            self._active_since = now
        self._inactive_since = None
        return False

    def _last_pod(self, world: World) -> int:
        """1 while the last pod must stay, else 0; the averages want none."""
        now, told = world.now, self._told
        if not world.ready:  # while the first pod starts, nobody gives it up
            return int(bool(world.starting or world.in_flight))
        if self._active_since is not None and now - self._active_since < told.window:
            return 1
        self._active_since = None
        self._inactive_since = self._inactive_since if self._inactive_since is not None else now
        return int(now - self._inactive_since < max(told.grace, told.retention))


class _Hpa:
    """What Kubernetes' HPA does with a wish: keep it within limits, grow at most so fast, shrink only after a while.

    Args:
        least, most: pods.
        calm: seconds of the scale-down stabilisation window.
    """

    _TOLERANCE = 0.1

    def __init__(self, least: int, most: int, calm: float) -> None:
        self.least, self._most, self._calm = least, most, calm
        self._wishes: deque[tuple[float, int]] = deque()

    def applied(self, now: float, have: int, ratio: float, wish: int) -> int:
        """Pods from now on; `ratio` of what is measured to its target, `wish` for pods where it is not about 1."""
        want = min(max(have if abs(ratio - 1) <= self._TOLERANCE else wish, self.least), self._most)
        self._wishes.append((now, want))
        while self._wishes[0][0] <= now - self._calm:
            self._wishes.popleft()
        highest = max(wish for _, wish in self._wishes)
        return min(max(have, want), max(2 * have, have + 4)) if want > have else max(want, min(highest, have))


class HpaOnUtilisation:
    """Kubernetes' HPA on the pods' mean GPU utilisation (its algorithm: desired = ceil(pods * current / target)).

    Args:
        target: percent.
        least, most: pods.
        calm: seconds of the scale-down stabilisation window.
        lag: seconds over which the metric is averaged before it arrives.
    """

    interval = 15.0

    def __init__(self, target: float, least: int, most: int, *, calm: float = 300.0, lag: float = 60.0) -> None:
        self._target, self._lag, self._hpa = target / 100, lag, _Hpa(least, most, calm)
        self._samples: deque[tuple[float, float, int]] = deque()

    def advance(self, now: float, in_flight: int) -> None:
        """Its metric comes from the pods, at ticks."""

    def tick(self, world: World, *, poked: bool) -> int:
        """One sync of the controller."""
        now, have = world.now, len(world.ready) + len(world.starting)
        busy = world.outcome.busy_seconds + sum(now - pod.busy_since for pod in world.ready if pod.busy)
        self._samples.append((now, busy, len(world.ready)))
        while len(self._samples) > 1 and self._samples[1][0] <= now - self._lag:
            self._samples.popleft()
        if not have:
            return self._hpa.least
        first, last = self._samples[0], self._samples[-1]
        pods, span = last[2], last[0] - first[0]
        ratio = (last[1] - first[1]) / span / pods / self._target if pods and span > 0 else 1.0
        return self._hpa.applied(now, have, ratio, math.ceil(pods * ratio))


class KedaOnQueue:
    """KEDA: it looks at the queue, wakes the first pod and lets the last one go; between them an HPA by its length.

    What pods hold already (their prefetch, the slots) is not in the queue's length.

    Args:
        messages: that wait for each pod (`value` of the trigger).
        most: pods (maxReplicaCount).
        calm: seconds of the HPA's scale-down stabilisation window.
        cooldown: seconds from the last look that found messages to no pod (cooldownPeriod).
    """

    interval = 5.0  # pollingInterval
    _SYNC = 15.0

    def __init__(self, messages: int, most: int, *, calm: float, cooldown: float) -> None:
        self._messages, self._cooldown, self._hpa = messages, cooldown, _Hpa(1, most, calm)
        self._found = self._synced = -math.inf

    def advance(self, now: float, in_flight: int) -> None:
        """It looks at ticks."""

    def tick(self, world: World, *, poked: bool) -> int:
        """One look at the queue; a message by itself wakes nobody."""
        now, have, waiting = world.now, len(world.ready) + len(world.starting), world.waiting
        if poked:
            return 0
        if waiting:
            self._found = now
        if not have:
            return min(waiting, 1)
        if now - self._found >= self._cooldown:
            return 0
        if now - self._synced < self._SYNC:
            return have
        self._synced = now
        return self._hpa.applied(now, have, waiting / self._messages / have, math.ceil(waiting / self._messages))
