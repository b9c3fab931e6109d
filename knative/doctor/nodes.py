"""Nodes and namespace: GPUs, runtime class, volumes, Secrets."""

from __future__ import annotations

from collections.abc import Iterator

from knative.doctor.kubectl import Kubectl
from knative.doctor.manifests import SERVING, Finding, Manifests, dig, judged, patch

GPU = "nvidia.com/gpu"
#: In config-deployment: a pod that cannot be placed yet does not make its revision fail.
ON_DEMAND = "pod-is-always-schedulable"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
#: Where a Secret is named that has to be there; one that is `optional` does not count.
REFERENCES = (
    ("containers.envFrom.secretRef", "name"),
    ("initContainers.envFrom.secretRef", "name"),
    ("containers.env.valueFrom.secretKeyRef", "name"),
    ("initContainers.env.valueFrom.secretKeyRef", "name"),
    ("volumes.secret", "secretName"),
    ("volumes.projected.sources.secret", "name"),
    ("imagePullSecrets", "name"),
)


def gpus(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Some node offers GPUs, unless nodes come when they are needed."""
    if not any(GPU in limits for limits in dig(manifests.pods(), "containers.resources.limits")):
        return
    offered = dig(cluster.get("nodes").get("items", []), "status.allocatable")
    total = sum(int(amounts.get(GPU, 0)) for amounts in offered)
    mend = (
        "add a node with a GPU and NVIDIA's GPU operator; where an autoscaler adds the node, say so: "
        f"{patch('config-deployment', ON_DEMAND, 'true')}"
    )
    yield Finding(_if_none(total, cluster), GPU, f"{total} allocatable", mend)


def selected_nodes(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Some node has all the labels that a pod asks for, unless nodes come when they are needed."""
    for selector in {tuple(sorted(found.items())) for found in dig(manifests.pods(), "nodeSelector")}:
        labels = dig(cluster.get("nodes").get("items", []), "metadata.labels")
        fitting = [found for found in labels if all(found.get(name) == value for name, value in selector)]
        text = ",".join(f"{name}={value}" for name, value in selector)
        mend = f"kubectl label node NODE {text.replace(',', ' ')}   # NVIDIA's GPU operator labels its own"
        yield Finding(_if_none(len(fitting), cluster), f"nodes with {text}", str(len(fitting)), mend)


def _if_none(count: int, cluster: Kubectl) -> str:
    """No such node now is no fault where an autoscaler brings one."""
    comes = cluster.settings("config-deployment", SERVING).get(ON_DEMAND) == "true"
    return "ok" if count else "advice" if comes else "missing"


def runtime_classes(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """RuntimeClasses that pods name."""
    for name in sorted(set(dig(manifests.pods(), "runtimeClassName"))):
        mend = "install NVIDIA's GPU operator, or remove the line where this runtime is the nodes' default"
        there = cluster.exists("runtimeclass", name)
        yield judged(there, f"runtime class {name}", "there" if there else "not there", mend)


def storage(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """The class of each claim, by name or by default."""
    for claim in manifests.of("PersistentVolumeClaim"):
        name, wanted = claim["metadata"]["name"], claim["spec"].get("storageClassName")
        if wanted == "" or claim["spec"].get("volumeName"):
            continue
        classes = cluster.get("storageclasses").get("items", [])
        fitting = [
            found["metadata"]["name"]
            for found in classes
            if found["metadata"]["name"] == wanted
            or (wanted is None and (found["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true")
        ]
        mend = "kubectl get storageclasses, then name one in the claim's storageClassName"
        yield judged(fitting, f"storage for {name}", ", ".join(fitting) or f"no class {wanted or 'by default'}", mend)


def secrets(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Those that pods name and that nothing here makes; without one that is optional they start all the same."""
    made = {item["metadata"]["name"] for item in manifests.of("Secret")}
    made |= set(dig(manifests.of("Certificate"), "spec.secretName"))
    named = [
        (ref[field], bool(ref.get("optional"))) for path, field in REFERENCES for ref in dig(manifests.pods(), path)
    ]
    named += [(name, False) for name in dig(manifests.of("ServiceAccount"), "imagePullSecrets.name")]
    named += [(name, False) for name in dig(manifests.of("IntegrationSource"), "spec.aws.auth.secret.ref.name")]
    named += [(name, False) for name in dig(manifests.of("Ingress"), "spec.tls.secretName")]
    named += [(name, False) for name in dig(manifests.of("DomainMapping"), "spec.tls.secretName")]
    needed = {name for name, optional in named if not optional}
    for name in sorted({name for name, _ in named} - made):
        there = cluster.exists("secret", name, *cluster.namespace)
        state = "ok" if there else "missing" if name in needed else "advice"
        found = "there" if there else "not there" if name in needed else "not there, optional"
        mend = f"see knative/README.md for what belongs in it: kubectl create secret … {name}"
        yield Finding(state, f"secret {name}", found, mend)
