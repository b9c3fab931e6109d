"""Pod Security "restricted", and what goes beyond: a read-only root, no token, bounded resources, no plain secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.knative.lint.model import Fault, Pod, World, number, rule
from tests.knative.lint.volumes import amount, volumes

#: kubernetes.io/docs/concepts/security/pod-security-standards, restricted; image volumes since 1.33
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SECRET = re.compile(r"(?i)(password|secret|token|_key$|credential)")


def contexts(pod: Pod) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each container's security context, completed by the pod's."""
    shared = pod.spec.get("securityContext") or {}
    for path, container in pod.containers():
        yield f"{path}.securityContext", shared | (container.get("securityContext") or {})


@rule("restricted-user", "Pod Security restricted: runAsNonRoot; a numeric user lets the kubelet see it")
def restricted_user(world: World) -> Iterator[Fault]:
    """Not root, by number."""
    for pod in world.pods():
        for path, context in contexts(pod):
            if context.get("runAsNonRoot") is not True:
                yield pod.fault(f"{path}.runAsNonRoot", "may run as root", "Say true")
            if "runAsUser" in context and not number(context["runAsUser"]):
                yield pod.fault(f"{path}.runAsUser", f"{context['runAsUser']} is root", "Use the image's user")


@rule("restricted-privileges", "Pod Security restricted: no escalation, drop ALL, add at most NET_BIND_SERVICE")
def restricted_privileges(world: World) -> Iterator[Fault]:
    """Of every container, init containers too."""
    for pod in world.pods():
        for path, context in contexts(pod):
            capabilities = context.get("capabilities") or {}
            if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
                yield pod.fault(f"{path}.allowPrivilegeEscalation", "may gain privileges", "Say false")
            if "ALL" not in (capabilities.get("drop") or []) or set(capabilities.get("add") or []) - {
                "NET_BIND_SERVICE"
            }:
                yield pod.fault(f"{path}.capabilities", "keeps capabilities", "Drop ALL, add none")


@rule("restricted-seccomp", "Pod Security restricted: seccompProfile RuntimeDefault or Localhost")
def restricted_seccomp(world: World) -> Iterator[Fault]:
    """Unset is unconfined."""
    for pod in world.pods():
        for path, context in contexts(pod):
            if (context.get("seccompProfile") or {}).get("type") not in {"RuntimeDefault", "Localhost"}:
                yield pod.fault(f"{path}.seccompProfile", "is unconfined", "Say type: RuntimeDefault")


@rule("restricted-host", "Pod Security restricted: nothing of the host, only volumes of nine kinds")
def restricted_host(world: World) -> Iterator[Fault]:
    """No host network, no hostPath, no port of the host."""
    for pod in world.pods():
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.spec.get(name):
                yield pod.fault(name, "shares the host's", "Remove it")
        for path, volume in volumes(pod):
            for kind in sorted(set(volume) - {"name"} - VOLUMES):
                yield pod.fault(f"{path}.{kind}", "is no volume of the restricted profile", "Use a claim")
        for path, container in pod.containers():
            if any(port.get("hostPort") for port in container.get("ports") or []):
                yield pod.fault(f"{path}.ports", "takes a port of the host", "Remove hostPort")


@rule("read-only-root", "hostile documents are opened here: nothing but one emptyDir may be written")
def read_only_root(world: World) -> Iterator[Fault]:
    """Of every container."""
    for pod in world.pods():
        for path, context in contexts(pod):
            if context.get("readOnlyRootFilesystem") is not True:
                yield pod.fault(f"{path}.readOnlyRootFilesystem", "the root can be written", "Say true")


