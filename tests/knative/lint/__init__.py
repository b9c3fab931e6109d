"""Our linter of manifests: what Knative's webhook would refuse, and what it would take but we would regret.

`python -m tests.knative.lint FILE…` names each fault with its resource, field, reason, remedy and the fact behind it.
"""

from __future__ import annotations

import importlib
import pkgutil

from tests.knative.lint.cluster import Cluster
from tests.knative.lint.model import RULES, Finding, Rule, World

#: Importing a file enters its rules.
THEMES = tuple(
    importlib.import_module(f"{__name__}.{found.name}")
    for found in pkgutil.iter_modules(__path__)
    if not found.name.startswith("__")
)


def lint(world: World) -> list[Finding]:
    """Everything that any rule finds."""
    return [Finding(rule, fault) for rule in RULES.values() for fault in rule.check(world)]


__all__ = ["RULES", "THEMES", "Cluster", "Finding", "Rule", "World", "lint"]
