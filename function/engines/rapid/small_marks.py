"""Small round marks on a page that stand free, as dots do, and where its letters are dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from function.page import Pixels

Floats: TypeAlias = "npt.NDArray[np.float64]"
Grey: TypeAlias = "npt.NDArray[np.uint8]"

#: Of the page's longer side: how wide a mark is at most (4 points on A4).
_WIDEST = 1 / 200
#: By how much the longer of its sides exceeds the other, but for a pixel.
_UNEVEN = 1.6
#: In pixels: a mark so large shows whether it is one, or an equals sign that was blurred.
_LARGE = 4
#: In sizes of a mark: how far above it (as far as a colon's upper dot) and below it there is nothing.
_ABOVE, _BELOW = 5.0, 1.0
#: Grey steps by which a mark is darker than its row at least, or so many times the noise; a letter is darker than its
#: surroundings by this part of what the darkest are.
_FAINT, _NOISE, _DARK = 10.0, 4.0, 0.35


class Letters:
    """Where a page is as dark as its letters.

    Args:
        grey: dark on light, height × width.
    """

    def __init__(self, grey: Grey) -> None:
        self._height, self._width = grey.shape
        side = max(grey.shape) // 20 + 1
        darker = cv2.subtract(cv2.blur(grey, (side, side)), grey)
        is_dark = darker > max(3 * _FAINT, _DARK * float(np.percentile(darker[::4, ::4], 99.5)))
        self._sums = cv2.integral(is_dark.astype(np.uint8))

    def within(
        self, x0: npt.ArrayLike, y0: npt.ArrayLike, x1: npt.ArrayLike, y1: npt.ArrayLike
    ) -> npt.NDArray[np.int32]:
        """How many dark pixels a rectangle holds, or each of many rectangles."""
        left, right = (np.clip(np.rint(x).astype(int), 0, self._width) for x in (x0, np.maximum(x0, x1)))
        top, bottom = (np.clip(np.rint(y).astype(int), 0, self._height) for y in (y0, y1))
        sums = self._sums
        return np.asarray(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


@dataclass(frozen=True, slots=True)
class Marks:
    """Small marks of a page, from left to right.

    Attributes:
        x, y: their middles.
        size: the longer of their sides.
    """

    x: Floats
    y: Floats
    size: Floats


def dark_on_light(pixels: Pixels) -> Grey:
    """A page without its colours, black on white whichever it was."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.bitwise_not(grey) if np.median(grey[::4, ::4]) < 128 else grey, dtype=np.uint8)


def find_marks(grey: Grey, letters: Letters) -> Marks:
    """All small round marks with nothing right above and below."""
    long = max(grey.shape)
    row = cv2.blur(grey, (long // 100 + 1, 1))  # what is around would make one line of blurred dots
    third = (cv2.blur(np.ascontiguousarray(part[:, ::3]), (1, 3))[::3] for part in (grey, row))
    noise = 1.48 * float(np.median(cv2.absdiff(*third)))
    least, darker = max(_FAINT, _NOISE * noise), np.asarray(cv2.subtract(row, grey))
    seen = cv2.blur(darker, (1, 3)) > least
    stats, middles = components(seen.astype(np.uint8))
    x, y, width, blurred = (stats[:, column] for column in range(4))
    height = np.maximum(1, blurred - 2)
    size = np.maximum(width, height)
    is_round = (size <= _WIDEST * long) & (size <= _UNEVEN * np.minimum(width, height) + 1)
    above = letters.within(x - 1, y - _ABOVE * size, x + width + 1, y)
    below = letters.within(x - 1, y + blurred, x + width + 1, y + blurred + _BELOW * size)
    is_filled = (size < _LARGE) | (darker[y + blurred // 2, x + width // 2] > least)
    kept = np.flatnonzero(is_round & is_filled & (above == 0) & (below == 0))
    order = kept[np.argsort(middles[kept, 0], kind="stable")]
    return Marks(middles[order, 0], middles[order, 1], size[order].astype(np.float64))


def components(mask: Grey) -> tuple[npt.NDArray[np.int32], Floats]:
    """What hangs together: left, top, width, height and area of each, and its middle; nothing of what is mere noise."""
    try:  # short labels take a third of the time; a page of letters has some thousands
        _, _, stats, middles = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_16U, cv2.CCL_SPAGHETTI)
    except cv2.error:
        return np.empty((0, 5), np.int32), np.empty((0, 2))
    return np.asarray(stats[1:], dtype=np.int32), np.asarray(middles[1:], dtype=np.float64)
