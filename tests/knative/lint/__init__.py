"""Our linter of manifests: what Knative's webhook would refuse, and what it would take but we would regret.

`python -m tests.knative.lint FILE…` names each fault with its resource, field, reason, remedy and the fact behind it.
"""

from __future__ import annotations

from tests.knative.lint import (  # importing a file enters its rules
    accurate,
    delivery,
    doors,
    fields,
    identity,
    ingress,
    network,
    probes,
    queues,
    references,
    remote,
    scaling,
    security,
    selectors,
    settings,
    timing,
    traffic,
    triggers,
    volumes,
)
from tests.knative.lint.cluster import Cluster
from tests.knative.lint.model import RULES, Finding, Rule, World

THEMES = (
    accurate,
    delivery,
    doors,
    fields,
    identity,
    ingress,
    network,
    probes,
    queues,
    references,
    remote,
    scaling,
    security,
    selectors,
    settings,
    timing,
    traffic,
    triggers,
    volumes,
)


def lint(world: World) -> list[Finding]:
    """Everything that any rule finds."""
    return [Finding(rule, fault) for rule in RULES.values() for fault in rule.check(world)]


__all__ = ["RULES", "THEMES", "Cluster", "Finding", "Rule", "World", "lint"]
