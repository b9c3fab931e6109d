"""Network policies that would cut off what Knative itself needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.knative.lint.model import Fault, Resource, World, rule
from tests.knative.lint.selectors import selects

#: queue-proxy: requests, and the metrics that the autoscaler scrapes.
QUEUE_PROXY = (8012, 9090)


def _ports(policy: Resource, side: str) -> tuple[bool, list[dict[str, Any]]]:
    """Whether a rule lets every port through, and the ports that are named."""
    rules = policy.spec.get(side) or []
    return any(not rule.get("ports") for rule in rules), [port for rule in rules for port in rule.get("ports") or []]


@rule("egress-dns", "a policy that restricts egress cuts names off as well: every store is `not found`")
def egress_dns(world: World) -> Iterator[Fault]:
    """Port 53 over UDP is open, or every port of somebody."""
    for policy in world.all("NetworkPolicy"):
        every, named = _ports(policy, "egress")
        open_ = every or any((port.get("port"), port.get("protocol", "TCP")) == (53, "UDP") for port in named)
        if "Egress" in (policy.spec.get("policyTypes") or []) and not open_:
            yield Fault(policy, "spec.egress", "names cannot be looked up", "Allow port 53 over UDP and TCP")


@rule("ingress-queue-proxy", "requests come to queue-proxy's 8012, not to ours; without 9090 a busy pod looks idle")
def ingress_queue_proxy(world: World) -> Iterator[Fault]:
    """Of pods of Knative Services."""
    for policy in world.all("NetworkPolicy"):
        chosen = any(
            selects(policy.spec.get("podSelector") or {}, pod.labels, knative=True) for pod in world.services()
        )
        every, named = _ports(policy, "ingress")
        closed = [wanted for wanted in QUEUE_PROXY if wanted not in [port.get("port") for port in named]]
        if chosen and "Ingress" in (policy.spec.get("policyTypes") or ["Ingress"]) and closed and not every:
            yield Fault(policy, "spec.ingress", f"{closed[0]} is closed", f"Open {closed[0]} to knative-serving")
