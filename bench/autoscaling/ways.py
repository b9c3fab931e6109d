"""The ways of scaling that are laid side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bench.autoscaling.annotations import Annotations
from bench.autoscaling.scalers import Always, HpaOnUtilisation, KedaOnQueue, Kpa
from bench.autoscaling.world import Scaler


@dataclass(frozen=True, slots=True)
class Way:
    """One way of scaling.

    Attributes:
        name: for tables.
        scaler: makes a fresh one; plays may run in processes of their own, so it can be pickled.
        annotations: where it is Knative's.
    """

    name: str
    scaler: Callable[[], Scaler]
    annotations: Annotations | None = None


def knative(name: str, told: Annotations) -> Way:
    """Knative's autoscaler with these annotations."""
    return Way(name, partial(Kpa, told), told)


def all_ways(ours: Annotations, most: int) -> list[Way]:
    """Ours, variations, always on, KEDA and the HPA.

    Args:
        ours: of the manifest.
        most: pods that there are machines for.
    """
    ours = replace(ours, max_scale=ours.max_scale or most)
    defaults = Annotations(container_concurrency=ours.container_concurrency, timeout=ours.timeout, max_scale=most)
    wide = replace(ours, max_scale=most)
    return [
        knative(f"ours, up to {ours.max_scale}", ours),
        knative(f"ours, up to {most}", wide),
        knative("the same, gone at once", replace(wide, retention=0.0, scale_down_delay=0.0)),
        knative("the same, one always", replace(wide, min_scale=1)),
        knative("Knative's defaults", defaults),
        Way("always one", partial(Always, 1)),
        Way(f"always {most}", partial(Always, most)),
        Way(
            f"KEDA, 10 messages a pod, 0..{most}",
            partial(KedaOnQueue, 10, most, calm=ours.timeout, cooldown=ours.timeout),  # as components/keda-rabbitmq
        ),
        Way(f"HPA, GPU at 70 %, 1..{most}", partial(HpaOnUtilisation, 70.0, 1, most, calm=ours.timeout)),
    ]
