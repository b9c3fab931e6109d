"""Tells lines in bold letters of what was read from a picture: their strokes are thicker than the page's others.

A stroke's thickness is twice its ink over the length of its outline, however blurred. Bold fonts have strokes 1.35 to
1.55 times as thick as regular ones of their size; lines of one weight differ by less than 1.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from function.page import Pixels, ReadLine
from function.reading.layout.frame import is_sound
from function.reading.layout.letter_widths import MARGIN, ems
from function.reading.layout.pieces import weighted_middle
from function.reading.layout.scripts import is_wide

#: Times the page's usual stroke: for the size of the letters by their width; for the height of the box, since letters
#: may be condensed; and in pixels, since blur makes the strokes of small print thick.
_THICKER, _THICKER_FOR_HEIGHT, _NO_THINNER = 1.3, 1.2, 1.12
#: So many lines tell what is usual. A long line may begin with words in bold: this stretch at its end tells, in heights
#: of its box.
_FEWEST_LINES, _STRETCH = 5, 10.0
#: Lines whose letters are smaller, in pixels, or that are steeper, in degrees, do not tell.
_SMALLEST, _STEEPEST = 12.0, 5.0
#: Part of a box's height, above and below, that may hold other lines.
_EDGE = 0.1
#: Ink differs from paper by so many steps of grey; less than this part of the darkest is dirt.
_CONTRAST, _DIRT = 60.0, 0.15


class _Stroke(NamedTuple):
    """Of one line: how thick it is for the size of its letters, for its box's height, and in pixels."""

    for_size: float
    for_height: float
    thickness: float
    letters: int
    wide: bool


def with_weights(pixels: Pixels, lines: Sequence[ReadLine]) -> list[ReadLine]:
    """Mark the lines that are bold.

    Args:
        pixels: of the upright page, height × width × 3, or 1.
        lines: read on it by an engine; those of a text layer know their weight.
    """
    strokes = [_stroke(pixels, line) for line in lines]
    told = sorted((stroke for stroke in strokes if stroke), key=lambda stroke: stroke.wide)
    usual = {wide: list(alike) for wide, alike in groupby(told, lambda stroke: stroke.wide)}
    least = {wide: _least(alike) for wide, alike in usual.items() if len(alike) >= _FEWEST_LINES}
    bold = [stroke is not None and stroke.wide in least and _is_bold(stroke, least[stroke.wide]) for stroke in strokes]
    return [replace(line, bold=True) if is_bold else line for line, is_bold in zip(lines, bold, strict=True)]


def _least(strokes: Sequence[_Stroke]) -> Sequence[float]:
    """From which strokes on lines are bold."""
    measures = zip(*(stroke[:3] for stroke in strokes), strict=True)
    usual = [weighted_middle(zip(measure, (stroke.letters for stroke in strokes), strict=True)) for measure in measures]
    return [usual[0] * _THICKER, usual[1] * _THICKER_FOR_HEIGHT, usual[2] * _NO_THINNER]


def _is_bold(stroke: _Stroke, least: Sequence[float]) -> bool:
    return all(measure >= enough for measure, enough in zip(stroke[:3], least, strict=True))


def _stroke(pixels: Pixels, line: ReadLine) -> _Stroke | None:
    """None where it cannot be told."""
    broad = ems(line.text)
    known = line.font_size is not None or line.vertical or not is_sound(line) or abs(line.angle) > _STEEPEST
    if known or broad is None:
        return None
    x0, y0, x1, y1 = line.box
    height = y1 - y0
    size = (x1 - x0 - MARGIN * height) / broad
    if size < _SMALLEST:
        return None
    top, bottom = max(0, round(y0 + _EDGE * height)), max(0, round(y1 - _EDGE * height))
    left, right = max(0, round(max(x0, x1 - _STRETCH * height))), max(0, round(x1))
    thickness = _thickness(pixels[top:bottom, left:right])
    if thickness is None:
        return None
    letters = [character for character in line.text if character.isalpha()]
    wide = 2 * sum(map(is_wide, letters)) > len(letters)
    return _Stroke(thickness / size, thickness / height, thickness, len(letters), wide)


def _thickness(part: Pixels) -> float | None:
    """How thick strokes are in a part of the page, in pixels; None where there is too little to tell."""
    import numpy as np

    if min(part.shape[:2]) < 2:
        return None
    grey = part[:, :, min(1, part.shape[2] - 1)]  # green says nearly what all three do
    ink = np.abs(grey.astype(np.float32) - np.float32(np.median(grey[::2, ::3])))
    darkest = float(ink.max())
    if darkest < _CONTRAST:
        return None
    ink *= np.float32(1 / darkest)
    ink[ink < _DIRT] = 0.0
    here = ink[1:, 1:]
    across, down = here - ink[1:, :-1], here - ink[:-1, 1:]
    outline = float(np.sqrt(across * across + down * down).sum())
    return 2 * float(ink.sum()) / outline if outline else None
