"""Where the lines of text are on a page: the DB detector and what is done around it.

DB (Liao et al., Real-time Scene Text Detection with Differentiable Binarization, AAAI 2020) gives each pixel the
probability of lying in the shrunken core of a line. Regions above a threshold become rectangles, those become wider by
area × ratio / perimeter on every side, which undoes the shrinking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from function.engines.rapid.crops import Quad
from function.page import Pixels

if TYPE_CHECKING:
    from function.engines.rapid.runtime import Network, Tensor

#: A pixel belongs to a line above this, a line is one above that (mean over its region).
PIXEL_THRESHOLD = 0.3
LINE_THRESHOLD = 0.5
UNCLIP_RATIO = 1.6
#: Regions thinner than this on the detector's grid are specks.
MIN_SIDE = 3.0
MAX_LINES = 3000

LONG_SIDE = 1280
SHORT_SIDE = 736
MAX_ZOOM = 4.0
STEP = 64
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Detection:
    """One line found.

    Attributes:
        quad: its corners in page pixels.
        score: mean probability inside, 0..1.
    """

    quad: Quad
    score: float


def detect(network: Network, pixels: Pixels) -> list[Detection]:
    """Find the lines of a page, in no particular order."""
    height, width = pixels.shape[:2]
    size = _grid(width, height)
    batch = _normalised(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR))
    found = network.run(batch, _regions)
    scale = np.array([width / size[0], height / size[1]], dtype=np.float32)
    return [Detection(quad=rectangle * scale, score=score) for rectangle, score in found]


def _grid(width: int, height: int) -> tuple[int, int]:
    zoom = LONG_SIDE / max(width, height)
    if zoom > 1.0:
        zoom = min(zoom, MAX_ZOOM, max(1.0, SHORT_SIDE / min(width, height)))
    return _rounded(width * zoom), _rounded(height * zoom)


def _rounded(side: float) -> int:
    return max(STEP, round(side / STEP) * STEP)


def _normalised(image: Pixels) -> Tensor:
    mean, std = np.array(MEAN, np.float32) * 255, np.array(STD, np.float32) * 255
    return np.ascontiguousarray(((image.astype(np.float32) - mean) / std).transpose(2, 0, 1)[None])


def _regions(output: Tensor) -> list[tuple[Quad, float]]:
    """Rectangles on the detector's grid with their scores."""
    heat = output[0, 0]
    mask = cv2.dilate((heat > PIXEL_THRESHOLD).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[:MAX_LINES]:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < MIN_SIDE:
            continue
        score = _mean_inside(heat, cv2.boxPoints((centre, (width, height), angle)))
        if score < LINE_THRESHOLD:
            continue
        grow = 2 * width * height * UNCLIP_RATIO / (2 * (width + height))
        if min(width, height) + grow < MIN_SIDE + 2:
            continue
        found.append((cv2.boxPoints((centre, (width + grow, height + grow), angle)), score))
    return found


def _mean_inside(heat: Tensor, polygon: Quad) -> float:
    x0, y0 = np.maximum(np.floor(polygon.min(axis=0)).astype(int), 0)
    x1, y1 = np.ceil(polygon.max(axis=0)).astype(int) + 1
    window = heat[y0:y1, x0:x1]
    inside = np.zeros(window.shape, np.uint8)
    cv2.fillPoly(inside, [(polygon - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(window, inside)[0])
