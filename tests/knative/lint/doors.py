"""Which doors a Service opens, and whether a SinkBinding gives it a sink."""

from __future__ import annotations

from collections.abc import Iterator

from function import roles
from function.settings import SettingsError
from tests.knative.lint.model import Fault, Pod, Resource, World, rule
from tests.knative.lint.parsing import parsed
from tests.knative.lint.selectors import selects

#: Stands for the address that a SinkBinding would set.
SOME_SINK = "http://sink.example.com"


def binds(binding: Resource, target: Resource) -> bool:
    """Whether a SinkBinding's subject is this one, by name or by labels."""
    subject = binding.spec.get("subject") or {}
    group = str(subject.get("apiVersion")).rpartition("/")[0]
    if (subject.get("kind"), group) != (target.data.get("kind"), target.group):
        return False
    if "selector" in subject:
        return selects(subject["selector"], target.metadata.get("labels") or {})
    return bool(subject.get("name") == target.name)


def bound(world: World, target: Resource) -> bool:
    """Whether any SinkBinding does."""
    return any(binds(binding, target) for binding in world.all("SinkBinding"))


def environment(world: World, pod: Pod) -> dict[str, str]:
    """The values of the container that serves, and K_SINK where a SinkBinding will set it."""
    return world.values(pod) | ({"K_SINK": SOME_SINK} if bound(world, pod.owner) else {})


def opened(world: World, pod: Pod) -> frozenset[str]:
    """The doors that OCR_DOORS opens there; none where it is wrong, which another rule says."""
    try:
        return roles.open_doors(parsed(environment(world, pod)))
    except SettingsError:
        return frozenset()


@rule("trigger-door", "a delivery to a door that is closed is answered 503, tried again for 17 minutes, dead-lettered")
def trigger_door(world: World) -> Iterator[Fault]:
    """Whoever a Trigger or source delivers to opens the events door."""
    for trigger in world.all("Trigger"):
        ref = (trigger.spec.get("subscriber") or {}).get("ref") or {}
        for pod in world.services():
            if pod.owner.name == ref.get("name") and "events" not in opened(world, pod):
                yield Fault(trigger, "spec.subscriber", f"{pod.owner} does not open events", "Deliver to the reader")


@rule("sink-bound", "webhooks are answered only after the sink took the event; K_SINK comes from a SinkBinding")
def sink_bound(world: World) -> Iterator[Fault]:
    """Where a rendering has a broker, whatever Service has the hooks has a SinkBinding."""
    for pod in world.services():
        takes = "hooks" in opened(world, pod)
        if takes and any(world.all("Broker")) and not bound(world, pod.owner):
            yield Fault(pod.owner, "metadata.name", "no SinkBinding names it", "Add one, subject this Service")
