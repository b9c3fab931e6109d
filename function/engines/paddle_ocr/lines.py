"""What PaddleOCR answers, as our values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from function.page import Box, PageReading, ReadLine


def reading(result: Mapping[str, Any], width: int, height: int, gpu_seconds: float) -> PageReading:
    """A page's result as PaddleOCR's `json["res"]` has it (paddlex 3.7, pipelines/ocr).

    Args:
        result: `rec_texts`, `rec_scores` and `rec_polys`, a line each; `doc_preprocessor_res` where pages are turned.
        width: of the given page, in pixels.
        height: of the given page, in pixels.
        gpu_seconds: that the page took.
    """
    # It turns against the clock by this angle; -1 where it does not look.
    turned = int((result.get("doc_preprocessor_res") or {}).get("angle") or 0)
    rotation = -turned % 360 if turned > 0 else 0
    if rotation in (90, 270):
        width, height = height, width
    return PageReading(list(_lines(result, width, height)), width, height, rotation, gpu_seconds=gpu_seconds)


def _lines(result: Mapping[str, Any], width: int, height: int) -> Iterator[ReadLine]:
    for text, score, corners in zip(result["rec_texts"], result["rec_scores"], result["rec_polys"], strict=True):
        box = _bounds(corners, width, height)
        if text.strip() and box[0] < box[2] and box[1] < box[3]:
            yield ReadLine(box, text.strip(), min(1.0, max(0.0, float(score))), _slope(corners))


def _bounds(corners: Any, width: int, height: int) -> Box:
    across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return max(0.0, min(across)), max(0.0, min(down)), min(float(width), max(across)), min(float(height), max(down))


def _slope(corners: Any) -> float:
    """Degrees of the upper edge, clockwise; corners come clockwise from the upper left."""
    (x0, y0), (x1, y1) = corners[0], corners[1]
    return round(math.degrees(math.atan2(float(y1) - float(y0), float(x1) - float(x0))), 2)
