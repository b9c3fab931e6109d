"""Signs that a page needs the accurate rung: what the fast one read of it, held against the page's own pixels.

Measured only where there is an accurate engine, from what is at hand anyway: lines, blocks, drawn pixels. Each sign is
one number with one threshold, so that the histogram of it (`telemetry/metrics.py`) tells where to set that threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from function.page import PageReading, Pixels, ReadLine
from function.reading.accurate.formulas import is_formula
from function.reading.text_layer.ink import Mask, ink_of, words_beside
from function.results.model import Block

if TYPE_CHECKING:
    import numpy.typing as npt

#: A line read with less confidence is often wrong; sound print stays above it, blurred, noisy and handwritten does not.
SURE = 0.9
#: A line so many times wider for each of its characters than it is high was not read, whatever the confidence: its
#: script is unknown.
_WIDEST_CHARACTER = 3.0
#: Pixels of the longer side at which ink is looked for: small letters are still seen, and a page costs milliseconds.
_WORK_SIDE = 1200
#: Share of a line's height by which it is enlarged, for engines cut lines tight; fewer words than this are icons.
_MARGIN, _FEW_WORDS = 0.25, 5
#: Share of a page's text that may be smaller than what is called its small print.
_SMALLEST = 0.2


@dataclass(frozen=True, slots=True)
class Signs:
    """What was measured on one page.

    Attributes:
        doubtful: share of its text in lines that were read without confidence, 0..1.
        unread: share of the ink of text that lies in no line that was read, 0..1.
        cells: of its tables, all together, that hold text.
        formulas: lines that hold one.
        height: of its small print, in pixels; 0 where nothing was read.
        foreign: its text layer is written in a script that the fast engine does not know.
    """

    doubtful: float = 0.0
    unread: float = 0.0
    cells: int = 0
    formulas: int = 0
    height: float = 0.0
    foreign: bool = False

    def told(self) -> dict[str, float]:
        """By name, rounded, for the result."""
        return {
            "doubtful": round(self.doubtful, 3),
            "unread": round(self.unread, 3),
            "cells": self.cells,
            "formulas": self.formulas,
            "height": round(self.height, 1),
            "foreign": int(self.foreign),
        }


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Which signs wake the accurate engine. The defaults were chosen on real pages (`bench/ladder`).

    Attributes:
        doubtful: share of doubtful text above which a page needs it; 1 never.
        unread: share of unread ink above which it does; 1 never.
        cells: of tables from which on it does; 0 never.
        formulas: lines with formulas from which on it does; 0 never.
        height: of small print in pixels below which it does; 0 never.
        text: tables and formulas of pages that answer from their text layer count, too.
    """

    doubtful: float = 0.05
    unread: float = 0.1
    cells: int = 9
    formulas: int = 1
    height: float = 9.0
    text: bool = False

    def reasons(self, signs: Signs) -> dict[str, str]:
        """Why a page with these signs needs the accurate rung, by sign, for people; empty where it does not."""
        found = {
            "foreign": (signs.foreign, "its script is not the fast engine's"),
            "doubtful": (signs.doubtful > self.doubtful, f"{signs.doubtful:.0%} of its text was read with doubt"),
            "unread": (signs.unread > self.unread, f"{signs.unread:.0%} of what looks like text was not read"),
            "cells": (0 < self.cells <= signs.cells, f"tables of {signs.cells} cells"),
            "formulas": (0 < self.formulas <= signs.formulas, f"formulas in {signs.formulas} lines"),
            "height": (0 < signs.height < self.height, f"print of {signs.height:.0f} pixels"),
        }
        return {name: reason for name, (counts, reason) in found.items() if counts}


def structure(blocks: Sequence[Block]) -> Signs:
    """The signs that a page's arranged text gives: tables and formulas.

    Args:
        blocks: of the page as the fast rung or the text layer gives it.
    """
    cells = sum(bool(cell) for block in blocks for row in block.rows or () for cell in row)
    formulas = sum(is_formula(line.text) for block in blocks for line in block.lines)
    return Signs(cells=cells, formulas=formulas)


def legibility(reading: PageReading, pixels: Pixels) -> Signs:
    """The signs that the pixels give beside what was read of them: doubts, unread ink, small print.

    Args:
        reading: of the upright page.
        pixels: of the page as drawn, height × width × 3, BGR.
    """
    grey = _reduced(pixels)
    ink = ink_of(np.ascontiguousarray(np.rot90(grey, k=-reading.rotation // 90)))
    boxes = np.array([line.box for line in reading.lines], dtype=np.float64).reshape(-1, 4)
    across, down = ink.shape[1] / max(1, reading.width), ink.shape[0] / max(1, reading.height)
    words, unread = words_beside(ink, _covered(boxes, ink.shape, across, down))
    return Signs(
        doubtful=_doubtful(reading.lines, boxes),
        unread=unread if words >= _FEW_WORDS else 0.0,
        height=_small_print(reading.lines, boxes),
    )


def _reduced(pixels: Pixels) -> Mask:
    """One channel, shrunk by a whole number, which takes a third of the time."""
    import cv2

    shrink = max(1, round(max(pixels.shape[:2]) / _WORK_SIDE))
    coarse = max(1, shrink // 2)
    green = np.ascontiguousarray(pixels[::coarse, ::coarse, min(1, pixels.shape[2] - 1)])
    size = (max(1, pixels.shape[1] // shrink), max(1, pixels.shape[0] // shrink))
    return np.asarray(cv2.resize(green, size, interpolation=cv2.INTER_AREA) if shrink > 1 else green, dtype=np.uint8)


def _covered(boxes: npt.NDArray[np.float64], shape: tuple[int, ...], across: float, down: float) -> Mask:
    covered = np.zeros(shape, dtype=np.uint8)
    if not len(boxes):
        return covered
    margin = _MARGIN * (boxes[:, 2:] - boxes[:, :2]).min(axis=1, keepdims=True)
    grown = (boxes + margin * np.array([-1, -1, 1, 1])) * [across, down, across, down]
    for x0, y0, x1, y1 in np.clip(grown, 0, [shape[1], shape[0]] * 2).astype(np.intp).tolist():
        covered[y0 : y1 + 1, x0 : x1 + 1] = 1
    return covered


def _doubtful(lines: Sequence[ReadLine], boxes: npt.NDArray[np.float64]) -> float:
    """Weighed by characters, or by as many as a line has room for: what was not read does not weigh nothing."""
    weights, doubted = 0.0, 0.0
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0)
    for line, room in zip(lines, (sides.max(axis=1) / sides.min(axis=1)).tolist(), strict=True):
        characters = len(line.text)
        weight = max(float(characters), room)
        weights += weight
        if line.confidence < SURE or characters * _WIDEST_CHARACTER < room:
            doubted += weight
    return doubted / weights if weights else 0.0


def _small_print(lines: Sequence[ReadLine], boxes: npt.NDArray[np.float64]) -> float:
    """The height below which a share of the characters stands."""
    if not lines:
        return 0.0
    heights = (boxes[:, 2:] - boxes[:, :2]).min(axis=1)
    order = np.argsort(heights, kind="stable")
    passed = np.cumsum(np.array([len(line.text) for line in lines])[order])
    return float(heights[order][np.searchsorted(passed, _SMALLEST * passed[-1])])
