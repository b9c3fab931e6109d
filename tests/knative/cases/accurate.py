"""The accurate rung: weights, and the server beside the function."""

from __future__ import annotations

from typing import Any

from tests.knative.scene import FIRST, READER, SPEC, Case, Edit, drop, feature, put, variable

PROBE = {"httpGet": {"path": "/health", "port": 8000}, "timeoutSeconds": 5}
GPU = {"limits": {"nvidia.com/gpu": "1"}}
VOID = ("NVIDIA_VISIBLE_DEVICES", "void")


def beside(**more: Any) -> Edit:
    """A server beside the function."""
    return put(READER, f"{SPEC}/containers/-", {"name": "vlm", "image": "vlm:1"} | more)


SERVED = (
    variable("OCR_ACCURATE_ENGINE", "paddle_vl"),
    variable("OCR_VL_BACKEND", "vllm-server"),
    variable("OCR_VL_SERVER_URL", "http://127.0.0.1:8000/v1"),
)
ALONE = drop(READER, f"{FIRST}/resources/limits/nvidia.com~1gpu")

BAD: list[Case] = [
    ("accurate-weights", variable("OCR_ACCURATE_ENGINE", "paddle_vl"), drop(READER, f"{FIRST}/env/2")),
    ("vl-server-there", *SERVED[:2]),
    ("vl-server-there", *SERVED),
    ("vl-server-there", *SERVED, beside(readinessProbe={"httpGet": {"path": "/health", "port": 8001}})),
    ("one-gpu-container", beside(resources=GPU)),
    ("one-gpu-container", ALONE, beside(resources=GPU)),
    ("vl-server-drains", *SERVED, beside(command=["vllm", "serve"])),
    ("sidecar-probe", feature("multi-container-probing", "enabled"), beside(livenessProbe={"httpGet": {"path": "/"}})),
    ("sidecar-wakes", beside(resources=GPU, livenessProbe=PROBE)),
    ("one-port", drop(READER, f"{FIRST}/ports"), beside()),
    ("one-port", drop(READER, f"{FIRST}/ports"), beside(ports=[{"containerPort": 8000}])),
]

FINE: list[Case] = [
    ("accurate-weights", variable("OCR_ACCURATE_ENGINE", "paddle_vl")),
    ("accurate-weights", drop(READER, f"{FIRST}/env/2")),
    ("vl-server-there", *SERVED, beside(readinessProbe=PROBE)),
    ("vl-server-there", *SERVED[:2], variable("OCR_VL_SERVER_URL", "https://vlm.example.com/v1")),
    ("vl-server-there", SERVED[0]),
    ("one-gpu-container", ALONE, variable(*VOID), beside(resources=GPU)),
    ("vl-server-drains", *SERVED, beside(command=["python3", "-c", "signal.SIGTERM"])),
    ("liveness-path", beside(livenessProbe=PROBE)),
    ("probe-port", beside(livenessProbe=PROBE)),
    ("sidecar-wakes", beside(resources=GPU, livenessProbe=PROBE | {"initialDelaySeconds": 900})),
    ("sidecar-wakes", beside(livenessProbe=PROBE)),
]
