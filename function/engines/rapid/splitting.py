"""A line wider than the recogniser takes is read in pieces, cut where nothing is printed."""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from function.engines.rapid.script import mostly_east_asian
from function.page import Pixels

Contrast: TypeAlias = "npt.NDArray[np.float32]"

#: In heights of the line: how wide a gap is that counts as a space, and how far apart the best cut is looked for.
_SPACE, _REACH = 0.2, 4.0
#: A column whose contrast is below this share of the line's is empty.
_EMPTY = 0.25


def pieces(strip: Pixels, longest: float) -> list[tuple[Pixels, bool]]:
    """Cut a strip into pieces of about equal width, none much wider than `longest` × its height.

    Returns:
        Each piece, and whether a space lies between it and the piece before.
    """
    height, width = strip.shape[:2]
    count = math.ceil(width / (longest * height))
    if count < 2:
        return [(strip, False)]
    contrast = _contrast(strip)
    cuts = [_cut(contrast, round(width * part / count), height) for part in range(1, count)]
    edges = [0, *(at for at, _ in cuts), width]
    spaces = [False, *(space for _, space in cuts)]
    return [(strip[:, start:end], space) for start, end, space in zip(edges[:-1], edges[1:], spaces, strict=True)]


def joined(texts: list[tuple[str, bool]]) -> str:
    """The pieces' texts in one, with spaces where they lay, but none between East Asian characters."""
    whole = ""
    for text, space in texts:
        gap = space and whole and text and not mostly_east_asian(whole[-1] + text[0])
        whole += (" " if gap else "") + text
    return whole


def _contrast(strip: Pixels) -> Contrast:
    grey = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_BGR2GRAY)
    return np.asarray(np.ptp(grey, axis=0), dtype=np.float32)


def _cut(contrast: Contrast, near: int, height: int) -> tuple[int, bool]:
    """The middle of the emptiest stretch near a column, and whether that stretch is as wide as a space."""
    start = max(1, near - int(_REACH * height / 2))
    window = contrast[start : near + int(_REACH * height / 2)]
    space = max(1, int(_SPACE * height))
    emptiness = cv2.blur(window.reshape(1, -1), (space, 1), borderType=cv2.BORDER_REPLICATE)[0]
    at = int(np.argmin(emptiness))
    return start + at, bool(emptiness[at] <= _EMPTY * contrast.max())
