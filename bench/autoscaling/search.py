"""The annotations that meet a wait target at the lowest cost, found by changing one at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bench.autoscaling.annotations import Annotations
from bench.autoscaling.report import Figures

#: What is tried of each annotation; larger values only cost more in every trace that was tried.
_CHOICES: dict[str, tuple[Any, ...]] = {
    "retention": (0.0, 60.0, 300.0, 600.0, 1200.0, 3600.0),
    "min_scale": (0, 1, 2),
    "window": (30.0, 60.0, 120.0, 300.0),
    "scale_down_delay": (0.0, 60.0, 300.0),
    "panic_threshold": (200.0, 1000.0),
}


def search(begin: Annotations, most: int, p95: float, measure: Callable[[Annotations], Figures]) -> Annotations:
    """Coordinate descent: cheapest among those that meet the target, else the one that misses it least.

    Args:
        begin: where to begin.
        most: pods that there are machines for.
        p95: seconds that 95 of 100 documents may wait at most.
        measure: plays annotations through.
    """
    known: dict[Annotations, Figures] = {}

    def score(told: Annotations) -> tuple[bool, float, float]:
        if told not in known:
            known[told] = found = measure(told)
            print(f"tried {len(known)}: P95 {found.p95:.1f} s, {found.hours:.1f} pod hours", file=sys.stderr)
        found = known[told]
        missed = max(0.0, found.p95 - p95)
        return missed > 0, missed, found.cost

    best = begin
    while True:
        found = min(_neighbours(best, most), key=score)
        if score(found) >= score(best):
            return best
        best = found


def _neighbours(told: Annotations, most: int) -> Iterator[Annotations]:
    scales = sorted({1, 2, 3, most // 2, most} - {0})
    for scale in scales:
        if told.min_scale <= scale <= most:
            yield replace(told, max_scale=scale)
    for name, values in _CHOICES.items():
        for value in values:
            if name != "min_scale" or value <= (told.max_scale or most):
                yield replace(told, **{name: value})
