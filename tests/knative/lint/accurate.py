"""What reads the accurate rung: its weights, and the server beside the function or elsewhere that does the reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from knative.doctor.nodes import GPU
from tests.knative.lint.model import Fault, Pod, World, rule

HERE = {"127.0.0.1", "localhost", "::1"}
#: Containers of a pod that shares the GPU's runtime see every GPU of the node unless they say no.
VISIBLE = "NVIDIA_VISIBLE_DEVICES"


def _limits(container: dict[str, Any]) -> dict[str, Any]:
    return (container.get("resources") or {}).get("limits") or {}


def _reading(world: World) -> Iterator[tuple[Pod, dict[str, str]]]:
    """Pods whose accurate rung is PaddleOCR-VL, with the function's values."""
    for pod in world.pods():
        values = world.values(pod)
        if pod.serves and values.get("OCR_ACCURATE_ENGINE") == "paddle_vl":
            yield pod, values


def _served(values: dict[str, str]) -> bool:
    return values.get("OCR_VL_BACKEND", "").endswith("-server")


@rule("accurate-weights", "PaddleOCR-VL takes every model from OCR_WEIGHTS and downloads none")
def accurate_weights(world: World) -> Iterator[Fault]:
    """Without it the pod never becomes ready."""
    for pod, values in _reading(world):
        if not values.get("OCR_WEIGHTS"):
            yield pod.fault("containers[0].env", "OCR_WEIGHTS is not set", "List weights-volume or weights-image")


@rule("vl-server-there", "a pod is not ready before its server answers; one that nobody starts never does")
def vl_server_there(world: World) -> Iterator[Fault]:
    """An address within the pod is probed there by a container beside the function, and the name of the model fits."""
    for pod, values in _reading(world):
        if not _served(values):
            continue
        address = urlsplit(values.get("OCR_VL_SERVER_URL", ""))
        if not address.hostname:
            yield pod.fault("containers[0].env", "OCR_VL_SERVER_URL is not set", "Say where the server is")
        elif address.hostname in HERE:
            probes = [container.get("readinessProbe") or {} for _, container in pod.beside()]
            if address.port not in [(probe.get("httpGet") or {}).get("port") for probe in probes]:
                reason = f"no container beside it is probed on {address.port}"
                yield pod.fault("containers[0].env", reason, "List components/vlm-server, or name another address")


@rule("one-gpu-container", "each container that limits nvidia.com/gpu gets GPUs of its own: two in a pod cost two")
def one_gpu_container(world: World) -> Iterator[Fault]:
    """One; and the others of such a pod do not see it by NVIDIA's runtime either."""
    for pod in world.pods():
        holders = [path for path, container in pod.containers(init=False) if GPU in _limits(container)]
        for path in holders[1:]:
            yield pod.fault(f"{path}.resources.limits[{GPU}]", "a second GPU in the pod", "Leave it to the server")
        for path, container in pod.containers(init=False):
            values = {entry.name: entry.value for entry in world.environment(pod, path, container)}
            if holders and path not in holders and values.get(VISIBLE) not in {"void", "none"}:
                yield pod.fault(f"{path}.env", "the runtime shows it all GPUs of the node", f"Set {VISIBLE} to void")


@rule("vl-server-drains", "SIGTERM comes to all containers at once, while the function finishes what it accepted")
def vl_server_drains(world: World) -> Iterator[Fault]:
    """A server beside the function is started by something that keeps it until it is idle."""
    for pod, values in _reading(world):
        for path, container in pod.beside() if _served(values) else ():
            if "SIGTERM" not in " ".join(map(str, container.get("command") or [])):
                yield pod.fault(f"{path}.command", "it goes while pages are read", "Start it as components/vlm-server")
