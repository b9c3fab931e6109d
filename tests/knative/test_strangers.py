"""The doctor refuses what would let strangers in: each planted fault is named by its field, its reason, its remedy."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from function import roles
from function.settings import SettingsError
from knative.doctor import __main__ as doctor
from knative.doctor.manifests import Manifests
from knative.doctor.strangers import DOORS, LOCKS, NEEDS, ROLES, VISIBILITY, strangers
from tests.knative.fake_cluster import FakeCluster
from tests.knative.lint.parsing import parsed
from tests.knative.rendering import Documents, committed

INSIDE = {VISIBILITY: "cluster-local"}
BUCKETS = {"OCR_INBOX": "s3://uploads", "OCR_RESULTS": "s3://results"}
LOCKED = {"OCR_API_KEYS_FILE": "/keys", "OCR_HOOK_TOKENS_FILE": "/tokens"}


def pod(**values: str) -> dict[str, Any]:
    """A template whose container serves, with variables."""
    env = [{"name": name, "value": value} for name, value in values.items()]
    container = {"name": "zeropage", "ports": [{"containerPort": 8080}], "env": env}
    return {"metadata": {"labels": {"app": "zeropage"}}, "spec": {"containers": [container]}}


def service(name: str, labels: dict[str, str] | None = None, **values: str) -> dict[str, Any]:
    """Of Knative."""
    metadata = {"name": name, "labels": labels or {}}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"template": pod(**values)},
    }


def mapping(name: str) -> dict[str, Any]:
    """A DomainMapping to a Service."""
    spec = {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": name}}
    metadata = {"name": "zeropage.example.com"}
    return {"apiVersion": "serving.knative.dev/v1beta1", "kind": "DomainMapping", "metadata": metadata, "spec": spec}


def ingress(path: str) -> dict[str, Any]:
    """To the core Service `zeropage`."""
    backend = {"service": {"name": "zeropage", "port": {"name": "http"}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "way"},
        "spec": {"rules": [{"http": {"paths": [{"path": path, "backend": backend}]}}]},
    }


def plain(**values: str) -> Documents:
    """A Deployment, and the core Service in front of it."""
    spec = {"selector": {"app": "zeropage"}}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": pod(**values)}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "zeropage"}, "spec": spec},
    ]


def front(**values: str) -> dict[str, Any]:
    """What strangers may reach."""
    return service("front", OCR_DOORS="front,parse", **BUCKETS | values)


EVENTS, KEYS, TOKENS = (lock.setting for lock in LOCKS)
#: Manifests, and the ways in with the settings that they lack.
FAULTS: dict[str, tuple[Documents, set[tuple[str, str]]]] = {
    "a name leads to the reader": (
        [service("reader", INSIDE, OCR_DOORS="reader,deadletter", **BUCKETS, **LOCKED), mapping("reader")],
        {("DomainMapping zeropage.example.com", EVENTS)},
    ),
    "a name leads to the dead letters": (
        [service("letters", INSIDE, OCR_DOORS="deadletter", **BUCKETS), mapping("letters")],
        {("DomainMapping zeropage.example.com", EVENTS)},
    ),
    "all doors have an address": ([service("all", **BUCKETS, **LOCKED)], {("Service all", EVENTS)}),
    "the label is an annotation": (
        [service("all", {"visibility": "cluster-local"}, **LOCKED, **BUCKETS)],
        {("Service all", EVENTS)},
    ),
    "nothing is asked for": ([service("all", **BUCKETS)], {("Service all", name) for name in (EVENTS, KEYS, TOKENS)}),
    "no keys": ([front(OCR_HOOK_TOKENS_FILE="/tokens")], {("Service front", KEYS)}),
    "no tokens": ([front(OCR_API_KEYS_FILE="/keys")], {("Service front", TOKENS)}),
    "a file without a name": ([front(**LOCKED | {KEYS: ""})], {("Service front", KEYS)}),
    "no key where nothing but a page is read": ([service("parse")], {("Service parse", KEYS)}),
    "no keys behind a name": (
        [
            service("front", INSIDE, OCR_DOORS="front,parse", OCR_HOOK_TOKENS_FILE="/tokens", **BUCKETS),
            mapping("front"),
        ],
        {("DomainMapping zeropage.example.com", KEYS)},
    ),
    "an Ingress to what has no key": (
        [*plain(OCR_HOOK_TOKENS_FILE="/tokens", **BUCKETS), ingress("/v1")],
        {("Ingress way", KEYS)},
    ),
    "an Ingress to every path": ([*plain(**BUCKETS, **LOCKED), ingress("/")], {("Ingress way", EVENTS)}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named_with_its_remedy(name: str) -> None:
    """Which way in, by which field, what strangers could do there, the setting that is missing, and what to list."""
    documents, wanted = FAULTS[name]
    found = list(strangers(Manifests(documents)))

    assert {
        (finding.what, lock.setting) for finding in found for lock in LOCKS if lock.setting in finding.found
    } == wanted
    assert {finding.state for finding in found} == {"missing"}
    for finding in found:
        assert finding.found.startswith(("metadata.labels: ", "spec.ref: ", "spec.rules: "))
        assert "list components/" in finding.mend


SOUND: dict[str, Documents] = {
    "inside": [service("all", INSIDE, **BUCKETS)],
    "keys and tokens": [front(**LOCKED)],
    "keys and tokens behind a name": [front(**LOCKED), mapping("front")],
    "deliveries show tokens": [service("all", **BUCKETS, **LOCKED, OCR_EVENTS_AUDIENCE="ours")],
    "no buckets": [service("parse", OCR_API_KEYS_FILE="/keys")],
    "an Ingress to what asks": [*plain(**BUCKETS, **LOCKED), ingress("/v1"), ingress("/hooks")],
    "an Ingress to somebody else": [*plain(**BUCKETS)[:1], ingress("/v1")],
}


@pytest.mark.parametrize("name", SOUND)
def test_what_asks_who_is_there_is_let_pass(name: str) -> None:
    """Near the fault, but none."""
    assert {finding.state for finding in strangers(Manifests(SOUND[name]))} <= {"ok"}


def test_a_name_that_leads_nowhere_is_refused() -> None:
    """`https` without `front-and-reader`."""
    [found, rest] = strangers(Manifests([service("zeropage", INSIDE), mapping("zeropage-front")]))

    assert (found.state, found.what) == ("missing", "DomainMapping zeropage.example.com")
    assert "zeropage-front is not among these manifests" in found.found
    assert "list components/front-and-reader" in found.mend
    assert (rest.state, rest.found) == ("ok", "none")


def test_a_service_with_holes_is_held_to_be_open() -> None:
    """A traceback would tell nobody what is wrong; Knative refuses such a one anyway."""
    empty = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "empty"}}

    assert {finding.state for finding in strangers(Manifests([empty]))} == {"missing"}


def test_values_are_those_that_the_container_gets() -> None:
    """A variable wins over the ConfigMap; what comes from elsewhere is held to be set."""
    document = front(OCR_HOOK_TOKENS_FILE="/tokens")
    container = document["spec"]["template"]["spec"]["containers"][0]
    container["envFrom"] = [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "s"}}]
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {KEYS: "/keys"}}

    assert [finding.state for finding in strangers(Manifests([document, settings]))] == ["ok"]
    container["env"].append({"name": KEYS, "value": ""})
    assert [finding.state for finding in strangers(Manifests([document, settings]))] == ["missing"]
    container["env"][-1] = {"name": KEYS, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    assert [finding.state for finding in strangers(Manifests([document, settings]))] == ["ok"]


@pytest.mark.parametrize(
    ("overlay", "ways", "states"),
    [
        ("cpu", {"ways in from outside"}, {"ok"}),
        ("gpu", {"ways in from outside"}, {"ok"}),
        ("production", {"Service zeropage-front", "DomainMapping zeropage.example.com"}, {"ok"}),
        ("local", {"Service zeropage"}, {"missing"}),
        ("kubernetes", {"Ingress zeropage"}, {"missing"}),
    ],
)
def test_overlays_are_closed_or_said_to_be_open(overlay: str, ways: set[str], states: set[str]) -> None:
    """A laptop's is open to whoever reaches its domain; without Knative keys are one's own to list."""
    found = list(strangers(Manifests(committed(overlay))))

    assert ({finding.what for finding in found}, {finding.state for finding in found}) == (ways, states)


def test_the_doors_are_those_of_the_function() -> None:
    """The doctor imports nothing of the function's, so what it knows of doors is compared."""
    assert (DOORS, ROLES) == (roles.DOORS, roles.ROLES)
    assert {door for lock in LOCKS for door in lock.doors} == set(DOORS)
    for door in DOORS:
        if door in NEEDS:
            with pytest.raises(SettingsError, match=f"it opens {door}, which needs .*{NEEDS[door]}"):
                roles.open_doors(parsed({"OCR_DOORS": door}))
        else:
            assert roles.open_doors(parsed({"OCR_DOORS": door})) == {door}


