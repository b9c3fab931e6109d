"""What is applied to a cluster: the committed renderings and flat files, and every component by itself and with others.

The committed files are always checked. Those that must be rendered skip, and say so, where kubectl is missing or too
old: Debian 12 has 1.20, and no package of Python or Node brings one that knows components.
"""

from __future__ import annotations

import functools
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from knative.doctor.flags import FIELDS, ON_BY_DEFAULT, PROBES, VOLUMES
from tests import manifests
from tests.knative import schemas
from tests.knative.lint import Cluster, World, lint
from tests.knative.lint.model import RULES
from tests.knative.rendering import FLAT, OVERLAYS, Documents, cluster, combined, committed, documented, flat, kubectl

KNATIVE = manifests.KNATIVE
#: As an overlay of one's own would: yours, with a tag.
IMAGES = [
    {"name": name, "newName": "registry.example.com/zeropage", "newTag": "1.0"} for name in ("zeropage", "zeropage-gpu")
]
#: The order that components ask for: what adds objects, roles, what changes Services.
ADD = [
    "broker",
    "fan-out",
    "reconcile",
    "metrics",
    "network-policy",
    "https",
    "keep-warm",
    "sources/aws-sqs",
    "sources/ceph",
    "sources/gcs",
]
ROLES = ["front-and-reader", "dead-letter"]
CHANGE = ["events-audience", "gpu", "weights-volume", "vlm-server", "api-keys", "sources/webhooks", "redis", "canary",
          "private-registry", "scrape-annotations"]  # fmt: skip
#: Those that need no other component beside them.
ALONE = [name for name in CHANGE if name not in {"gpu", "vlm-server"}]
#: Instead of another one.
INSTEAD = ["weights-image", "redis-external", "hpa-gpu-utilisation", "laptop"]
PLAIN = ["gpu", "weights-volume", "vlm-server", "api-keys", "sources/webhooks", "redis", "private-registry",
         "scrape-annotations"]  # fmt: skip

ON_KNATIVE = {
    **{name: ["broker", name] for name in (*ADD[1:], *ROLES, *ALONE, "weights-image", "redis-external", "laptop")},
    "broker": ["broker"],
    "https": ["broker", "https", "front-and-reader"],
    "broker-rabbitmq": ["sources/aws-sqs", "fan-out", *ROLES, "broker-rabbitmq"],
    "broker-rabbitmq on a gpu": ["fan-out", "dead-letter", "broker-rabbitmq", "gpu", "weights-volume", "vlm-server"],
    "gpu": ["broker", "dead-letter", "gpu", "weights-volume"],
    "gpu with an image of weights": ["broker", "dead-letter", "gpu", "weights-image", "vlm-server"],
    "gpu by its use": ["broker", "dead-letter", "gpu", "weights-volume", "hpa-gpu-utilisation"],
    "accurate rung apart": ["broker", "network-policy", "accurate-apart", "gpu", "weights-volume"],
    "accurate rung apart from all roles": ["broker", *ROLES, "accurate-apart", "gpu", "weights-volume", "vlm-server"],
    "roles on gpu": ["broker", *ROLES, "gpu", "weights-volume", "vlm-server"],
    "job-sink": ["broker", "job-sink"],
    "roles and a cache": ["broker", "network-policy", *ROLES, "redis-external"],
    "roles and every source": [*ADD, *ROLES, "sources/webhooks"],
    "everything": [*ADD, *ROLES, *CHANGE],
}
WITHOUT_KNATIVE = {
    **{name: ["deployment", name] for name in ALONE if name in PLAIN},
    "gpu": ["deployment", "gpu", "weights-volume"],
    "gpu by its use": ["deployment", "gpu", "weights-volume", "hpa-gpu-utilisation"],
    "vlm-server": ["deployment", "gpu", "weights-volume", "vlm-server"],
    "keda-rabbitmq": ["keda-rabbitmq"],
    "keda-rabbitmq, watched": ["metrics", "network-policy", "keda-rabbitmq"],
    "keda-rabbitmq on a gpu": ["keda-rabbitmq", "gpu", "weights-volume", "vlm-server", "private-registry"],
    "job-sink": ["job-sink"],
    "everything": ["deployment", "keda-rabbitmq", *PLAIN],
}

renders = pytest.mark.skipif(kubectl() is not None, reason=f"{kubectl()}: only the committed renderings are checked")
needs_schemas = pytest.mark.skipif(not schemas.SCHEMAS.exists(), reason="the schemas are not at ../shared/schemas")


@functools.cache
def on_knative(name: str) -> Documents:
    """A combination, rendered once; in a namespace that it names, which events-audience asks for."""
    return combined(["base"], ON_KNATIVE[name], images=IMAGES, namespace="documents")


def faults(documents: Documents) -> list[str]:
    """What the linter and the schemas say."""
    world = World.of(documents, cluster=cluster(), documented=documented())
    return [str(finding) for finding in lint(world)] + list(schemas.complaints(documents))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_committed_rendering_is_sound(overlay: str) -> None:
    """Linter and schemas have nothing to say against what is in the repository."""
    assert faults(committed(overlay)) == []


@pytest.mark.parametrize("name", FLAT)
def test_a_flat_file_is_sound(name: str) -> None:
    """The same for what `kn service apply -f` takes; one Service, nothing beside it."""
    assert faults(flat(name)) == []
    [document, *rest] = list(yaml.safe_load_all((KNATIVE / name).read_text(encoding="utf-8")))
    assert (document["kind"], document["apiVersion"], rest) == ("Service", "serving.knative.dev/v1", [])
    assert "serviceAccountName" not in document["spec"]["template"]["spec"]


