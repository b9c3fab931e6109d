"""Selectors select something: labels that a patch forgot are faults that nobody sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.knative.lint.model import KNATIVE, Fault, World, rule

#: Serving sets these by revision; which value, nobody knows beforehand.
DYNAMIC = {f"{KNATIVE}/revision", f"{KNATIVE}/revisionUID", "app"}


#: Eventing labels the receiver that it makes for a source by the source's name.
SOURCE = "eventing.knative.dev/sourceName"


def _source(world: World, name: str) -> bool:
    return any(found.group == "sources.knative.dev" and found.name == name for found in world.resources)


def selects(selector: Mapping[str, Any], labels: Mapping[str, str], *, knative: bool = False) -> bool:
    """Whether a label selector matches; values of Serving's own labels by revision are taken on trust."""
    for name, value in (selector.get("matchLabels") or {}).items():
        if labels.get(name) != value and not (knative and name in DYNAMIC):
            return False
    for part in selector.get("matchExpressions") or []:
        name, operator, values = part.get("key"), part.get("operator"), part.get("values") or []
        has = name in labels or (knative and name in DYNAMIC)
        fits = {
            "Exists": has,
            "DoesNotExist": not has,
            "In": labels.get(name) in values or (knative and name in DYNAMIC),
            "NotIn": labels.get(name) not in values,
        }
        if not fits.get(str(operator), False):
            return False
    return True


def _pods_match(world: World, selector: Mapping[str, Any]) -> bool:
    return any(selects(selector, pod.labels, knative=pod.owner.kind == "Service") for pod in world.pods())


@rule("pods-selected", "a monitor, policy or budget whose selector matches no pod does nothing, in silence")
def pods_selected(world: World) -> Iterator[Fault]:
    """Of PodMonitor, NetworkPolicy and PodDisruptionBudget."""
    for resource in world.all("PodMonitor", "PodDisruptionBudget"):
        if not _pods_match(world, resource.spec.get("selector") or {}):
            yield Fault(resource, "spec.selector", "matches no pod of this rendering", "Use the labels of the template")
    for policy in world.all("NetworkPolicy"):
        if not _pods_match(world, policy.spec.get("podSelector") or {}):
            yield Fault(policy, "spec.podSelector", "matches no pod of this rendering", "Use the template's labels")


@rule("sinkbinding-subject", "a SinkBinding whose labels fit nothing sets no K_SINK, in silence")
def sinkbinding_subject(world: World) -> Iterator[Fault]:
    """By labels of the Service itself, not of its pods."""
    for binding in world.all("SinkBinding"):
        subject = binding.spec.get("subject") or {}
        selector = subject.get("selector") or {}
        fits = any(selects(selector, labels) for labels in _labels(world, str(subject.get("kind"))))
        if "selector" in subject and not fits:
            yield Fault(binding, "spec.subject.selector", "matches nothing in this rendering", "Correct the labels")


def _labels(world: World, kind: str) -> Iterator[dict[str, str]]:
    """Of each of a kind; of the Jobs that a CronJob will make, too."""
    for resource in world.resources:
        if resource.data.get("kind") == kind:
            yield resource.metadata.get("labels") or {}
        elif (resource.kind, kind) == ("CronJob", "Job"):
            yield ((resource.spec.get("jobTemplate") or {}).get("metadata") or {}).get("labels") or {}


@rule("deployment-selector", "a Deployment's selector matches its own template, or the server refuses it")
def deployment_selector(world: World) -> Iterator[Fault]:
    """Immutable, too."""
    for pod in world.pods(knative=False):
        if pod.owner.kind in {"Deployment", "StatefulSet"}:
            selector = pod.owner.spec.get("selector") or {}
            if not selector or not selects(selector, pod.labels):
                yield Fault(pod.owner, "spec.selector", "does not match the template", "Use the template's labels")


@rule("endpoints", "a core Service whose selector or port fits no pod answers nobody")
def endpoints(world: World) -> Iterator[Fault]:
    """Selector, and target port by name or number."""
    for service in world.all("v1 Service"):
        selector = {"matchLabels": service.spec.get("selector") or {}}
        chosen = [pod for pod in world.pods(knative=False) if selects(selector, pod.labels)]
        source = (service.spec.get("selector") or {}).get(SOURCE)
        if not service.spec.get("selector") or (source and _source(world, source)):
            continue
        if not chosen:
            yield Fault(service, "spec.selector", "matches no pod of this rendering", "Use the template's labels")
        offered = {
            known
            for pod in chosen
            for _, container in pod.containers(init=False)
            for port in container.get("ports") or []
            for known in (port.get("containerPort"), port.get("name"))
        }
        for index, port in enumerate(service.spec.get("ports") or []):
            if chosen and port.get("targetPort", port.get("port")) not in offered:
                yield Fault(service, f"spec.ports[{index}].targetPort", "no container has it", "Use the port's name")


@rule("monitored-port", "a PodMonitor scrapes a port by its name; Serving calls the serving port user-port")
def monitored_port(world: World) -> Iterator[Fault]:
    """Our /metrics, on the port that pods have."""
    for monitor in world.all("PodMonitor"):
        names = {"user-port", "queue-port", "http-usermetric"}
        for pod in world.pods(knative=False):
            for _, container in pod.containers(init=False):
                names |= {str(port.get("name")) for port in container.get("ports") or []}
        for index, endpoint in enumerate(monitor.spec.get("podMetricsEndpoints") or []):
            path = f"spec.podMetricsEndpoints[{index}]"
            if "port" in endpoint and endpoint["port"] not in names:
                yield Fault(monitor, f"{path}.port", f"no pod names a port {endpoint['port']!r}", "Use user-port")
            if endpoint.get("path", "/metrics") != "/metrics":
                yield Fault(monitor, f"{path}.path", f"{endpoint['path']} is not served", "Use /metrics")
