"""Names, images, and that a patch lost nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.knative.lint.model import KNATIVE, Fault, World, rule

LABEL = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
LATEST = "latest"


@rule("service-name", "a Knative Service is named by a DNS-1035 label of at most 63 characters (webhook)")
def service_name(world: World) -> Iterator[Fault]:
    """It becomes a host name."""
    for service in world.all("Service"):
        if not LABEL.fullmatch(service.name) or len(service.name) > 63:
            yield Fault(service, "metadata.name", f"{service.name!r} is no DNS label", "Use a-z, 0-9 and -")


@rule("revision-name", "template.metadata.name begins with the Service's name and a dash (webhook)")
def revision_name(world: World) -> Iterator[Fault]:
    """Left out is best: then each change makes a revision of its own."""
    for pod in world.services():
        name = (pod.template.get("metadata") or {}).get("name")
        if name is not None and not str(name).startswith(f"{pod.owner.name}-"):
            yield Fault(
                pod.owner, "spec.template.metadata.name", f"{name!r} belongs to another Service", "Leave it out"
            )


@rule("unique", "two documents of one kind and name: the later would overwrite the earlier")
def unique(world: World) -> Iterator[Fault]:
    """Two components that bring the same thing."""
    seen = set()
    for resource in world.resources:
        key = (resource.group, resource.kind, resource.metadata.get("namespace"), resource.name)
        if key in seen:
            yield Fault(resource, "metadata.name", "stands twice", "Keep one")
        seen.add(key)


@rule("image-present", "a strategic merge replaces a Knative Service's whole list of containers; the image vanishes")
def image_present(world: World) -> Iterator[Fault]:
    """Of every container of every pod."""
    for pod in world.pods():
        if not pod.spec.get("containers"):
            yield pod.fault("containers", "there is no container", "Patch with JSON 6902, never by merge")
        for path, container in pod.containers():
            if not container.get("image"):
                yield pod.fault(f"{path}.image", "there is no image", "Patch with JSON 6902, never by merge")


@rule("environment-present", "the same merge takes env and envFrom along, and the function starts with defaults")
def environment_present(world: World) -> Iterator[Fault]:
    """Whatever serves has at least its ConfigMap."""
    for pod in world.pods():
        if pod.serves and not world.values(pod):
            yield pod.fault("containers[0].envFrom", "no settings reach it", "Patch with JSON 6902, never by merge")


@rule("image-tag", "latest is another image tomorrow: a revision would no longer say what runs")
def image_tag(world: World) -> Iterator[Fault]:
    """A tag or a digest, on each image."""
    for pod in world.pods():
        for path, container in pod.containers():
            image = str(container.get("image", ""))
            tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
            if image and "@" not in image and tag in {"", LATEST}:
                yield pod.fault(f"{path}.image", f"{image!r} names no version", "Give it a tag or a digest")


@rule("image-pull", "with pull policy Always each cold start asks the registry, and fails where it is away")
def image_pull(world: World) -> Iterator[Fault]:
    """IfNotPresent is Kubernetes' default for anything but latest."""
    for pod in world.pods():
        for path, container in pod.containers():
            if container.get("imagePullPolicy") == "Always":
                yield pod.fault(f"{path}.imagePullPolicy", "Always slows every start", "Use IfNotPresent")


@rule("label-domain", "Serving's webhook refuses every label of a Service below serving.knative.dev (validateLabels)")
def label_domain(world: World) -> Iterator[Fault]:
    """That prefix is its own, for what it puts on revisions and pods."""
    for service in world.all("Service"):
        for name in service.metadata.get("labels") or {}:
            if name.startswith(f"{KNATIVE}/"):
                yield Fault(service, f"metadata.labels[{name}]", "the prefix is Serving's own", "Use ours")


@rule(
    "annotations-are-strings", "annotations and labels are strings; a bare 2 or true in YAML is refused by the server"
)
def annotations_are_strings(world: World) -> Iterator[Fault]:
    """Of resources and of templates."""
    for resource in world.resources:
        places = [("metadata", resource.metadata)]
        places += [
            (f"{pod.path}.metadata", pod.template.get("metadata") or {})
            for pod in world.pods()
            if pod.owner is resource and pod.path
        ]
        for path, metadata in places:
            for kind in ("annotations", "labels"):
                for name, value in (metadata.get(kind) or {}).items():
                    if not isinstance(value, str):
                        yield Fault(resource, f"{path}.{kind}[{name}]", f"{value!r} is no string", "Put it in quotes")