@needs_schemas
def test_every_kind_has_its_schema() -> None:
    """Nothing is called valid because nobody looked."""
    assert {kind for overlay in OVERLAYS for kind in schemas.unchecked(committed(overlay))} == set()


@renders
def test_what_is_made_is_current() -> None:
    """`make manifests` would change nothing."""
    stale = [path.name for path, text in manifests.made().items() if path.read_text(encoding="utf-8") != text]

    assert stale == []
    assert {path.stem for path in manifests.RENDERED.glob("*.yaml")} == set(OVERLAYS)


@renders
@pytest.mark.parametrize("name", ON_KNATIVE)
def test_components_go_together_on_knative(name: str) -> None:
    """Alone on the base, in pairs that people will want, and all at once."""
    assert faults(on_knative(name)) == []


@renders
@pytest.mark.parametrize("name", WITHOUT_KNATIVE)
def test_components_go_together_without_knative(name: str) -> None:
    """Those that change Services change the Deployment."""
    assert faults(combined(["base/settings"], WITHOUT_KNATIVE[name], images=IMAGES)) == []


@renders
@pytest.mark.parametrize("field", ["nameSuffix", "namePrefix"])
def test_references_follow_a_name(field: str) -> None:
    """Two installations in one namespace: every reference goes to its own."""
    renamed = {field: {"nameSuffix": "-two", "namePrefix": "two-"}[field]}

    everything = [*ADD, *ROLES, "events-audience", "accurate-apart", "gpu", "weights-volume", "redis"]

    assert faults(combined(["base"], everything, images=IMAGES, namespace="documents", **renamed)) == []


def test_every_component_is_in_some_combination() -> None:
    """A new one must be listed here."""
    known = {part for parts in (*ON_KNATIVE.values(), *WITHOUT_KNATIVE.values()) for part in parts}
    there = {
        str(path.parent.relative_to(KNATIVE / "components"))
        for path in KNATIVE.glob("components/**/kustomization.yaml")
    }

    assert sorted(there - known) == []


def kustomizations(*folders: str) -> dict[str, dict[str, Any]]:
    """Every kustomization below some folders, by its path."""
    paths = itertools.chain.from_iterable(KNATIVE.joinpath(folder).rglob("kustomization.yaml") for folder in folders)
    return {str(path.relative_to(KNATIVE)): yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(paths)}


def test_overlays_are_lists_only() -> None:
    """What is optional is a component, which others can list as well."""
    for path, kustomization in kustomizations("overlays").items():
        extra = set(kustomization) - {"apiVersion", "kind", "resources", "components", "images"}
        beside = [other.name for other in (KNATIVE / path).parent.iterdir() if other.name != "kustomization.yaml"]

        assert (path, extra, beside) == (path, set(), [])


def test_knative_services_are_patched_by_operations() -> None:
    """A merge patch would replace the whole list of containers: image and settings would go, in silence."""
    for path, kustomization in kustomizations("base", "components", "overlays").items():
        assert not {"patchesStrategicMerge", "patchesJson6902"} & set(kustomization), path
        for patch in kustomization.get("patches") or []:
            text = patch.get("patch") or (KNATIVE / path).parent.joinpath(patch["path"]).read_text(encoding="utf-8")
            operations = yaml.safe_load(text)

            assert isinstance(operations, list), path
            assert all({"op", "path"} <= set(operation) for operation in operations), path


def test_every_component_says_what_it_is_for() -> None:
    """Its first line is for whoever looks for something to switch on."""
    silent = [
        path
        for path in kustomizations("components", "overlays")
        if not (KNATIVE / path).read_text(encoding="utf-8").startswith("# ")
    ]

    assert silent == []


def needed_flags(documents: Documents) -> set[str]:
    """The flags without which the linter would complain."""
    bare = World.of(documents, cluster=Cluster(), documented=documented())
    told = [
        fault.reason for name in ("pod-feature", "volume-kind", "sidecar-probe") for fault in RULES[name].check(bare)
    ]
    return {flag for reason in told for flag in re.findall(r"kubernetes\.[a-z-]+|multi-container-probing", reason)}


def test_cluster_settings_hold_no_flag_that_does_not_exist() -> None:
    """And none that is on already."""
    known = {*FIELDS.values(), *VOLUMES.values(), PROBES} - set(ON_BY_DEFAULT)

    assert set(cluster().features) <= known
    assert set(cluster().features.values()) == {"enabled"}


@renders
def test_cluster_settings_hold_what_is_needed_and_no_more() -> None:
    """An administrator turns on nothing for nothing: most flags cannot be turned off again."""
    used = set()
    for name, parts in ON_KNATIVE.items():
        if {"gpu", "weights-image", "vlm-server"} & set(parts):
            used |= needed_flags(on_knative(name))

    assert set(cluster().features) == used


@pytest.mark.parametrize("overlay", ["cpu", "local"])
def test_the_small_overlays_need_no_flag(overlay: str) -> None:
    """A Knative as it comes takes them."""
    assert needed_flags(committed(overlay)) == set()


def test_cluster_settings_are_sound() -> None:
    """ConfigMaps of Serving, in its namespace."""
    for path in sorted((KNATIVE / "cluster-settings").rglob("*.yaml")):
        documents = list(yaml.safe_load_all(Path(path).read_text(encoding="utf-8")))

        assert list(schemas.complaints(documents)) == []
        assert {document["metadata"]["namespace"] for document in documents} <= {"knative-serving", "knative-eventing"}
