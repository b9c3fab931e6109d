"""From a rectangle on a page to a level strip of pixels that holds one line."""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from function.page import Box, Pixels

#: Four corners (x, y) in page pixels, in order around the rectangle.
Quad: TypeAlias = "npt.NDArray[np.float32]"

#: Below this slope in degrees a plain slice is as good as a turned cut, and twenty times cheaper.
LEVEL = 0.2


def ordered(quad: Quad) -> Quad:
    """The corners as top left, top right, bottom right, bottom left of a rectangle turned by at most 45 degrees."""
    centre = quad.mean(axis=0)
    around = quad[np.argsort(np.arctan2(quad[:, 1] - centre[1], quad[:, 0] - centre[0]))]
    edges = np.roll(around, -1, axis=0) - around
    return np.roll(around, -int(np.argmax(edges[:, 0] - np.abs(edges[:, 1]))), axis=0)


def sides(quad: Quad) -> tuple[float, float]:
    """Width and height in pixels of an ordered quad."""
    return float(np.hypot(*(quad[1] - quad[0]))), float(np.hypot(*(quad[3] - quad[0])))


def slope(quad: Quad) -> float:
    """Degrees, clockwise positive, of an ordered quad's upper edge."""
    x, y = quad[1] - quad[0]
    return math.degrees(math.atan2(y, x))


def bounds(quad: Quad, width: int, height: int) -> Box:
    """The bounding box within a page."""
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    return max(0.0, float(x0)), max(0.0, float(y0)), min(float(width), float(x1)), min(float(height), float(y1))


def tightened(quad: Quad, share: float) -> Quad:
    """An ordered quad without that share of its height above, and as much below."""
    left, right = share * (quad[3] - quad[0]), share * (quad[2] - quad[1])
    return np.stack([quad[0] + left, quad[1] + right, quad[2] - right, quad[3] - left]).astype(np.float32)


def part_of(quad: Quad, first: float, last: float) -> Quad:
    """The part of an ordered quad between two shares of its width."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = [quad[0] + first * top, quad[0] + last * top, quad[3] + last * bottom, quad[3] + first * bottom]
    return np.stack(corners).astype(np.float32)


def cut(pixels: Pixels, quad: Quad) -> Pixels:
    """The inside of an ordered quad, turned level; at least one pixel each way."""
    height, width = pixels.shape[:2]
    if abs(slope(quad)) < LEVEL:
        x0, y0, x1, y1 = bounds(quad, width, height)
        left, top = min(int(x0), width - 1), min(int(y0), height - 1)
        return np.asarray(pixels[top : max(top + 1, math.ceil(y1)), left : max(left + 1, math.ceil(x1))])
    across, down = sides(quad)
    size = max(1, round(across)), max(1, round(down))
    target = np.array([[0, 0], [size[0], 0], [0, size[1]]], dtype=np.float32)
    turn = cv2.getAffineTransform(quad[[0, 1, 3]].astype(np.float32), target)
    level = cv2.warpAffine(pixels, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(level, dtype=np.uint8)