@rule("no-token", "whoever breaks out of a parser finds no token of the cluster; those who need one say so")
def no_token(world: World) -> Iterator[Fault]:
    """Off at the pod or at its service account; an account with a role binding may keep it."""
    bound = {
        subject.get("name")
        for binding in world.all("RoleBinding", "ClusterRoleBinding")
        for subject in binding.data.get("subjects") or []
    }
    for pod in world.pods():
        name = pod.spec.get("serviceAccountName", "default")
        account = world.get("ServiceAccount", name)
        off = [
            pod.spec.get("automountServiceAccountToken"),
            account and account.data.get("automountServiceAccountToken"),
        ]
        if False not in off and name not in bound:
            yield pod.fault("automountServiceAccountToken", "the token is mounted", "Say false at the ServiceAccount")


@rule("plain-secret", "a ConfigMap and a manifest are read by many; a secret belongs into a Secret")
def plain_secret(world: World) -> Iterator[Fault]:
    """No password, key or token as a plain value."""
    for pod in world.pods():
        for path, container in pod.containers():
            for entry in world.environment(pod, path, container):
                path_only = entry.name.endswith("_FILE")
                if entry.value and not path_only and SECRET.search(entry.name):
                    yield Fault(entry.resource, entry.path, f"{entry.name} is in sight", "Use secretKeyRef")
                if entry.value and re.search(r"://[^/\s]*:[^/\s]+@", entry.value):
                    yield Fault(entry.resource, entry.path, f"{entry.name} holds a password", "Use secretKeyRef")


@rule("resources", "without requests nothing is reserved, without limits one document takes a node's memory and cores")
def resources(world: World) -> Iterator[Fault]:
    """Cpu and memory, both ways, on every container."""
    for pod in world.pods():
        for path, container in pod.containers():
            told = container.get("resources") or {}
            for side in ("requests", "limits"):
                for kind in ("cpu", "memory"):
                    if not (told.get(side) or {}).get(kind):
                        yield pod.fault(f"{path}.resources.{side}.{kind}", "is not set", "Set what was measured")


@rule("resources-order", "a request above its limit is refused; a GPU is asked for in whole and by its limit")
def resources_order(world: World) -> Iterator[Fault]:
    """Requests fit limits."""
    for pod in world.pods():
        for path, container in pod.containers():
            told = container.get("resources") or {}
            requests, limits = told.get("requests") or {}, told.get("limits") or {}
            for kind, wanted in requests.items():
                if kind in limits and amount(wanted) > amount(limits[kind]):
                    yield pod.fault(f"{path}.resources.requests.{kind}", "is above its limit", "Lower it")
            gpu = limits.get("nvidia.com/gpu")
            wrong = gpu is not None and (amount(gpu) < 1 or amount(gpu) % 1)
            if wrong or requests.get("nvidia.com/gpu", gpu) != gpu:
                yield pod.fault(f"{path}.resources.limits[nvidia.com/gpu]", f"{gpu}", "Say 1, and in limits only")


@rule("memory-volume", "what lies in an emptyDir of medium Memory counts towards the memory limit")
def memory_volume(world: World) -> Iterator[Fault]:
    """All of them together leave the function half of its memory."""
    for pod in world.pods():
        shared = sum(
            amount((volume["emptyDir"] or {}).get("sizeLimit", 0))
            for _, volume in volumes(pod)
            if (volume.get("emptyDir") or {}).get("medium") == "Memory"
        )
        limit = sum(
            amount(((container.get("resources") or {}).get("limits") or {}).get("memory", 0))
            for _, container in pod.containers(init=False)
        )
        if shared and limit and shared > limit / 2:
            yield pod.fault("volumes", "memory volumes take more than half of the memory limit", "Raise the limit")


@rule(
    "gpu-place", "GPU nodes are tainted; without toleration the pod waits forever, without selector it may land beside"
)
def gpu_place(world: World) -> Iterator[Fault]:
    """Whoever limits nvidia.com/gpu says where."""
    for pod in world.pods():
        wants = [path for path, entry in pod.containers() if "nvidia.com/gpu" in str(entry.get("resources") or {})]
        for name in ("nodeSelector", "tolerations"):
            if wants and not (pod.spec.get(name) or (name == "nodeSelector" and pod.spec.get("affinity"))):
                yield pod.fault(name, "a GPU pod says not where it runs", f"Set {name}")
