"""What an administrator has allowed: knative/cluster-settings, and Serving's own defaults where nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from knative.doctor.flags import MAX_TIMEOUT, ON_BY_DEFAULT


@dataclass(frozen=True)
class Cluster:
    """The ConfigMaps of Serving that rules ask.

    Attributes:
        features: config-features.
        defaults: config-defaults.
        autoscaler: config-autoscaler.
    """

    features: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    autoscaler: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, Any]]) -> Cluster:
        """From parsed manifests; those that are no settings of Serving do not count."""
        data = {
            str(document["metadata"]["name"]): document.get("data") or {}
            for document in documents
            if document and document.get("kind") == "ConfigMap"
        }
        return cls(
            features=data.get("config-features", {}),
            defaults=data.get("config-defaults", {}),
            autoscaler=data.get("config-autoscaler", {}),
        )

    def allows(self, flag: str) -> bool:
        """Whether a feature is enabled."""
        default = "enabled" if flag in ON_BY_DEFAULT else "disabled"
        return self.features.get(flag, default).lower() in {"enabled", "allowed"}

    @property
    def max_timeout(self) -> int:
        """Seconds; the largest timeoutSeconds that the webhook takes."""
        return int(self.defaults.get("max-revision-timeout-seconds", MAX_TIMEOUT))
