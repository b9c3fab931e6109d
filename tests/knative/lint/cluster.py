"""What an administrator has allowed: knative/cluster-settings, and Serving's own defaults where nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from knative.doctor.flags import MAX_TIMEOUT, ON_BY_DEFAULT
from knative.doctor.manifests import EVENTING, SERVING


@dataclass(frozen=True)
class Cluster:
    """The ConfigMaps that rules ask.

    Attributes:
        features: config-features.
        defaults: config-defaults.
        autoscaler: config-autoscaler.
        eventing: config-features of Eventing; the others are Serving's.
    """

    features: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    autoscaler: Mapping[str, str] = field(default_factory=dict)
    eventing: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, Any]]) -> Cluster:
        """From parsed manifests; those that are no settings do not count."""
        data = {
            (document["metadata"].get("namespace"), str(document["metadata"]["name"])): document.get("data") or {}
            for document in documents
            if document and document.get("kind") == "ConfigMap"
        }
        return cls(
            features=data.get((SERVING, "config-features"), {}),
            defaults=data.get((SERVING, "config-defaults"), {}),
            autoscaler=data.get((SERVING, "config-autoscaler"), {}),
            eventing=data.get((EVENTING, "config-features"), {}),
        )

    def allows(self, flag: str) -> bool:
        """Whether a feature is enabled."""
        default = "enabled" if flag in ON_BY_DEFAULT else "disabled"
        return self.features.get(flag, default).lower() in {"enabled", "allowed"}

    @property
    def max_timeout(self) -> int:
        """Seconds; the largest timeoutSeconds that the webhook takes."""
        return int(self.defaults.get("max-revision-timeout-seconds", MAX_TIMEOUT))
