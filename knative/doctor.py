#!/usr/bin/env python3
"""What a cluster lacks for what you are about to apply, with the command that mends it.

    make doctor OVERLAY=gpu                                          # one of knative/rendered/
    kubectl kustomize my/overlay | python3 knative/doctor.py -        # your own

It reads the manifests, asks the cluster only for what they need, and changes nothing: rights to get and list are enough,
and what they do not reach is called unknown. Of Secrets it asks the names, never the contents. Needs kubectl and Python's
own library; stands alone, so it can be copied to wherever the cluster is reached from.

Exit codes: 0 nothing is missing, 1 something is, 2 usage, 75 the cluster cannot be reached.
"""

from __future__ import annotations

import argparse
import functools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

RENDERED = Path(__file__).resolve().parent / "rendered"
SERVING, EVENTING = "knative-serving", "knative-eventing"
#: Versions that the manifests were written for and run on; older ones may do, but nobody has tried.
TRIED = {SERVING: (1, 23), EVENTING: (1, 22)}
#: Fields of a Knative Service that need a flag of config-features (Serving v1.23, pkg/apis/serving/fieldmask.go).
FIELD_FLAGS = {
    "affinity": "kubernetes.podspec-affinity",
    "dnsConfig": "kubernetes.podspec-dnsconfig",
    "dnsPolicy": "kubernetes.podspec-dnspolicy",
    "hostAliases": "kubernetes.podspec-hostaliases",
    "hostIPC": "kubernetes.podspec-hostipc",
    "hostNetwork": "kubernetes.podspec-hostnetwork",
    "hostPID": "kubernetes.podspec-hostpid",
    "initContainers": "kubernetes.podspec-init-containers",
    "nodeSelector": "kubernetes.podspec-nodeselector",
    "priorityClassName": "kubernetes.podspec-priorityclassname",
    "runtimeClassName": "kubernetes.podspec-runtimeclassname",
    "schedulerName": "kubernetes.podspec-schedulername",
    "securityContext": "kubernetes.podspec-securitycontext",
    "shareProcessNamespace": "kubernetes.podspec-shareprocessnamespace",
    "tolerations": "kubernetes.podspec-tolerations",
    "topologySpreadConstraints": "kubernetes.podspec-topologyspreadconstraints",
}
VOLUME_FLAGS = {
    "emptyDir": "kubernetes.podspec-volumes-emptydir",
    "persistentVolumeClaim": "kubernetes.podspec-persistent-volume-claim",
    "image": "kubernetes.podspec-volumes-image",
    "csi": "kubernetes.podspec-volumes-csi",
    "ephemeral": "kubernetes.podspec-volumes-ephemeral",
    "hostPath": "kubernetes.podspec-volumes-hostpath",
}
ON_BY_DEFAULT = {"kubernetes.podspec-volumes-emptydir"}
MAX_TIMEOUT = 600
#: Who brings the kinds of a group.
MAKERS = {
    "serving.knative.dev": "install Knative Serving: https://knative.dev/docs/install/",
    "eventing.knative.dev": "install Knative Eventing: https://knative.dev/docs/install/",
    "sources.knative.dev": "install Knative Eventing: https://knative.dev/docs/install/",
    "cert-manager.io": "install cert-manager, or leave components/https out",
    "keda.sh": "install KEDA, or leave the component that scales by it out",
    "monitoring.coreos.com": "install the Prometheus operator, or leave components/metrics out",
}
#: Who serves a class of brokers, by its deployments.
BROKERS = {
    "MTChannelBasedBroker": ("mt-broker-controller", "mt-broker-ingress", "mt-broker-filter"),
    "RabbitMQBroker": ("rabbitmq-broker-controller",),
    "Kafka": ("kafka-controller",),
}
CHANNEL_PARTS = ("imc-controller", "imc-dispatcher")
GPU = "nvidia.com/gpu"


class Finding(NamedTuple):
    """One line of the report: `ok`, `missing`, `advice` or `unknown`."""

    state: str
    what: str
    found: str
    mend: str = ""


class Unreadable(Exception):
    """The cluster did not tell: no rights, or no answer."""


