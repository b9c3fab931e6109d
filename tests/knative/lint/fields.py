"""Fields that Serving's webhook refuses, or takes only with a feature flag (pkg/apis/serving/fieldmask.go)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knative.doctor.flags import FIELDS as FLAGS
from tests.knative.lint.model import Fault, World, rule

POD = {
    "containers",
    "volumes",
    "serviceAccountName",
    "imagePullSecrets",
    "enableServiceLinks",
    "automountServiceAccountToken",
    "containerConcurrency",
    "timeoutSeconds",
    "responseStartTimeoutSeconds",
    "idleTimeoutSeconds",
}
CONTAINER = {
    "name",
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "startupProbe",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "volumeMounts",
    "workingDir",
}
MOUNT = {"name", "readOnly", "mountPath", "subPath"}
POD_SECURITY = {"fsGroup", "runAsGroup", "runAsNonRoot", "runAsUser", "seccompProfile", "supplementalGroups"}
CONTAINER_SECURITY = {
    "allowPrivilegeEscalation",
    "capabilities",
    "privileged",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "seccompProfile",
}
RESERVED_PORTS = {8012, 8013, 8022, 9090, 9091, 8008}
RESERVED_VARIABLES = {"PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION"}


@rule("pod-field", "Serving's PodSpecMask: lifecycle and grace are its own, other fields have no flag")
def pod_field(world: World) -> Iterator[Fault]:
    """terminationGracePeriodSeconds, restartPolicy, hostname and their like."""
    for pod in world.services():
        for name in sorted(set(pod.spec) - POD - set(FLAGS)):
            yield pod.fault(name, "the webhook refuses this field", "Remove it")
        if pod.spec.get("automountServiceAccountToken") is True:
            yield pod.fault("automountServiceAccountToken", "the webhook takes only false", "Set false, or remove it")


@rule("pod-feature", "Serving's config-features: off unless an administrator turns it on")
def pod_feature(world: World) -> Iterator[Fault]:
    """nodeSelector, tolerations, runtimeClassName and their like."""
    for pod in world.services():
        for name in sorted(set(pod.spec) & set(FLAGS)):
            if not world.cluster.allows(FLAGS[name]):
                yield pod.fault(name, f"needs the feature {FLAGS[name]}", "Enable it in knative/cluster-settings")


@rule("container-field", "Serving's ContainerMask: lifecycle, stdin, tty, volumeDevices, resizePolicy are refused")
def container_field(world: World) -> Iterator[Fault]:
    """A preStop hook, a terminal, a device."""
    for pod in world.services():
        for path, container in pod.containers():
            for name in sorted(set(container) - CONTAINER):
                yield pod.fault(f"{path}.{name}", "the webhook refuses this field", "Remove it")
            if "claims" in (container.get("resources") or {}):
                yield pod.fault(f"{path}.resources.claims", "the webhook refuses it", "Ask for nvidia.com/gpu instead")


@rule("mount-field", "Serving's VolumeMountMask")
def mount_field(world: World) -> Iterator[Fault]:
    """subPathExpr, recursiveReadOnly; propagation needs a flag that we never ask for."""
    for pod in world.services():
        for path, container in pod.containers():
            for index, mount in enumerate(container.get("volumeMounts") or []):
                for name in sorted(set(mount) - MOUNT):
                    yield pod.fault(f"{path}.volumeMounts[{index}].{name}", "the webhook refuses it", "Remove it")


@rule("security-field", "Serving's SecurityContextMask and PodSecurityContextMask; capabilities.add has a flag")
def security_field(world: World) -> Iterator[Fault]:
    """What of a security context is not passed on."""
    for pod in world.services():
        for name in sorted(set(pod.spec.get("securityContext") or {}) - POD_SECURITY):
            yield pod.fault(f"securityContext.{name}", "the webhook refuses it", "Remove it")
        for path, container in pod.containers():
            context: dict[str, Any] = container.get("securityContext") or {}
            for name in sorted(set(context) - CONTAINER_SECURITY):
                yield pod.fault(f"{path}.securityContext.{name}", "the webhook refuses it", "Remove it")
            adds = (context.get("capabilities") or {}).get("add")
            if adds and not world.cluster.allows("kubernetes.containerspec-addcapabilities"):
                yield pod.fault(f"{path}.securityContext.capabilities.add", "needs a feature flag", "Remove it")


@rule("reserved-variable", "Serving injects PORT, K_SERVICE, K_CONFIGURATION and K_REVISION; K_SINK is a SinkBinding's")
def reserved_variable(world: World) -> Iterator[Fault]:
    """Through env the webhook refuses them; through envFrom they would be overruled in silence."""
    for pod in world.services():
        for path, container in pod.containers():
            for entry in world.environment(pod, path, container):
                if entry.name in RESERVED_VARIABLES:
                    reason = f"{entry.name} is reserved in a Knative Service"
                    yield Fault(entry.resource, entry.path, reason, "Remove it: Serving sets it")


@rule("one-port", "the webhook takes one port in all, named http1, h2c or not at all, TCP, without hostPort")
def one_port(world: World) -> Iterator[Fault]:
    """Two ports, a name for people, a port on the host."""
    for pod in world.services():
        ports = [
            (f"{path}.ports[{index}]", port)
            for path, container in pod.containers()
            for index, port in enumerate(container.get("ports") or [])
        ]
        for path, _ in ports[1:]:
            yield pod.fault(path, "a second port", "Keep one; metrics are served on the same port")
        if any(path.startswith(other) for path, _ in ports[:1] for other, _ in pod.beside()):
            yield pod.fault(ports[0][0], "a port beside the function's container", "Give the port to the first one")
        if not ports and any(True for _ in pod.beside()):
            yield pod.fault("containers[0].ports", "nobody says which of several containers serves", "Name its port")
        for path, port in ports:
            if port.get("name", "") not in {"", "http1", "h2c"}:
                yield pod.fault(f"{path}.name", f"{port['name']!r} is no protocol", "Call it http1, or leave it out")
            if set(port) - {"containerPort", "name", "protocol"} or port.get("protocol", "TCP") != "TCP":
                yield pod.fault(path, "only containerPort, name and TCP are taken", "Remove the rest")


@rule("reserved-port", "queue-proxy shares the pod's address and listens on 8012, 8013, 8022, 9090, 9091, 8008")
def reserved_port(world: World) -> Iterator[Fault]:
    """The webhook refuses them as container port; listening there fails anyway."""
    for pod in world.services():
        for path, container in pod.containers():
            for index, port in enumerate(container.get("ports") or []):
                if port.get("containerPort") in RESERVED_PORTS:
                    yield pod.fault(f"{path}.ports[{index}]", f"{port['containerPort']} is queue-proxy's", "Use 8080")


@rule("container-name", "queue-proxy is reserved, and names in one pod differ (k8s_validation.go)")
def container_name(world: World) -> Iterator[Fault]:
    """A sidecar called as Serving's own, or two of a name."""
    for pod in world.pods():
        seen: set[str] = set()
        for path, container in pod.containers():
            name = str(container.get("name", ""))
            if name in seen or (name == "queue-proxy" and pod.owner.kind == "Service"):
                yield pod.fault(f"{path}.name", f"{name!r} is taken", "Choose another name")
            seen.add(name)


@rule("init-container", "init containers may have no probes and no lifecycle (k8s_validation.go)")
def init_container(world: World) -> Iterator[Fault]:
    """Nobody would ask them."""
    for pod in world.pods():
        for path, container in pod.containers():
            for name in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle"):
                if "initContainers" in path and name in container and container.get("restartPolicy") != "Always":
                    yield pod.fault(f"{path}.{name}", "an init container has none", "Remove it")
