"""Nodes and namespace: GPUs, runtime class, volumes, Secrets."""

from __future__ import annotations

from collections.abc import Iterator

from knative.doctor.kubectl import Kubectl
from knative.doctor.manifests import SERVING, Finding, Manifests, dig, judged, patch

GPU = "nvidia.com/gpu"
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
    key = "pod-is-always-schedulable"
    comes = cluster.settings("config-deployment", SERVING).get(key) == "true"
    mend = (
        "add a node with a GPU and NVIDIA's GPU operator; where an autoscaler adds the node, say so: "
        f"{patch('config-deployment', key, 'true')}"
    )
    yield Finding("ok" if total else "advice" if comes else "missing", GPU, f"{total} allocatable", mend)


def selected_nodes(manifests: Manifests, cluster: Kubectl) -> Iterator[Finding]:
    """Some node has all the labels that a pod asks for."""
    for selector in {tuple(sorted(found.items())) for found in dig(manifests.pods(), "nodeSelector")}:
        labels = dig(cluster.get("nodes").get("items", []), "metadata.labels")
        fitting = [found for found in labels if all(found.get(name) == value for name, value in selector)]
        text = ",".join(f"{name}={value}" for name, value in selector)
        mend = f"kubectl label node NODE {text.replace(',', ' ')}   # the GPU operator does, for its own"
        yield judged(fitting, f"nodes with {text}", len(fitting), mend)


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
    """Those that pods cannot start without, and that nothing here makes."""
    made = {item["metadata"]["name"] for item in manifests.of("Secret")}
    made |= set(dig(manifests.of("Certificate"), "spec.secretName"))
    wanted = {
        ref[field]
        for spec in manifests.pods()
        for path, field in REFERENCES
        for ref in dig(spec, path)
        if not ref.get("optional")
    }
    wanted |= set(dig(manifests.of("IntegrationSource"), "spec.aws.auth.secret.ref.name"))
    wanted |= set(dig(manifests.of("Ingress"), "spec.tls.secretName"))
    for name in sorted(wanted - made):
        there = cluster.exists("secret", name, *cluster.namespace)
        mend = f"see knative/README.md for what belongs in it: kubectl create secret … {name}"
        yield judged(there, f"secret {name}", "there" if there else "not there", mend)
