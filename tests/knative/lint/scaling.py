"""The autoscaler's annotations: where they stand, what they may be, and those that we always want."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from knative.doctor.nodes import GPU
from tests.knative.lint.model import Fault, Pod, World, number, rule

PREFIX = "autoscaling.knative.dev/"
CLASSES = {"kpa.autoscaling.knative.dev", "hpa.autoscaling.knative.dev"}
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
#: Few requests a pod: 70 % of one is less than one, and a single request starts two pods.
SMALL = 10


def seconds(text: object) -> float | None:
    """A Go duration: 90s, 1m30s; None for what is none."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", str(text))
    if not parts or "".join(amount + unit for amount, unit in parts) != str(text):
        return None
    return sum(float(amount) * UNITS[unit] for amount, unit in parts)


def _between(low: float, high: float, *, whole: bool = False) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        value = number(text)
        return value is not None and low <= value <= high and not (whole and value != int(value))

    return fits


def _lasting(low: float, high: float) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        value = seconds(text)
        return value is not None and low <= value <= high and value == int(value)

    return fits


HOUR = timedelta(hours=1).total_seconds()
#: pkg/apis/autoscaling/annotation_validation.go, v1.23
KNOWN: dict[str, Callable[[str], bool]] = {
    "class": lambda text: text in CLASSES or not text.endswith("knative.dev"),
    "metric": bool,
    "target": _between(0.01, float("inf")),
    "target-utilization-percentage": _between(1, 100),
    "min-scale": _between(0, float("inf"), whole=True),
    "max-scale": _between(0, float("inf"), whole=True),
    "initial-scale": _between(0, float("inf"), whole=True),
    "activation-scale": _between(2, float("inf"), whole=True),
    "window": _lasting(6, HOUR),
    "panic-window-percentage": _between(1, 100),
    "panic-threshold-percentage": _between(110, 1000),
    "scale-down-delay": _lasting(0, HOUR),
    "scale-to-zero-pod-retention-period": _lasting(0, HOUR),
    "target-burst-capacity": lambda text: number(text) == -1 or (number(text) or -1) >= 0 or text == "0",
    "metric-aggregation-algorithm": lambda text: text in {"linear", "weighted-exponential"},
    "query": bool,  # autoscaler-keda
}


def scaling(pod: Pod) -> dict[str, Any]:
    """Annotations of the autoscaler without their prefix."""
    return {name.removeprefix(PREFIX): value for name, value in pod.annotations.items() if name.startswith(PREFIX)}


def at(name: str) -> str:
    """Where one stands, below the pod's template."""
    return f"spec.template.metadata.annotations[{PREFIX}{name}]"


def on_gpu(pod: Pod) -> bool:
    """Whether a container asks for a GPU."""
    return any(GPU in ((container.get("resources") or {}).get("limits") or {}) for _, container in pod.containers())


@rule("scaling-on-template", "the webhook refuses autoscaling annotations outside spec.template.metadata")
def scaling_on_template(world: World) -> Iterator[Fault]:
    """On the Service itself they would work for nobody."""
    for service in world.all("Service"):
        for name in service.annotations:
            if name.startswith(PREFIX):
                yield Fault(
                    service, f"metadata.annotations[{name}]", "stands on the Service", "Move it to the template"
                )


@rule("scaling-value", "annotation_validation.go: each annotation's range; durations in whole seconds")
def scaling_value(world: World) -> Iterator[Fault]:
    """And a name that nobody reads is a setting that was never made."""
    for pod in world.services():
        for name, value in scaling(pod).items():
            if name not in KNOWN:
                yield Fault(pod.owner, at(name), "Serving knows no such annotation", f"One of {', '.join(KNOWN)}")
            elif not KNOWN[name](str(value)):
                yield Fault(pod.owner, at(name), f"{value!r} is out of its range", "See knative/README.md")


@rule("scaling-metric", "the KPA knows concurrency and rps; cpu, memory and others need class hpa")
def scaling_metric(world: World) -> Iterator[Fault]:
    """The metric fits the class."""
    for pod in world.services():
        told = scaling(pod)
        kpa = told.get("class", "kpa.autoscaling.knative.dev") == "kpa.autoscaling.knative.dev"
        if kpa and told.get("metric", "concurrency") not in {"concurrency", "rps"}:
            yield Fault(pod.owner, at("metric"), "the KPA does not know it", "Use concurrency, or class hpa")


