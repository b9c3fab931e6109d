"""A kubectl that answers from files: one file an invocation, named by its arguments, with what a real cluster answers.

The shapes are those of Kubernetes 1.34 with Serving 1.23, Kourier and Eventing 1.22; what no check reads is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knative.doctor.flags import PROBES
from tests.knative.rendering import Documents, documented

#: Forks nothing but `cat`: it runs a thousand times. A path among the arguments is a path among the answers.
SCRIPT = """\
#!/bin/sh
IFS=_
answer=${0%/*}/answers/$*_
if [ -f "$answer.failed" ]; then cat "$answer.failed" >&2; exit 1; fi
if [ -f "$answer" ]; then exec cat "$answer"; fi
echo "Error from server (NotFound): nothing is called $*" >&2
exit 1
"""
SERVING, EVENTING = "knative-serving", "knative-eventing"
NVIDIA = {"nvidia.com/gpu.present": "true", "kubernetes.io/os": "linux"}


def named(name: str, **more: Any) -> dict[str, Any]:
    """An object with a name and no more metadata than asked for."""
    return {"metadata": {"name": name, **more.pop("metadata", {})}, **more}


def deployment(name: str, version: str, grace: int = 30) -> dict[str, Any]:
    """As Knative's manifests make it."""
    spec = {"template": {"spec": {"terminationGracePeriodSeconds": grace}}}
    return named(name, metadata={"labels": {"app.kubernetes.io/version": version}}, spec=spec)


@dataclass
class FakeCluster:
    """A good cluster for these manifests; tests take something away.

    Attributes:
        settings: ConfigMaps by namespace and name.
        deployments: by namespace and name.
        kinds: served, by apiVersion.
        nodes: items.
        storage: StorageClasses.
        names: what is asked by its name alone: secrets, runtime classes, as `kind name`.
        failures: arguments → what kubectl says instead of answering.
    """

    manifests: Documents
    settings: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    deployments: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    storage: list[dict[str, Any]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    brokers: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @classmethod
    def good(cls, manifests: Documents) -> FakeCluster:
        """With everything that our overlays need."""
        flags = ("nodeselector", "tolerations", "runtimeclassname", "persistent-volume-claim", "volumes-image")
        cluster = cls(manifests)
        cluster.settings = {
            (SERVING, "config-features"): dict.fromkeys(
                (PROBES, *(f"kubernetes.podspec-{flag}" for flag in flags)), "enabled"
            ),
            (SERVING, "config-network"): {
                "ingress-class": "kourier.ingress.networking.knative.dev",
                "autocreate-cluster-domain-claims": "true",
            },
            (SERVING, "config-domain"): {"_example": "…", "ocr.example.org": ""},
        }
        serving = ("activator", "autoscaler", "controller", "webhook", "net-kourier-controller")
        channel, broker = ("imc-controller", "imc-dispatcher"), ("controller", "filter", "ingress")
        eventing = ("eventing-controller", *channel, *(f"mt-broker-{part}" for part in broker))
        cluster.deployments = {(SERVING, name): deployment(name, "1.23.0", 600) for name in serving}
        cluster.deployments |= {(EVENTING, name): deployment(name, "1.22.2") for name in eventing}
        for document in manifests:
            cluster.kinds.setdefault(document["apiVersion"], set()).add(document["kind"])
        cluster.nodes = [
            named("cpu-1", metadata={"labels": {"kubernetes.io/os": "linux"}}, status={"allocatable": {"cpu": "8"}}),
            named("gpu-1", metadata={"labels": NVIDIA}, status={"allocatable": {"cpu": "16", "nvidia.com/gpu": "1"}}),
        ]
        default = {"storageclass.kubernetes.io/is-default-class": "true"}
        cluster.storage = [named("standard", metadata={"annotations": default}), named("slow")]
        cluster.names = {f"secret {name}" for name in documented()} | {"runtimeclass nvidia"}
        return cluster

    def write(self, folder: Path) -> Path:
        """The folder to put first on PATH."""
        answers = folder / "answers"
        answers.mkdir(parents=True)
        for words, told in self._answers():
            _answer(answers, words).write_text(told, encoding="utf-8")
        for words, told in self.failures.items():
            _answer(answers, words, ".failed").write_text(told, encoding="utf-8")
        kubectl = folder / "kubectl"
        kubectl.write_text(SCRIPT, encoding="utf-8")
        kubectl.chmod(0o755)
        return folder

    def _answers(self) -> Iterable[tuple[str, str]]:
        yield "label --local --filename - doctor=asks --output json", "\n".join(map(json.dumps, self.manifests))
        yield "get --raw /version", json.dumps({"gitVersion": "v1.34.1"})
        for version, kinds in self.kinds.items():
            resources = [{"kind": kind, "name": f"{kind.lower()}s"} for kind in sorted(kinds)]
            yield f"get --raw /apis/{version}", json.dumps({"kind": "APIResourceList", "resources": resources})
        for (namespace, name), data in self.settings.items():
            yield f"get configmap {name} --namespace {namespace} --output json", json.dumps(named(name, data=data))
        for namespace in sorted({SERVING, EVENTING, *(where for where, _ in self.deployments)}):
            items = [item for (where, _), item in self.deployments.items() if where == namespace]
            yield f"get deployments --namespace {namespace} --output json", json.dumps({"items": items})
        yield "get nodes --output json", json.dumps({"items": self.nodes})
        yield "get storageclasses --output json", json.dumps({"items": self.storage})
        for name in self.names:
            yield f"get {name} --output name", name.replace(" ", "/")
        for name, broker in self.brokers.items():
            yield f"get broker {name} --output json", json.dumps(broker)


def _answer(answers: Path, words: str, ending: str = "") -> Path:
    path = answers / f"{words.replace(' ', '_')}_{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
