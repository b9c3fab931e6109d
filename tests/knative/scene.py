"""A world that can be broken: good.yaml, and edits that put, drop or add something."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.knative.lint import Cluster, World
from tests.knative.lint.model import Resource
from tests.knative.rendering import parse

GOOD = Path(__file__).with_name("good.yaml")
FEATURES = ("nodeselector", "tolerations", "persistent-volume-claim")


@functools.cache
def _good() -> str:
    """As JSON: YAML's anchors would let an edit of one place change another."""
    return json.dumps(parse(GOOD.read_text(encoding="utf-8"))[0])


@dataclass
class Scene:
    """What edits change.

    Attributes:
        documents: the manifests.
        features: config-features.
        defaults: config-defaults.
        autoscaler: config-autoscaler.
        eventing: config-features of Eventing.
    """

    documents: list[dict[str, Any]] = field(default_factory=lambda: json.loads(_good()))
    features: dict[str, str] = field(
        default_factory=lambda: {f"kubernetes.podspec-{name}": "enabled" for name in FEATURES}
    )
    defaults: dict[str, str] = field(default_factory=dict)
    autoscaler: dict[str, str] = field(default_factory=dict)
    eventing: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> dict[str, Any]:
        """The document that messages call `Kind/name`."""
        [found] = [document for document in self.documents if str(Resource(document)) == name]
        return found

    def world(self) -> World:
        """For the linter."""
        cluster = Cluster(
            features=self.features, defaults=self.defaults, autoscaler=self.autoscaler, eventing=self.eventing
        )
        return World.of(self.documents, cluster=cluster, documented=frozenset({"pull", "store", "tls"}))


Edit = Callable[[Scene], None]


def after(edits: Iterable[Edit]) -> World:
    """The good world with edits."""
    scene = Scene()
    for edit in edits:
        edit(scene)
    return scene.world()


def _parent(document: Any, pointer: str) -> tuple[Any, Any]:
    """Whoever holds the last part of a path whose parts stand between slashes (`~1` is a slash within one)."""
    *way, last = [part.replace("~1", "/") for part in pointer.split("/")]
    for part in way:
        document = document[int(part)] if isinstance(document, list) else document.setdefault(part, {})
    return document, int(last) if isinstance(document, list) and last != "-" else last


def put(name: str, pointer: str, value: Any) -> Edit:
    """Set a field; `-` at the end of a path appends to a list."""

    def edit(scene: Scene) -> None:
        parent, key = _parent(scene.find(name), pointer)
        if key == "-":
            parent.append(value)
        else:
            parent[key] = value

    return edit


def drop(name: str, pointer: str) -> Edit:
    """Remove a field that is there."""

    def edit(scene: Scene) -> None:
        parent, key = _parent(scene.find(name), pointer)
        del parent[key]

    return edit


def without(name: str) -> Edit:
    """Remove a document."""
    return lambda scene: scene.documents.remove(scene.find(name))


def add(text: str) -> Edit:
    """Another document."""
    return lambda scene: scene.documents.append(yaml.safe_load(text))


def feature(name: str, value: str) -> Edit:
    """Set a flag of config-features."""
    return lambda scene: scene.features.update({name: value})


def default(name: str, value: str) -> Edit:
    """Set a line of config-defaults."""
    return lambda scene: scene.defaults.update({name: value})


def autoscaler(name: str, value: str) -> Edit:
    """Set a line of config-autoscaler."""
    return lambda scene: scene.autoscaler.update({name: value})


READER, LETTERS, PLAIN = "Service/reader", "Service/letters", "Deployment/plain"
SPEC = "spec/template/spec"
FIRST = f"{SPEC}/containers/0"
NOTES = "spec/template/metadata/annotations"


def scaled(name: str, value: Any, service: str = READER) -> Edit:
    """Set an annotation of the autoscaler."""
    return put(service, f"{NOTES}/autoscaling.knative.dev~1{name}", value)


def unscaled(name: str) -> Edit:
    """Remove one."""
    return drop(READER, f"{NOTES}/autoscaling.knative.dev~1{name}")


def variable(name: str, value: str, owner: str = READER) -> Edit:
    """One more variable for the container."""
    return put(owner, f"{FIRST}/env/-", {"name": name, "value": value})


#: A rule, and edits after which it must find something, or after which it must still be content.
Case = tuple[Any, ...]
