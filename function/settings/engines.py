"""Settings: what reads pixels, and with which weights."""

from __future__ import annotations

from typing import Annotated, Literal

from function.settings.about import about
from function.settings.serving import Serving


class Engines(Serving, frozen=True, kw_only=True):
    """What reads pixels, and with which weights."""

    fast_engine: Annotated[
        Literal["rapid", "paddle_ocr", "remote", "stub"], about("OCR_FAST_ENGINE", "what reads the fast rung")
    ] = "rapid"
    accurate_engine: Annotated[
        Literal["none", "paddle_vl", "remote", "stub"], about("OCR_ACCURATE_ENGINE", "what reads the accurate rung")
    ] = "none"
    runtime: Annotated[
        Literal["auto", "openvino", "onnxruntime"],
        about("OCR_RUNTIME", "what runs the fast rung's models; auto takes OpenVINO where it is installed"),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "f32", "bf16"],
        about("OCR_PRECISION", "arithmetic of OpenVINO; auto takes bf16 where the CPU has it"),
    ] = "auto"
    threads: Annotated[
        int, about("OCR_THREADS", "CPU threads of the engine; 0 takes what the container may use", ge=0, le=1024)
    ] = 0
    weights: Annotated[
        str, about("OCR_WEIGHTS", "folder of the weights; empty takes those that come with the packages")
    ] = ""
    verify_weights: Annotated[
        Literal["stamp", "full", "off"],
        about(
            "OCR_VERIFY_WEIGHTS",
            "whether a start checks the weights against their manifest: by size and time of files that were hashed "
            "before, by hashing them all, or not at all",
        ),
    ] = "stamp"
    compiled: Annotated[
        str,
        about("OCR_COMPILED", "folder, best on a volume, where compiled models are kept for the next start; or none"),
    ] = ""
