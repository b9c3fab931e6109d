"""What a revision asks of the autoscaler, read from a Service or written as a patch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

_PREFIX = "autoscaling.knative.dev/"
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Annotations:
    """One revision's scaling; defaults are those of Knative Serving 1.23 (config-autoscaler).

    Attributes:
        container_concurrency: requests that a pod takes at once; 0 means without limit.
        target: of the annotation; None takes the container concurrency, or 100 without one.
        utilization: percent of the target that is aimed at.
        min_scale, max_scale: pods; a max_scale of 0 is no limit.
        activation_scale: least pods when waking from zero; 0 where not asked for.
        window: of the stable average, seconds.
        panic_window: percent of the window.
        panic_threshold: percent of the ready pods that the panic average must ask for.
        scale_down_delay: seconds for which the largest wish of late is kept.
        retention: seconds that the last pod stays after traffic ended.
        grace: the cluster's scale-to-zero-grace-period, seconds.
        burst_capacity: target-burst-capacity; -1 keeps the activator in the path.
        timeout: timeoutSeconds of the Service, which waiting counts into.
    """

    container_concurrency: int = 0
    target: float | None = None
    utilization: float = 70.0
    min_scale: int = 0
    max_scale: int = 0
    activation_scale: int = 0
    window: float = 60.0
    panic_window: float = 10.0
    panic_threshold: float = 200.0
    scale_down_delay: float = 0.0
    retention: float = 0.0
    grace: float = 30.0
    burst_capacity: float = 211.0
    timeout: float = 300.0

    @property
    def total(self) -> float:
        """Concurrency that one pod is meant for (serving pkg/reconciler/autoscaling/resources/target.go)."""
        if self.target is not None and self.container_concurrency:
            return min(self.target, float(self.container_concurrency))
        return self.target or float(self.container_concurrency) or 100.0

    @property
    def per_pod(self) -> float:
        """Concurrency a pod that is aimed at."""
        return max(0.01, self.total * self.utilization / 100)

    @property
    def panic_seconds(self) -> int:
        """Of the panic average."""
        return max(1, round(self.window * self.panic_window / 100))


#: Field → annotation, and whether it is a duration.
_NAMES: Mapping[str, tuple[str, bool]] = {
    "target": ("target", False),
    "utilization": ("target-utilization-percentage", False),
    "min_scale": ("min-scale", False),
    "max_scale": ("max-scale", False),
    "activation_scale": ("activation-scale", False),
    "window": ("window", True),
    "panic_window": ("panic-window-percentage", False),
    "panic_threshold": ("panic-threshold-percentage", False),
    "scale_down_delay": ("scale-down-delay", True),
    "retention": ("scale-to-zero-pod-retention-period", True),
    "burst_capacity": ("target-burst-capacity", False),
}


def of_service(path: Path) -> Annotations:
    """Those of the first Service of `serving.knative.dev` in a file.

    Raises:
        ValueError: there is none, or an annotation is no number or duration; names it.
    """
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        if document and document.get("kind") == "Service" and "knative" in document.get("apiVersion", ""):
            return _of_template(document["spec"]["template"])
    raise ValueError(f"{path} holds no Service of serving.knative.dev")


def _of_template(template: Mapping[str, Any]) -> Annotations:
    given = template.get("metadata", {}).get("annotations", {})
    values: dict[str, Any] = {
        "container_concurrency": int(template["spec"].get("containerConcurrency", 0)),
        "timeout": float(template["spec"].get("timeoutSeconds", 300)),
    }
    for field, (name, duration) in _NAMES.items():
        if (raw := given.get(_PREFIX + name)) is not None:
            values[field] = seconds(name, raw) if duration else _number(field, name, raw)
    return Annotations(**values)


def seconds(name: str, raw: str) -> float:
    """A Go duration, such as `1m30s`, in seconds. Raises ValueError naming `name`."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", raw)
    if not parts or "".join(number + unit for number, unit in parts) != raw:
        raise ValueError(f"{name}: {raw!r} is no duration such as 90s or 10m")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _number(field: str, name: str, raw: str) -> float | int:
    try:
        return int(raw) if field in {"min_scale", "max_scale", "activation_scale"} else float(raw)
    except ValueError:
        raise ValueError(f"{name}: {raw!r} is no number") from None


def changed(before: Annotations, after: Annotations) -> dict[str, str]:
    """The annotations in which `after` differs, as Kubernetes wants them: strings."""
    told = {}
    for field in fields(Annotations):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new and field.name in _NAMES:
            name, duration = _NAMES[field.name]
            told[_PREFIX + name] = f"{new:g}{'s' if duration else ''}"
    return told


def patch(before: Annotations, after: Annotations) -> str:
    """A patch in JSON 6902, as `kubectl patch --type json` and kustomize take it; empty where nothing changes.

    An `add` of a key that is there replaces it (RFC 6902 §4.1).
    """
    lines = []
    for name, value in changed(before, after).items():
        key = name.replace("~", "~0").replace("/", "~1")
        lines.append(f"- op: add\n  path: /spec/template/metadata/annotations/{key}\n  value: '{value}'\n")
    return "".join(lines)
