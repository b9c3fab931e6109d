"""One found line becomes one line read: which way its characters run is tried until one way reads well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from function.engines.rapid import crops
from function.engines.rapid.crops import Quad
from function.engines.rapid.fractions import as_text, fraction
from function.engines.rapid.leaders import leader
from function.engines.rapid.recognition import HEIGHT
from function.engines.rapid.script import mostly_east_asian
from function.page import Pixels, ReadLine

#: Reads one level strip: text and confidence.
Reader: TypeAlias = Callable[[Pixels], tuple[str, float]]

#: Taller than this × its width, a region may be a line that runs downwards.
TALL = 1.5
#: Up to this × its width, it may also be a single narrow character, such as 1 or !.
NARROW = 2.5
#: Read this well, no other way is tried.
GOOD = 0.8
#: Read worse than this, a line is looked at for dots that lead to its text.
SURE = 0.9
#: Lines taller than the recogniser's input are shrunk, paper and letters alike: so much of their height is left out
#: above and below, for that is paper. It tells letters apart that differ by a hair, such as s, f and long s; smaller
#: lines have no detail to win, and lose their spaces.
PAPER = 0.05


def read_line(pixels: Pixels, quad: Quad, read: Reader) -> ReadLine:
    """Cut and read the line in `quad` of an upright page; its text is empty where nothing was read."""
    quad = crops.ordered(quad)
    strip = _strip(pixels, quad)
    text, confidence, turned = _best_way(strip, read)
    if turned == 0 and confidence < SURE:
        text, confidence = _behind_leader(strip, (text, confidence), read)
    height, width = pixels.shape[:2]
    vertical = turned == 90 and len(text) > 1 and mostly_east_asian(text)
    return ReadLine(
        box=crops.bounds(quad, width, height),
        text=text.strip(),
        confidence=min(1.0, max(0.0, confidence)),
        angle=round(crops.slope(quad) + (0 if vertical else turned), 2),
        vertical=vertical,
    )


def _strip(pixels: Pixels, quad: Quad) -> Pixels:
    width, height = crops.sides(quad)
    is_shrunk = HEIGHT < height < TALL * width
    return crops.cut(pixels, crops.tightened(quad, PAPER) if is_shrunk else quad)


def _best_way(strip: Pixels, read: Reader) -> tuple[str, float, int]:
    """Text, confidence, and the clockwise degrees by which the text runs off the level."""
    height, width = strip.shape[:2]
    if height < TALL * width:
        return *read(strip), 0
    parts = fraction(strip)
    if parts is not None:
        (above, sure_above), (below, sure_below) = map(read, parts)
        if above and below and not mostly_east_asian(above + below):  # in a column, a bar is the Han character for one
            return as_text(above, below), min(sure_above, sure_below), 0
    best = ("", 0.0, 0)
    for turned in (0, 90, -90) if height < NARROW * width else (90, -90):
        text, confidence = read(turn(strip, -turned))
        if confidence > best[1]:
            best = text, confidence, turned
        if best[1] >= GOOD:
            break
    return best


def _behind_leader(strip: Pixels, whole: tuple[str, float], read: Reader) -> tuple[str, float]:
    """The dots that the strip begins with and what follows them, where that reads better than the strip as a whole."""
    dots, end = leader(strip)
    if not dots:
        return whole
    text, confidence = read(strip[:, end:])
    return ("." * dots + text, confidence) if text and confidence > whole[1] else whole


def turn(pixels: Pixels, clockwise: int) -> Pixels:
    """Turn by a multiple of 90 degrees, into memory of its own, as OpenCV wants it."""
    return np.ascontiguousarray(np.rot90(pixels, -clockwise // 90))
