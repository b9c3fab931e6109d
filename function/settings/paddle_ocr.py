"""Settings: PP-OCR by PaddleOCR itself, where that reads the fast rung."""

from __future__ import annotations

from typing import Annotated, Literal

from function.settings.about import about
from function.settings.engines import Engines


class PaddleOcr(Engines, frozen=True, kw_only=True):
    """PP-OCR by PaddleOCR itself, where that reads the fast rung."""

    paddle_detection: Annotated[
        str, about("OCR_PADDLE_DETECTION", "PP-OCR model that finds lines, a folder of OCR_WEIGHTS (paddle_ocr)")
    ] = "PP-OCRv6_small_det"
    paddle_recognition: Annotated[
        str,
        about(
            "OCR_PADDLE_RECOGNITION",
            "PP-OCR model that reads them, another one for other languages, such as korean_PP-OCRv5_mobile_rec",
        ),
    ] = "PP-OCRv6_small_rec"
    paddle_runtime: Annotated[
        Literal["auto", "onnxruntime", "paddle"],
        about(
            "OCR_PADDLE_RUNTIME", "what runs these; auto takes ONNX Runtime where OCR_WEIGHTS holds both in its format"
        ),
    ] = "auto"
    paddle_device: Annotated[
        str,
        about(
            "OCR_PADDLE_DEVICE", "where they run: cpu, gpu:0, …; empty takes Paddle's GPU, or the CPU with ONNX Runtime"
        ),
    ] = ""