def _run(documents: Documents, folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str, reached: bool = True) -> int:
    cluster = FakeCluster.good(documents)
    if not reached:
        cluster.failures["get --raw /version"] = "The connection to the server localhost:8080 was refused\n"
    monkeypatch.setenv("PATH", f"{cluster.write(folder / 'bin')}{os.pathsep}{os.environ['PATH']}")
    return doctor.main(["production", *words])


OPEN = FAULTS["a name leads to the reader"][0]


@pytest.mark.parametrize(
    ("documents", "words", "reached", "code"),
    [
        (OPEN, [], True, 1),
        (OPEN, [], False, 1),
        (OPEN, ["--offline"], False, 1),
        (OPEN, ["--offline", "--trusted"], False, 0),
        (SOUND["keys and tokens"], ["--offline"], False, 0),
        (SOUND["keys and tokens"], [], False, 75),
    ],
)
def test_it_refuses_without_a_cluster_too(
    documents: Documents,
    words: list[str],
    reached: bool,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before anything is applied; who trusts whoever reaches the ingress says so, and is told all the same."""
    assert _run(json.loads(json.dumps(documents)), tmp_path, monkeypatch, *words, reached=reached) == code
    told = capsys.readouterr()
    assert ("cannot be read" in told.err) == (not reached and "--offline" not in words)
    if documents is OPEN:
        assert f"{'advice' if '--trusted' in words else 'missing'}  " in told.out
        assert "strangers hand in events or dead letters without a token" in told.out


def test_the_report_names_field_reason_and_remedy() -> None:
    """As a person reads it."""
    told = doctor.report(list(strangers(Manifests(OPEN))))
    [head, remedy, _] = told.splitlines()

    assert head.split(maxsplit=3)[:3] == ["missing", "DomainMapping", "zeropage.example.com"]
    assert "spec.ref: reader: strangers hand in" in head
    assert "front-and-reader" in remedy