class Kubectl:
    """The cluster, through kubectl's own configuration."""

    def __init__(self, arguments: Sequence[str], namespace: str) -> None:
        self.command = ["kubectl", *arguments]
        self.namespace = ["--namespace", namespace] if namespace else []

    @functools.cache  # noqa: B019 - one of these lives as long as the program
    def run(self, *arguments: str, text: str | None = None) -> str | None:
        """What kubectl prints; None where there is no such thing. Raises Unreadable."""
        try:
            done = subprocess.run(
                [*self.command, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False
            )
        except FileNotFoundError:
            raise Unreadable("kubectl is not installed") from None
        except subprocess.TimeoutExpired:
            raise Unreadable("kubectl did not answer within 60 s") from None
        if done.returncode == 0:
            return done.stdout
        if "NotFound" in done.stderr or "have a resource type" in done.stderr:
            return None
        raise Unreadable(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "kubectl failed")

    def get(self, *arguments: str) -> dict[str, Any] | None:
        """One object or a list, parsed."""
        told = self.run("get", *arguments, "--output", "json")
        return json.loads(told) if told else None

    def items(self, *arguments: str) -> list[dict[str, Any]]:
        """The members of a list."""
        return (self.get(*arguments) or {}).get("items", [])

    def settings(self, namespace: str, name: str) -> dict[str, str]:
        """The data of a ConfigMap of Knative's; empty where it has none."""
        return (self.get("configmap", name, "--namespace", namespace) or {}).get("data") or {}

    def deployments(self, namespace: str) -> dict[str, dict[str, Any]]:
        """By name."""
        return {item["metadata"]["name"]: item for item in self.items("deployments", "--namespace", namespace)}

    def manifests(self, source: str) -> Manifests:
        """A file of YAML, or `-`; kubectl itself turns it into JSON, without asking any server."""
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        local = ("label", "--local", "--filename", "-", "doctor=asks", "--output", "json")
        return Manifests(list(_each(self.run(*local, text=text) or "")))


def _each(text: str) -> Iterator[dict[str, Any]]:
    decoder, place = json.JSONDecoder(), 0
    while match := re.compile(r"\s*").match(text, place):
        if match.end() == len(text):
            return
        document, place = decoder.raw_decode(text, match.end())
        yield from document.get("items", [document])


def dig(data: Any, path: str) -> list[Any]:
    """Everything at a dotted path; lists are gone through."""
    found = [data]
    for key in path.split("."):
        found = [item.get(key) for item in found if isinstance(item, dict)]
        found = [inner for item in found for inner in (item if isinstance(item, list) else [item]) if inner is not None]
    return found


class Manifests:
    """What is about to be applied."""

    def __init__(self, documents: Sequence[dict[str, Any]]) -> None:
        self.documents = documents

    def of(self, kind: str, group: str = "") -> list[dict[str, Any]]:
        """All of a kind, of a group if it matters."""
        return [item for item in self.documents if item["kind"] == kind and item["apiVersion"].startswith(group)]

    def services(self) -> list[dict[str, Any]]:
        """Knative's."""
        return self.of("Service", "serving.knative.dev/")

    def pods(self) -> list[dict[str, Any]]:
        """Every pod's spec."""
        paths = ("spec.template.spec", "spec.jobTemplate.spec.template.spec")
        return [spec for item in self.documents for path in paths for spec in dig(item, path)]

    def uses(self, namespace: str) -> bool:
        """Whether Serving or Eventing is needed at all."""
        ends = {SERVING: "serving.knative.dev/", EVENTING: ".knative.dev/"}[namespace]
        return any(ends in item["apiVersion"] and (namespace == SERVING) == ("serving." in item["apiVersion"])
                   for item in self.documents)


def apis(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Kinds that are not Kubernetes' own are installed."""
    kinds = sorted({(item["apiVersion"], item["kind"]) for item in manifests.documents if _custom(item["apiVersion"])})
    for version, kind in kinds:
        told = cluster.run("get", "--raw", f"/apis/{version}")
        known = {resource["kind"] for resource in json.loads(told or "{}").get("resources", [])}
        mend = MAKERS.get(version.partition("/")[0], f"install what brings {version}")
        yield Finding("ok" if kind in known else "missing", f"kind {kind}", version, mend)


def _custom(version: str) -> bool:
    group = version.partition("/")[0]
    return "." in group and not group.endswith(".k8s.io")


def versions(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Serving and Eventing run, in versions that were tried."""
    for namespace, name in ((SERVING, "controller"), (EVENTING, "eventing-controller")):
        if not manifests.uses(namespace):
            continue
        labels = dig(cluster.deployments(namespace).get(name), "metadata.labels")
        found = labels[0].get("app.kubernetes.io/version", "unknown") if labels else "not there"
        number = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
        tried = ".".join(map(str, TRIED[namespace]))
        state = "missing" if not labels else "ok" if number >= TRIED[namespace] else "advice"
        mend = f"https://knative.dev/docs/install/ ({tried} was tried; older ones may do)"
        yield Finding(state, namespace, found, mend)


def features(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Flags of config-features that fields of the Services need."""
    wanted: dict[str, str] = {}
    for spec in dig(manifests.services(), "spec.template.spec") if False else _specs(manifests):
        wanted |= {FIELD_FLAGS[field]: field for field in spec if field in FIELD_FLAGS}
        for volume in spec.get("volumes") or []:
            wanted |= {VOLUME_FLAGS[kind]: kind for kind in volume if kind in VOLUME_FLAGS}
            if "persistentVolumeClaim" in volume and not volume["persistentVolumeClaim"].get("readOnly"):
                wanted["kubernetes.podspec-persistent-volume-write"] = "a claim without readOnly"
    for flag, field in sorted(wanted.items()):
        default = "enabled" if flag in ON_BY_DEFAULT else "disabled"
        value = cluster.settings(SERVING, "config-features").get(flag, default)
        state = "ok" if value.lower() in {"enabled", "allowed"} else "missing"
        yield Finding(state, f"feature {flag}", f"{value} ({field} needs it)", _patch("config-features", flag, "enabled"))


def _specs(manifests: Manifests) -> list[dict[str, Any]]:
    return [spec for service in manifests.services() for spec in dig(service, "spec.template.spec")]


def _patch(name: str, key: str, value: str, namespace: str = SERVING) -> str:
    change = json.dumps({"data": {key: value}}, separators=(",", ":"))
    return f"kubectl patch configmap {name} --namespace {namespace} --type merge --patch '{change}'"


def timeouts(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """The longest timeoutSeconds is allowed, and the activator lives long enough to keep it."""
    longest = max((spec.get("timeoutSeconds", 300) for spec in _specs(manifests)), default=0)
    if not longest:
        return
    key = "max-revision-timeout-seconds"
    allowed = int(cluster.settings(SERVING, "config-defaults").get(key, MAX_TIMEOUT))
    state = "ok" if allowed >= longest else "missing"
    yield Finding(state, key, f"{allowed}, {longest} needed", _patch("config-defaults", key, str(longest)))
    grace = dig(cluster.deployments(SERVING).get("activator"), "spec.template.spec.terminationGracePeriodSeconds")
    seconds = grace[0] if grace else 0
    change = json.dumps({"spec": {"template": {"spec": {"terminationGracePeriodSeconds": longest}}}})
    mend = f"kubectl patch deployment activator --namespace {SERVING} --patch '{change}'"
    yield Finding("ok" if seconds >= longest else "missing", "activator's grace", f"{seconds} s, {longest} needed", mend)


def initial_scale(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Where a Service starts with no pod at all, that is allowed."""
    key, note = "allow-zero-initial-scale", "autoscaling.knative.dev/initial-scale"
    notes = [note for service in manifests.services() for note in dig(service, "spec.template.metadata.annotations")]
    if any(found.get(note) == "0" for found in notes):
        value = cluster.settings(SERVING, "config-autoscaler").get(key, "false")
        yield Finding("ok" if value == "true" else "missing", key, value, _patch("config-autoscaler", key, "true"))


def ingress(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """The layer that config-network names is installed; addresses have a domain of yours."""
    if not manifests.uses(SERVING):
        return
    told = cluster.settings(SERVING, "config-network")
    name = (told.get("ingress-class") or told.get("ingress.class") or "istio").partition(".")[0]
    there = f"net-{name}-controller" in cluster.deployments(SERVING)
    mend = f"install net-{name}, or name the one that is there (Kourier: " + (
        _patch("config-network", "ingress-class", "kourier.ingress.networking.knative.dev") + ")"
    )
    yield Finding("ok" if there else "missing", "ingress", name, mend)
    domains = [name for name in cluster.settings(SERVING, "config-domain") if not name.startswith("_")]
    state = "ok" if domains and domains != ["example.com"] else "advice"
    mend = _patch("config-domain", "ocr.example.org", "") + "   # your own domain"
    yield Finding(state, "domain", ", ".join(domains) or "svc.cluster.local, inside only", mend)
    claims = cluster.settings(SERVING, "config-network").get("autocreate-cluster-domain-claims", "false")
    if manifests.of("DomainMapping") and not manifests.of("ClusterDomainClaim"):
        key = "autocreate-cluster-domain-claims"
        yield Finding("ok" if claims == "true" else "missing", key, claims, _patch("config-network", key, "true"))
