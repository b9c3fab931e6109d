"""Which revision gets which share."""

from __future__ import annotations

from collections.abc import Iterator

from tests.knative.lint.identity import LABEL
from tests.knative.lint.model import KNATIVE, Fault, World, number, rule


@rule("traffic-sum", "percentages sum to 100 (webhook)")
def traffic_sum(world: World) -> Iterator[Fault]:
    """A canary takes from somebody."""
    for service in world.all("Service"):
        traffic = service.spec.get("traffic") or []
        total = sum(number(target.get("percent")) or 0 for target in traffic)
        if traffic and total != 100:
            yield Fault(service, "spec.traffic", f"the shares sum to {total:g}", "Make them 100")


@rule("traffic-target", "each target names a revision or latestRevision: true, not both; tags are labels and differ")
def traffic_target(world: World) -> Iterator[Fault]:
    """So that each share has an owner, and each tag an address of its own."""
    for service in world.all("Service"):
        tags = set()
        for index, target in enumerate(service.spec.get("traffic") or []):
            path = f"spec.traffic[{index}]"
            if bool(target.get("revisionName")) == bool(target.get("latestRevision")):
                yield Fault(service, path, "names no revision, or two", "Say revisionName, or latestRevision: true")
            tag = target.get("tag")
            if tag is not None and (not LABEL.fullmatch(str(tag)) or tag in tags):
                yield Fault(service, f"{path}.tag", f"{tag!r} is no label of its own", "Choose another tag")
            tags.add(tag)


@rule("visibility", "cluster-local is a label, not an annotation; as annotation it does nothing and the door is public")
def visibility(world: World) -> Iterator[Fault]:
    """And its only value is cluster-local."""
    name = f"networking.{KNATIVE.partition('.')[2]}/visibility"
    for service in world.all("Service"):
        value = (service.metadata.get("labels") or {}).get(name)
        if name in service.annotations or value not in {None, "cluster-local"}:
            yield Fault(service, f"metadata.labels[{name}]", "is no label cluster-local", "Make it one")
