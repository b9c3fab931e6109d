"""What is printed on a strip of pixels, and where along it."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from function.page import Pixels

#: Height × width; true where there is ink.
Mask: TypeAlias = "npt.NDArray[np.bool_]"


def find_ink(strip: Pixels) -> Mask:
    """The darker or the lighter pixels, by Otsu's threshold: whichever are fewer."""
    grey = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_BGR2GRAY)
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark: Mask = grey <= threshold
    return dark if 2 * int(dark.sum()) <= dark.size else ~dark


def runs(filled: Mask) -> list[tuple[int, int]]:
    """First and one past the last index of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
