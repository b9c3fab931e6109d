"""Probes: Serving runs the readiness probe itself, and not as Kubernetes does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knative.doctor.flags import PROBES
from knative.doctor.nodes import GPU
from tests.knative.lint.model import Fault, Pod, World, rule

KINDS = ("readinessProbe", "livenessProbe", "startupProbe")
HANDLERS = {"httpGet", "tcpSocket", "exec", "grpc"}
#: function/doors/operations.py
PATHS = {"readinessProbe": "/readyz", "livenessProbe": "/healthz"}


def probes(pod: Pod) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, kind and probe."""
    for path, container in pod.containers(init=False):
        for kind in KINDS:
            if kind in container:
                yield f"{path}.{kind}", kind, container[kind] or {}


@rule("probe-handler", "a probe has exactly one handler (webhook)")
def probe_handler(world: World) -> Iterator[Fault]:
    """None, or two, are refused."""
    for pod in world.pods():
        for path, _, probe in probes(pod):
            if len(HANDLERS & set(probe)) != 1:
                yield pod.fault(path, f"has {len(HANDLERS & set(probe))} handlers", "Keep one httpGet")


@rule("readiness-period", "without a period queue-proxy asks every 50 ms and waits 100 ms (queue/readiness/probe.go)")
def readiness_period(world: World) -> Iterator[Fault]:
    """What Kubernetes takes for ten seconds is Serving's aggressive mode; there, thresholds are refused."""
    for pod in world.services():
        for path, kind, probe in probes(pod):
            if kind == "readinessProbe" and (probe.get("periodSeconds") or 0) < 1:
                yield pod.fault(f"{path}.periodSeconds", "no period: asked every 50 ms", "Set periodSeconds: 1 or more")


@rule("readiness-probe", "without one Serving only tries to connect; a listening, still cold pod would get requests")
def readiness_probe(world: World) -> Iterator[Fault]:
    """Whatever serves says when it is ready, on /readyz."""
    for pod in world.pods():
        if not pod.serves:
            continue
        for path, container in list(pod.containers(init=False))[:1]:
            probe = container.get("readinessProbe") or {}
            if (probe.get("httpGet") or {}).get("path") != PATHS["readinessProbe"]:
                yield pod.fault(f"{path}.readinessProbe", "does not ask /readyz", "Probe GET /readyz")


@rule("liveness-path", "liveness asks /healthz: asked whether it is ready, a pod that warms up would be killed for it")
def liveness_path(world: World) -> Iterator[Fault]:
    """Never /readyz. A server beside the function has paths of its own."""
    for pod in world.pods():
        others = tuple(path for path, _ in pod.beside())
        for path, kind, probe in probes(pod):
            if pod.serves and path.startswith(others):
                continue
            asked = kind == "livenessProbe" and (pod.serves or "tcpSocket" not in probe)
            if asked and (probe.get("httpGet") or {}).get("path") != PATHS["livenessProbe"]:
                yield pod.fault(f"{path}.httpGet.path", "does not ask /healthz", "Probe GET /healthz")


@rule(
    "no-startup-probe", "a startupProbe turns the activator's own probing off: pods get requests later (serving#15309)"
)
def no_startup_probe(world: World) -> Iterator[Fault]:
    """Readiness that waits for the warm-up is the faster way."""
    for pod in world.services():
        for path, kind, _ in probes(pod):
            if kind == "startupProbe":
                yield pod.fault(path, "costs up to two seconds a cold start", "Remove it; readiness does its work")


@rule(
    "probe-port", "liveness is moved to the serving port, a startup probe is not; a port's name must be the container's"
)
def probe_port(world: World) -> Iterator[Fault]:
    """Left out, or the container's own."""
    for pod in world.services():
        for path, container in list(pod.containers(init=False))[:1]:
            ports = [port.get("containerPort") for port in container.get("ports") or []] or [8080]
            names = [port.get("name") for port in container.get("ports") or []]
            for kind in KINDS:
                port = ((container.get(kind) or {}).get("httpGet") or {}).get("port")
                if port not in {None, 0, *ports, *filter(None, names)}:
                    yield pod.fault(f"{path}.{kind}.httpGet.port", f"{port} is not served", "Leave the port out")


@rule("probe-timeout", "the default timeout of one second fails a pod whose cores are all busy reading")
def probe_timeout(world: World) -> Iterator[Fault]:
    """Liveness above all: its failure kills requests in flight."""
    for pod in world.pods():
        for path, kind, probe in probes(pod):
            if kind == "livenessProbe" and (probe.get("timeoutSeconds") or 1) < 2:
                yield pod.fault(f"{path}.timeoutSeconds", "one second is short", "Set timeoutSeconds: 5")


@rule("sidecar-probe", "probes of sidecars need the feature multi-container-probing, and a number as their port")
def sidecar_probe(world: World) -> Iterator[Fault]:
    """Without the feature only the container with the port is probed; beside it no port is there to be taken."""
    for pod in world.services():
        for path, container in pod.beside():
            for kind in KINDS:
                if kind in container and not world.cluster.allows(PROBES):
                    yield pod.fault(f"{path}.{kind}", f"needs {PROBES}", "Enable it in knative/cluster-settings")
                probe = container.get(kind) or {}
                if "httpGet" in probe and not isinstance(probe["httpGet"].get("port"), int):
                    yield pod.fault(f"{path}.{kind}.httpGet.port", "is no number", "Say which port")


@rule("sidecar-wakes", "liveness that begins before a model is loaded restarts its server for ever")
def sidecar_wakes(world: World) -> Iterator[Fault]:
    """A container with a GPU and no startup probe gets ten minutes at least before liveness counts."""
    for pod in world.pods():
        for path, container in pod.beside():
            probe = container.get("livenessProbe")
            waits = ((probe or {}).get("initialDelaySeconds") or 0) >= 600 or "startupProbe" in container
            if probe and GPU in ((container.get("resources") or {}).get("limits") or {}) and not waits:
                yield pod.fault(f"{path}.livenessProbe.initialDelaySeconds", "is short of a load", "Set 600 or more")
