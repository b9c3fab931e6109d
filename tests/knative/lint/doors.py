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


def public(world: World) -> set[str]:
    """The Services that get an address outside the cluster; a DomainMapping gives one whatever the label says."""
    label = "networking.knative.dev/visibility"
    services = {pod.owner.name: pod.owner.metadata.get("labels") or {} for pod in world.services()}
    mapped = {(mapping.spec.get("ref") or {}).get("name") for mapping in world.all("DomainMapping")}
    return {name for name, labels in services.items() if labels.get(label) != "cluster-local" or name in mapped}


@rule("trigger-door", "a delivery to a door that is closed is answered 503, tried again for 17 minutes, dead-lettered")
def trigger_door(world: World) -> Iterator[Fault]:
    """Whoever a Trigger or source delivers to opens the events door."""
    for trigger in world.all("Trigger"):
        ref = (trigger.spec.get("subscriber") or {}).get("ref") or {}
        for pod in world.services():
            if pod.owner.name == ref.get("name") and "events" not in opened(world, pod):
                yield Fault(trigger, "spec.subscriber", f"{pod.owner} does not open events", "Deliver to the reader")


@rule(
    "ping-door",
    "a PingSource posts, and keeps warm what it reaches: /healthz answers in every role, `/` only a reader's",
)
def ping_door(world: World) -> Iterator[Fault]:
    """To /healthz of what the public reaches, where anything here is public."""
    services, outside = {pod.owner.name for pod in world.services()}, public(world)
    for source in world.all("PingSource"):
        sink = source.spec.get("sink") or {}
        name = (sink.get("ref") or {}).get("name")
        if name in services and sink.get("uri") != "/healthz":
            yield Fault(source, "spec.sink.uri", f"{sink.get('uri', '/')} may be a closed door", "Ping /healthz")
        if name in services and outside and name not in outside:
            yield Fault(source, "spec.sink.ref", f"nobody waits for {name}", f"Ping {', '.join(sorted(outside))}")


@rule("sink-bound", "webhooks are answered only after the sink took the event; K_SINK comes from a SinkBinding")
def sink_bound(world: World) -> Iterator[Fault]:
    """Where a rendering has a broker, whatever Service has the hooks has a SinkBinding."""
    for pod in world.services():
        takes = "hooks" in opened(world, pod)
        if takes and any(world.all("Broker")) and not bound(world, pod.owner):
            yield Fault(pod.owner, "metadata.name", "no SinkBinding names it", "Add one, subject this Service")