@rule("max-scale", "max-scale defaults to no limit: 50 uploads in a burst start 13 pods or more")
def max_scale(world: World) -> Iterator[Fault]:
    """Always set, at least one, not below min-scale."""
    for pod in world.services():
        told = scaling(pod)
        highest, lowest = number(told.get("max-scale")), number(told.get("min-scale", "0"))
        if not highest or highest < (lowest or 0):
            yield Fault(pod.owner, at("max-scale"), f"max-scale is {told.get('max-scale')}", "Set what you can pay for")


@rule("scale-to-zero", "min-scale may be set for the whole cluster; ours says what it wants")
def scale_to_zero(world: World) -> Iterator[Fault]:
    """min-scale stands there, whatever it is; the HPA knows no zero."""
    for pod in world.services():
        told = scaling(pod)
        if "min-scale" not in told:
            yield Fault(pod.owner, at("min-scale"), "is not set", 'Say "0", or how many stay up')
        if told.get("class", "").startswith("hpa.") and told.get("min-scale") == "0":
            yield Fault(pod.owner, at("min-scale"), "class hpa never goes to zero", 'Say "1"')


@rule("initial-scale", "initial-scale 0 is refused unless config-autoscaler has allow-zero-initial-scale")
def initial_scale(world: World) -> Iterator[Fault]:
    """A deploy that needs no free GPU is the administrator's to allow."""
    for pod in world.services():
        allowed = world.cluster.autoscaler.get("allow-zero-initial-scale", "false") == "true"
        if scaling(pod).get("initial-scale") == "0" and not allowed:
            yield Fault(pod.owner, at("initial-scale"), "0 is not allowed here", "Allow it in knative/cluster-settings")


@rule("small-concurrency", "a single request with containerConcurrency 1 and 70 % starts two pods (serving#8682)")
def small_concurrency(world: World) -> Iterator[Fault]:
    """At small values the target is all of it."""
    for pod in world.services():
        limit = number(pod.spec.get("containerConcurrency")) or 0
        share = number(scaling(pod).get("target-utilization-percentage", 70))
        if 0 < limit <= SMALL and share != 100:
            reason = f"{share} % of {limit:g} starts pods that nobody needs"
            yield Fault(pod.owner, at("target-utilization-percentage"), reason, 'Say "100"')


@rule("activation-scale", "activation-scale starts two pods or more from zero: two GPUs for one page")
def activation_scale(world: World) -> Iterator[Fault]:
    """Never on a GPU; within min and max elsewhere (webhook)."""
    for pod in world.services():
        told = scaling(pod)
        value = number(told.get("activation-scale"))
        if value is not None and (on_gpu(pod) or value > (number(told.get("max-scale")) or value)):
            yield Fault(pod.owner, at("activation-scale"), f"{value:g} pods at once", "Remove it")


@rule("retention", "without it the pod goes 30 s after the window: the next page pays a whole cold start")
def retention(world: World) -> Iterator[Fault]:
    """Whatever goes to zero says how long it stays; on a GPU five minutes at least, three cold starts."""
    for pod in world.services():
        told = scaling(pod)
        kept = seconds(told.get("scale-to-zero-pod-retention-period", ""))
        if told.get("min-scale", "0") == "0" and (kept is None or (on_gpu(pod) and kept < 300)):
            name = "scale-to-zero-pod-retention-period"
            yield Fault(
                pod.owner, at(name), f"{told.get(name)}", "Set how long the last pod waits, on a GPU 5m or more"
            )


@rule("burst-capacity", "with -1 the activator stays in the path and queues with each pod's slots in mind")
def burst_capacity(world: World) -> Iterator[Fault]:
    """Explicit, where pods take few requests at once."""
    for pod in world.services():
        if scaling(pod).get("target-burst-capacity") != "-1":
            yield Fault(pod.owner, at("target-burst-capacity"), "is not -1", 'Say "-1"')


@rule("progress-deadline", "it must exceed image pull and start; default 600 s, whole seconds, on the template")
def progress_deadline(world: World) -> Iterator[Fault]:
    """On a GPU images are large and nodes come late: at least the default."""
    name = "serving.knative.dev/progress-deadline"
    for pod in world.services():
        value = seconds(pod.annotations.get(name, ""))
        if value is None or value != int(value) or value < (600 if on_gpu(pod) else 60):
            path = f"spec.template.metadata.annotations[{name}]"
            yield Fault(pod.owner, path, f"{pod.annotations.get(name)}", "Set 10m, on a GPU more")


@rule("window", "the stable window, 60 s unless said; panic mode compares within a tenth of it")
def window(world: World) -> Iterator[Fault]:
    """Said, with its reason beside it."""
    for pod in world.services():
        if "window" not in scaling(pod):
            yield Fault(pod.owner, at("window"), "is not set", 'Say "60s", or why it is another')
