"""The folder that knative/README.md tells to make: its blocks render, and no order of a list lets strangers in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from knative.doctor.manifests import Manifests
from knative.doctor.strangers import VISIBILITY, strangers
from tests.knative import readme
from tests.knative.lint import World
from tests.knative.lint.doors import opened, public
from tests.knative.rendering import combined
from tests.knative.test_renderings import IMAGES, ROLES, faults, renders
from tests.manifests import KNATIVE

#: The YAML of the page, in its order, and what is listed besides to try it.
FOLDERS = {
    "as told": ([0], "base", []),
    "without Knative": ([2], "base/settings", []),
    "with SQS": ([0, 3], "base", ["sources/aws-sqs"]),
    "with a name and GPUs": ([0, 4], "base", ["https", *ROLES, "gpu", "weights-volume", "api-keys"]),
    "with places of one's own": ([0, 5], "base", ["metrics", "network-policy"]),
    "with a server of one's own": ([0, 6], "base", ["dead-letter", "gpu", "weights-volume", "vlm-server"]),
    "with long documents": ([0, 7], "base", ["fan-out"]),
    "with tokens": ([0, 8], "base", ["network-policy", *ROLES, "events-audience", "api-keys"]),
    "with a canary": ([0, 9], "base", ["canary"]),
    "before strangers": ([0, 1], "base", []),
}


@renders
@pytest.mark.parametrize("name", FOLDERS)
def test_the_folder_that_is_told_renders_and_is_sound(name: str) -> None:
    """It can be applied: kubectl takes it, the linter has nothing against it, and the values have arrived."""
    places, base, added = FOLDERS[name]
    site: dict[str, Any] = {}
    for place in places:
        block = yaml.safe_load(readme.blocks("yaml")[place])
        site |= block | {key: [*site.get(key, []), *block.get(key, [])] for key in ("patches", "images")}
    assert site["resources"] == [f"../knative/{base}"]
    listed = [path.removeprefix("../knative/components/") for path in site["components"]]
    more = {
        key: value for key, value in site.items() if key in {"images", "configMapGenerator", "patches", "namespace"}
    }
    more["images"] += [{"name": "zeropage-gpu", "newName": "registry.example.com/team/zeropage-gpu", "newTag": "1"}]
    documents = combined([base], [*listed[:1], *added, *listed[1:]], **more)
    settings = next(d["data"] for d in documents if d["kind"] == "ConfigMap" and "OCR_INBOX" in d["data"])
    world = World.of(documents)
    events = {pod.owner.name for pod in world.services() if {"events", "deadletter"} & opened(world, pod)}

    assert faults(documents) == []
    assert events - public(world) == events, "strangers reach doors that ask for no key"
    assert {finding.state for finding in strangers(Manifests(documents))} <= {"ok"}, "the doctor refuses it"
    assert (settings["OCR_INBOX"], settings["OCR_SLOTS"]) == ("s3://uploads", "8")
    assert (
        _patched(documents)
        == {
            "as told": set(),
            "without Knative": {"documents.example.org"},
            "with SQS": {"eu-west-1", "arn:aws:sqs:eu-west-1:111122223333:uploads"},
            "with a name and GPUs": {"documents.example.org", "my-issuer", "2"},
            "with places of one's own": {"my-minio", "my-prometheus", "my-release"},
            "with a server of one's own": {"team/vllm-openai:v0.11.2"},
            "with long documents": {"OCR_SPLIT_SECONDS"},
            "with tokens": set(),
            "with a canary": {"zeropage-00007"},
            "before strangers": {"documents.example.org"},
        }[name]
    )


def _listed(place: int) -> list[str]:
    """The components of a YAML block, in its order."""
    block = yaml.safe_load(readme.blocks("yaml")[place])
    return [path.removeprefix("../knative/components/") for path in block["components"]]


def _mounted(service: dict[str, Any]) -> set[str]:
    return {volume["name"] for volume in service["spec"]["template"]["spec"]["volumes"]}


def _world_is_kept_out(documents: list[dict[str, Any]]) -> None:
    """The name leads to the front; keys and tokens are the front's; reader and dead letters are the cluster's."""
    services = {d["metadata"]["name"]: d for d in documents if d["apiVersion"].startswith("serving.") and
                d["kind"] == "Service"}  # fmt: skip
    [leads] = [d["spec"]["ref"]["name"] for d in documents if d["kind"] == "DomainMapping"]
    outside = {name for name, d in services.items() if VISIBILITY not in d["metadata"]["labels"]}
    world = World.of(documents)
    doors = {pod.owner.name: opened(world, pod) for pod in world.services()}

    assert (leads, outside) == ("zeropage-front", {"zeropage-front"})
    assert {name for name, d in services.items() if {"api-keys", "hook-tokens"} <= _mounted(d)} == outside
    assert doors["zeropage-front"] == {"jobs", "hooks", "parse"}
    assert doors["zeropage"] >= {"parse", "events"}
    assert doors["zeropage-deadletter"] == {"deadletter"}
    assert faults(documents) == []
    assert {finding.state for finding in strangers(Manifests(documents))} == {"ok"}


@renders
def test_the_list_that_is_told_keeps_strangers_out() -> None:
    """As it stands on the page, in its order; and production, which is this list and more."""
    told = _listed(1)
    overlay = yaml.safe_load((KNATIVE / "overlays/production/kustomization.yaml").read_text(encoding="utf-8"))
    production = [path.removeprefix("../../components/") for path in overlay["components"]]

    _world_is_kept_out(combined(["base"], told, images=IMAGES))
    assert [name for name in production if name in told] == told
    added = {code for row in readme.table("Added") for code in readme.codes(row[0])}
    assert added == set(told) - set(_listed(0))


#: Of the list that the page tells, what concerns strangers, in orders that somebody may append it in.
ORDERS = [
    ["sources/webhooks", "front-and-reader", "dead-letter", "api-keys", "https"],  # behind the folder of step 4
    ["front-and-reader", "dead-letter", "api-keys", "sources/webhooks", "https"],
    ["api-keys", "sources/webhooks", "https", "front-and-reader", "dead-letter"],
    ["https", "api-keys", "front-and-reader", "sources/webhooks", "dead-letter"],
    ["dead-letter", "front-and-reader", "https", "sources/webhooks", "api-keys"],
]


@renders
@pytest.mark.parametrize("order", ORDERS, ids=[" ".join(order) for order in ORDERS])
def test_no_order_lets_strangers_in(order: list[str]) -> None:
    """It builds and keeps them out, or it does not build, and what fails says what is listed too early."""
    locks = [order.index(name) for name in ("api-keys", "sources/webhooks")]
    if min(locks) > order.index("front-and-reader"):
        _world_is_kept_out(combined(["base"], ["broker", *order], images=IMAGES))
        return
    with pytest.raises(RuntimeError, match=r"components/front-and-reader.*testing value /spec/template/spec/volumes"):
        combined(["base"], ["broker", *order], images=IMAGES)


@renders
def test_keys_before_the_deployment_that_they_lock_are_refused() -> None:
    """It builds, since there is nothing yet that could be tested; so the doctor says it."""
    documents = combined(["base/settings"], ["api-keys", "sources/webhooks", "deployment"], images=IMAGES)
    found = list(strangers(Manifests(documents)))

    assert [(finding.state, finding.what) for finding in found] == [("missing", "Ingress zeropage")] * 2
    assert all("after front-and-reader or deployment" in finding.mend for finding in found)


@renders
def test_dead_letters_are_not_left_without_their_token() -> None:
    """`events-audience` locks the Services that are there: `dead-letter` behind it does not build."""
    with pytest.raises(RuntimeError, match=r"components/dead-letter.*testing value /spec/subscriber/audience"):
        combined(["base"], ["broker", "events-audience", "dead-letter"], images=IMAGES, namespace="documents")


def _patched(documents: list[dict[str, Any]]) -> set[str]:
    """Which of the values that the page puts in have arrived."""
    text = json.dumps(documents)
    assert "zeropage.example.com" not in text
    values = r"arn:aws:sqs:eu-west-1:\S+|eu-west-1|documents\.example\.org|my-[a-z]+|OCR_SPLIT_SECONDS|zeropage-\d{5}"
    found = set(re.findall(rf'"({values})"|registry\.example\.com/(team/vllm-\S+?)"', text))
    found = {part for parts in found for part in parts if part}
    scaled = [d for d in documents if "nvidia.com/gpu" in json.dumps(d) and 'max-scale": "2"' in json.dumps(d)]
    return found | ({"2"} if scaled else set())
