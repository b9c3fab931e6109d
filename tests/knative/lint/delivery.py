"""How long a broker waits, how often it tries again, and where it gives up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.knative.lint.doors import opened
from tests.knative.lint.model import Fault, Resource, World, number, rule
from tests.knative.lint.triggers import subscriber

#: Serving's own answer comes first, with a margin for the way.
MARGIN = 30
#: 2 s doubled nine times: seventeen minutes, which outlasts a node's start. The default gives up after 205 s.
PATIENCE = 1000
DEAD_LETTER_PATH = "/deadletter"
FIELDS = {"deadLetterSink", "retry", "backoffPolicy", "backoffDelay", "timeout", "format"}


def iso_seconds(text: object) -> float | None:
    """An ISO 8601 duration of days and less: PT2S, PT10M30S."""
    match = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", str(text))
    if not match or not any(match.groups()):
        return None
    days, hours, minutes, rest = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def patience(delivery: dict[str, Any]) -> float:
    """Seconds that all tries together wait between them."""
    retry, delay = int(number(delivery.get("retry")) or 0), iso_seconds(delivery.get("backoffDelay")) or 0
    if delivery.get("backoffPolicy") == "exponential":
        return delay * (2**retry - 1)
    return delay * retry * (retry + 1) / 2


def _ours(world: World) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Each Trigger to a Service of ours with its delivery."""
    for trigger in world.all("Trigger"):
        if subscriber(world, trigger):
            yield trigger, trigger.spec.get("delivery") or {}


@rule("delivery-timeout", "a broker that stops waiting before the function answers reads the document again")
def delivery_timeout(world: World) -> Iterator[Fault]:
    """At least timeoutSeconds and 30 s; unset, the channel broker waits forever."""
    for trigger, delivery in _ours(world):
        pod = subscriber(world, trigger)
        needed = (number(pod.spec.get("timeoutSeconds") if pod else 0) or 300) + MARGIN
        waits = iso_seconds(delivery.get("timeout"))
        if waits is None or waits < needed:
            reason = f"{delivery.get('timeout')} is less than timeoutSeconds and {MARGIN} s"
            yield Fault(trigger, "spec.delivery.timeout", reason, f"Set PT{needed:.0f}S or more")


@rule("delivery-retries", "the default gives up after 205 s: before a GPU node has started")
def delivery_retries(world: World) -> Iterator[Fault]:
    """Retry 9 from PT2S, exponential; policy and delay go together."""
    for trigger, delivery in _ours(world):
        if (number(delivery.get("retry")) or 0) < 9 or patience(delivery) < PATIENCE:
            reason = f"{patience(delivery):.0f} s in all is less than {PATIENCE} s"
            yield Fault(trigger, "spec.delivery.retry", reason, "Set retry: 9, exponential, PT2S")


@rule("delivery-fields", "retryAfterMax needs the feature delivery-retryafter, which is off: the field is refused")
def delivery_fields(world: World) -> Iterator[Fault]:
    """Of Brokers too."""
    for resource in world.all("Trigger", "Broker", "Subscription"):
        for name in sorted(set(resource.spec.get("delivery") or {}) - FIELDS):
            yield Fault(resource, f"spec.delivery.{name}", "eventing refuses it", "Remove it")


@rule("dead-letter", "without a dead-letter sink an event is gone when its last try fails")
def dead_letter(world: World) -> Iterator[Fault]:
    """On the Trigger, or on its Broker."""
    for trigger, delivery in _ours(world):
        broker = world.get("Broker", trigger.spec.get("broker"))
        inherited = ((broker and broker.spec.get("delivery")) or {}).get("deadLetterSink")
        if not (delivery.get("deadLetterSink") or inherited):
            yield Fault(trigger, "spec.delivery.deadLetterSink", "there is none", "Name the dead-letter role")


@rule("dead-letter-door", "a dead letter that is sent to POST / is read again instead of archived")
def dead_letter_door(world: World) -> Iterator[Fault]:
    """The sink's address ends in /deadletter, and that Service opens that door."""
    for resource in world.all("Trigger", "Broker"):
        sink = (resource.spec.get("delivery") or {}).get("deadLetterSink") or {}
        target = next((pod for pod in world.services() if pod.owner.name == (sink.get("ref") or {}).get("name")), None)
        if not target:
            continue
        if sink.get("uri") != DEAD_LETTER_PATH or "deadletter" not in opened(world, target):
            path = "spec.delivery.deadLetterSink"
            yield Fault(resource, path, "is not the dead-letter door", f"Say uri: {DEAD_LETTER_PATH}, open that door")


@rule("dead-letter-light", "archiving a dead letter must neither hold nor wake a GPU")
def dead_letter_light(world: World) -> Iterator[Fault]:
    """A GPU Service is never the dead-letter sink."""
    for resource in world.all("Trigger", "Broker"):
        sink = (resource.spec.get("delivery") or {}).get("deadLetterSink") or {}
        for pod in world.services():
            limits = [(entry.get("resources") or {}).get("limits") or {} for _, entry in pod.containers()]
            if pod.owner.name == (sink.get("ref") or {}).get("name") and any(
                "nvidia.com/gpu" in part for part in limits
            ):
                yield Fault(resource, "spec.delivery.deadLetterSink", "wakes a GPU", "Use the component dead-letter")
