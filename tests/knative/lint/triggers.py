"""Triggers, brokers and the events that pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from events import ours
from events.senders import ALL
from knative.doctor.eventing import ASYNC, CHANNEL
from knative.doctor.eventing import CLASS as BROKER_CLASS
from tests.knative.lint.doors import binds
from tests.knative.lint.model import Fault, Pod, Resource, World, number, rule

RABBIT = "RabbitMQBroker"
PARALLELISM = "rabbitmq.eventing.knative.dev/parallelism"
#: What our function answers a delivery with.
REPLIES = {ours.PARSED, ours.REFUSED}


def admitted(filters: list[dict[str, Any]]) -> set[str] | None:
    """The event types that pass all of these filters; None where they do not say which."""
    known = [types for types in map(_admitted, filters) if types is not None]
    return set.intersection(*known) if known else None


def _admitted(entry: dict[str, Any]) -> set[str] | None:
    if "exact" in entry:
        wanted = (entry["exact"] or {}).get("type")
        return {wanted} if wanted else None
    if "all" in entry:
        return admitted(entry["all"] or [])
    if "any" in entry:
        parts = [_admitted(part) for part in entry["any"] or []]
        return None if None in parts or not parts else set.union(*(part for part in parts if part is not None))
    return None


def types_of(trigger: Resource) -> set[str] | None:
    """`filters` wins over the older `filter`."""
    if trigger.spec.get("filters"):
        return admitted(trigger.spec["filters"])
    wanted = ((trigger.spec.get("filter") or {}).get("attributes") or {}).get("type")
    return {wanted} if wanted else None


def subscriber(world: World, trigger: Resource) -> Pod | None:
    """The Knative Service that a Trigger delivers to, where it is one of ours."""
    ref = (trigger.spec.get("subscriber") or {}).get("ref") or {}
    if not str(ref.get("apiVersion", "")).startswith("serving.knative.dev/"):
        return None
    return next((pod for pod in world.services() if pod.owner.name == ref.get("name")), None)


def _read(kind: str) -> bool:
    if kind.startswith(ours.PREFIX):
        return kind in ours.TYPES
    kinds = [entry.type for sender in ALL for entry in sender.kinds]
    return any(kind == known or (known.endswith("*") and kind.startswith(known[:-1])) for known in kinds)


def broker_class(broker: Resource) -> str:
    """The channel broker unless it says another."""
    return str(broker.annotations.get(BROKER_CLASS, CHANNEL))


def blocks(broker: Resource) -> bool:
    """Whether it holds its producers until each delivery is over."""
    return broker_class(broker) == CHANNEL and broker.annotations.get(ASYNC) != "true"


@rule("trigger-types", "a reply re-enters the broker; only a filter on exact types keeps it from coming back in")
def trigger_types(world: World) -> Iterator[Fault]:
    """What our own function reads is named, type by type."""
    for trigger in world.all("Trigger"):
        if subscriber(world, trigger) and types_of(trigger) is None:
            yield Fault(trigger, "spec.filters", "does not say which types pass", "Filter with exact: {type: …}")


@rule("trigger-loop", "a Trigger that takes the type its subscriber replies with starts a loop (TTL 255)")
def trigger_loop(world: World) -> Iterator[Fault]:
    """document.parsed and document.refused go to others."""
    for trigger in world.all("Trigger"):
        for kind in sorted((types_of(trigger) or set()) & REPLIES):
            if subscriber(world, trigger):
                yield Fault(trigger, "spec.filters", f"{kind} is our own reply", "Filter on other types")


@rule("trigger-known-types", "a type that no sender has is a misspelling: nothing would ever arrive")
def trigger_known_types(world: World) -> Iterator[Fault]:
    """Each type is one that events/senders reads."""
    for trigger in world.all("Trigger"):
        for kind in sorted(types_of(trigger) or set()):
            if subscriber(world, trigger) and not _read(kind):
                yield Fault(trigger, "spec.filters", f"{kind!r} is no type that is read", "See events/README.md")


@rule("rabbitmq-filter", "the RabbitMQ broker reads only spec.filter.attributes; filters would let everything through")
def rabbitmq_filter(world: World) -> Iterator[Fault]:
    """Filters of the newer kind need another broker."""
    for trigger, broker in _pairs(world):
        if broker_class(broker) == RABBIT and trigger.spec.get("filters"):
            yield Fault(trigger, "spec.filters", "RabbitMQ ignores it", "Use spec.filter.attributes, a Trigger a type")


@rule("rabbitmq-parallelism", "eventing pushes its whole backlog unless the broker is bounded; RabbitMQ can, 1..1000")
def rabbitmq_parallelism(world: World) -> Iterator[Fault]:
    """The natural queue in front of few pods: slots times max-scale."""
    for trigger, broker in _pairs(world):
        value = number(trigger.annotations.get(PARALLELISM))
        most = min(1000, _capacity(subscriber(world, trigger)))
        if broker_class(broker) == RABBIT and (value is None or not 1 <= value <= most):
            path = f"metadata.annotations[{PARALLELISM}]"
            reason = f"{value} is not within 1..{most:g}, what the subscriber's pods take"
            yield Fault(trigger, path, reason, "Set containerConcurrency times max-scale")


def _capacity(pod: Pod | None) -> float:
    """How many deliveries all pods of a Service take at once."""
    if pod is None:
        return float("inf")
    scale = number(pod.annotations.get("autoscaling.knative.dev/max-scale")) or float("inf")
    return scale * (number(pod.spec.get("containerConcurrency")) or float("inf"))


def _pairs(world: World) -> Iterator[tuple[Resource, Resource]]:
    for trigger in world.all("Trigger"):
        if broker := world.get("Broker", trigger.spec.get("broker")):
            yield trigger, broker


@rule("broker-async", "the channel broker holds a producer's POST until delivery and all retries are over")
def broker_async(world: World) -> Iterator[Fault]:
    """With the annotation it acknowledges in milliseconds, even while the subscriber is at zero."""
    for broker in world.all("Broker"):
        if blocks(broker):
            yield Fault(broker, f"metadata.annotations[{ASYNC}]", "producers are blocked", 'Say "true"')


@rule("fan-out", "splitting requests hold all slots and wait for ranges that a blocking broker never admits: deadlock")
def fan_out(world: World) -> Iterator[Fault]:
    """OCR_SPLIT_PAGES needs a sink that acknowledges before it delivers."""
    for pod in world.pods():
        if (number(world.values(pod).get("OCR_SPLIT_PAGES", "0")) or 0) <= 0:
            continue
        sinks = [
            (binding.spec.get("sink") or {}).get("ref") or {}
            for binding in world.all("SinkBinding")
            if binds(binding, pod.owner)
        ]
        brokers = [world.get("Broker", ref.get("name")) for ref in sinks if ref.get("kind") == "Broker"]
        if not brokers or any(broker is None or blocks(broker) for broker in brokers):
            reason = "OCR_SPLIT_PAGES fans out, and its broker blocks producers or is not here"
            yield pod.fault("containers[0].env", reason, "Use async-handler, RabbitMQ or Kafka, or do not split")


@rule("source-s3", "IntegrationSource aws.s3 deletes what it read, and its events name no bucket and no key")
def source_s3(world: World) -> Iterator[Fault]:
    """SQS, SNS or a webhook tell of uploads."""
    for source in world.all("IntegrationSource"):
        if "s3" in (source.spec.get("aws") or {}):
            yield Fault(source, "spec.aws.s3", "loses objects and says nothing of keys", "Use aws.sqs")
