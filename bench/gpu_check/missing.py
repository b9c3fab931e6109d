"""What is not here that the accurate tier needs, all of it at once, each with what helps."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench.gpu_check import gpu
from function.errors import OcrError
from function.settings import Settings
from function.wiring.engines import engines_of, vl_server

HERE = {"127.0.0.1", "localhost", "::1"}
#: What each backend imports; of the servers' the client alone is here.
_PACKAGES = {"native": ("paddleocr", "paddle"), "transformers": ("paddleocr", "torch", "transformers")}
_INSTALL = "install requirements/gpu.txt and, for `native`, paddlepaddle-gpu; or run this in the GPU image"
#: Seconds that a server which should be up may take to answer.
_GLANCE = 5.0


def missing(settings: Settings, *, on_cpu: bool) -> Iterator[str]:
    """A sentence each: what, and what helps.

    Args:
        settings: with the engine that is checked.
        on_cpu: no GPU is wanted.
    """
    if settings.accurate_engine != "paddle_vl":
        return
    if not on_cpu and _gpu_is_here(settings) and gpu.first() is None:
        yield "no NVIDIA GPU: nvidia-smi is not here or lists none. Run this on a machine with one, or say --cpu"
    for package in _PACKAGES.get(settings.vl_backend, ("paddleocr", "onnxruntime")):
        if importlib.util.find_spec(package) is None:
            yield f"the package {package}: {_INSTALL}"
    if not settings.weights:
        yield "OCR_WEIGHTS: `python -m warmup fetch --to FOLDER --tier accurate`, then OCR_WEIGHTS=FOLDER"
    else:
        yield from _weights(settings)
    yield from _server(settings)


def _gpu_is_here(settings: Settings) -> bool:
    server = vl_server(settings)
    return server is None or urlsplit(server.url).hostname in HERE


def _weights(settings: Settings) -> Iterator[str]:
    from function.engines.stub import StubEngine

    try:
        _ = engines_of(settings, StubEngine())["accurate"].info
    except OcrError as problem:
        yield f"{problem}. {problem.remedy}"


def _server(settings: Settings) -> Iterator[str]:
    from function.engines.paddle_vl.waiting import wait_for

    server = vl_server(settings)
    if server is not None:
        try:
            wait_for(server, patience=_GLANCE)
        except OcrError as problem:
            yield f"{problem}. {problem.remedy}"
