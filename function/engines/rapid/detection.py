"""Where the lines of text are on a page: the DB detector and what is done around it.

DB (Liao et al., Real-time Scene Text Detection with Differentiable Binarization, AAAI 2020) gives each pixel the
probability of lying in the shrunken core of a line. Regions above a threshold become rectangles, those become wider by
area × ratio / perimeter on every side, which undoes the shrinking.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from function.engines.rapid.crops import Quad, sides
from function.engines.rapid.grid import grids, needs_finer, spans
from function.engines.rapid.recognition import HEIGHT
from function.page import Pixels

if TYPE_CHECKING:
    from function.engines.rapid.runtime import Network, Tensor

Heat: TypeAlias = "npt.NDArray[np.float32]"

#: A pixel belongs to a line above this, a line is one above that (mean over its region).
PIXEL_THRESHOLD = 0.3
LINE_THRESHOLD = 0.5
UNCLIP_RATIO = 1.6
#: Of lines taller on the page than the recogniser's input: they are shrunk for it, so that paper around them costs them
#: detail, whereas smaller ones need it to keep their spaces.
TIGHT_RATIO = 1.4
#: Only lines so many times longer than tall: of a word or a formula, less paper would cut off the ends.
LONG = 5.0
#: Regions thinner than this on the detector's grid are specks.
MIN_SIDE = 3.0
MAX_LINES = 3000

#: Of ImageNet, in blue, green, red as the model was trained, for pixels of 0..255.
MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
STD = np.array([0.229, 0.224, 0.225], np.float32) * 255


@dataclass(frozen=True, slots=True)
class Detection:
    """One line found.

    Attributes:
        quad: its corners in page pixels.
        score: mean probability inside, 0..1.
    """

    quad: Quad
    score: float


def detect(network: Network, pixels: Pixels, dpi: float | None) -> list[Detection]:
    """Find the lines of a page, in no particular order.

    Args:
        network: the detector.
        pixels: of the page.
        dpi: at which it was drawn or scanned, where known.
    """
    height, width = pixels.shape[:2]
    found: list[tuple[Quad, float]] = []
    size = (width, height)
    for size in grids(width, height, dpi):
        smaller = size[0] < width
        image = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
        found = _regions(_heat(network, image), tall=HEIGHT * size[1] / height)
        if not needs_finer([min(sides(rectangle)) for rectangle, _ in found]):
            break
    scale = np.array([width / size[0], height / size[1]], dtype=np.float32)
    return [Detection(quad=rectangle * scale, score=score) for rectangle, score in found]


def _heat(network: Network, image: Pixels) -> Heat:
    """The probability of every pixel, from tiles where the image is large."""
    height, width = image.shape[:2]
    heat = np.empty((height, width), dtype=np.float32)
    for down in spans(height):
        for across in spans(width):
            batch = _normalised(image[down.outer, across.outer])
            heat[down.inner, across.inner] = network.run(batch, partial(_part, place=(down.counts, across.counts)))
    return heat


def _part(output: Tensor, *, place: tuple[slice, slice]) -> Heat:
    return np.array(output[0, 0][place], dtype=np.float32)


def _normalised(image: Pixels) -> Tensor:
    batch = np.empty((1, 3, *image.shape[:2]), dtype=np.float32)
    for channel in range(3):
        np.multiply(image[:, :, channel], 1 / STD[channel], out=batch[0, channel], dtype=np.float32)
        batch[0, channel] -= MEAN[channel] / STD[channel]
    return batch


def _regions(heat: Heat, tall: float) -> list[tuple[Quad, float]]:
    """Rectangles on the detector's grid with their scores; lines above `tall` there have more detail than is read."""
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
        grow = _paper(width, height, tall)
        if min(width, height) + grow < MIN_SIDE + 2:
            continue
        found.append((cv2.boxPoints((centre, (width + grow, height + grow), angle)), score))
    return found


def _paper(width: float, height: float, tall: float) -> float:
    """By how much both sides of a shrunken core grow: area × ratio / perimeter at either end."""
    grow = UNCLIP_RATIO * width * height / (width + height)
    short, long = sorted((width, height))
    is_shrunk = short + grow > tall and long > LONG * short
    return grow * TIGHT_RATIO / UNCLIP_RATIO if is_shrunk else grow


def _mean_inside(heat: Heat, polygon: Quad) -> float:
    x0, y0 = np.maximum(np.floor(polygon.min(axis=0)).astype(int), 0)
    x1, y1 = np.ceil(polygon.max(axis=0)).astype(int) + 1
    window = heat[y0:y1, x0:x1]
    inside = np.zeros(window.shape, np.uint8)
    cv2.fillPoly(inside, [(polygon - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(window, inside)[0])
