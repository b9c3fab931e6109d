"""KEDA's scalers of RabbitMQ queues, and the Deployments that run `consume` behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from function.settings import Settings
from tests.knative.lint.model import Fault, Pod, Resource, World, number, rule
from tests.knative.lint.timing import request_seconds

DEFAULTS = Settings()
#: KEDA's own (ScaledObject, cooldownPeriod), in seconds.
COOLDOWN = 300


def _consumes(pod: Pod) -> bool:
    """Whether its container runs `consume`."""
    return any("consume" in (entry.get("args") or []) for _, entry in pod.containers(init=False))


def _scaled(world: World) -> Iterator[tuple[Resource, dict[str, Any], Pod]]:
    """Each scaler with its RabbitMQ trigger's metadata and the pods it scales."""
    for scaler in world.all("ScaledObject"):
        name = (scaler.spec.get("scaleTargetRef") or {}).get("name")
        for pod in world.pods(knative=False):
            if pod.owner.kind == "Deployment" and pod.owner.name == name:
                for trigger in scaler.spec.get("triggers") or []:
                    if trigger.get("type") == "rabbitmq":
                        yield scaler, trigger.get("metadata") or {}, pod


@rule("queue-scale-bounded", "KEDA's maxReplicaCount is 100 unless it is said")
def queue_scale_bounded(world: World) -> Iterator[Fault]:
    """Said, whatever it is."""
    for scaler, _, _ in _scaled(world):
        if not number(scaler.spec.get("maxReplicaCount")):
            yield Fault(scaler, "spec.maxReplicaCount", "is not set", "Set what you can pay for")


@rule("queue-name", "a scaler that watches another queue than the pods read starts none, or starts them for nothing")
def queue_name(world: World) -> Iterator[Fault]:
    """What it watches is OCR_QUEUE_NAME."""
    for scaler, metadata, pod in _scaled(world):
        own = world.values(pod).get("OCR_QUEUE_NAME", DEFAULTS.queue_name)
        if metadata.get("queueName") != own:
            reason = f"{metadata.get('queueName')!r} is not OCR_QUEUE_NAME ({own})"
            yield Fault(scaler, "spec.triggers[*].metadata.queueName", reason, "Set both alike")


@rule("queue-cooldown", "messages that pods have taken are not in the queue's count: a pod that reads looks idle")
def queue_cooldown(world: World) -> Iterator[Fault]:
    """The last pod stays for as long as a document may take."""
    for scaler, _, pod in _scaled(world):
        waits, needed = number(scaler.spec.get("cooldownPeriod", COOLDOWN)) or 0, request_seconds(world, pod) or 0
        if waits < needed:
            reason = f"{waits:g} s is less than OCR_REQUEST_SECONDS ({needed:g})"
            yield Fault(scaler, "spec.cooldownPeriod", reason, "Raise it")


@rule("queue-url-secret", "the address of a queue holds a password; a ConfigMap or a plain value is no place for it")
def queue_url_secret(world: World) -> Iterator[Fault]:
    """Whoever runs `consume` has a Secret, and no manifest has the address."""
    for pod in world.pods(knative=False):
        for path, container in pod.containers(init=False):
            plain = [e for e in world.environment(pod, path, container) if e.name == "OCR_QUEUE_URL" and e.value]
            for entry in plain:
                yield Fault(entry.resource, entry.path, "is readable by all", "Give it by a Secret")
        if _consumes(pod) and not _has_secret(pod):
            yield pod.fault("containers[0].envFrom", "consume has no address of a queue", "Name the Secret")


def _has_secret(pod: Pod) -> bool:
    sources = [source for _, entry in pod.containers(init=False) for source in entry.get("envFrom") or []]
    named = [entry for _, c in pod.containers(init=False) for entry in c.get("env") or []]
    required = [s["secretRef"] for s in sources if "secretRef" in s and not s["secretRef"].get("optional")]
    return bool(required) or any(entry.get("name") == "OCR_QUEUE_URL" and "valueFrom" in entry for entry in named)
