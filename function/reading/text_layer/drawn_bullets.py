"""Signs of lists that are drawn rather than written, as browsers print them: they become glyphs before their lines."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from function.glyphs import Flags, Floats, Glyphs, Indices
from function.page import TextLayer
from function.reading.text_layer.ink import Mask

Windows: TypeAlias = "npt.NDArray[np.intp]"

_BULLET = "\u2022"
#: What ink has around it, in pixels of the preview, since it is told by the step from paper.
_HALO = 1.0
#: All in font sizes. A bullet is this large, and about as wide as high; …
_SMALLEST, _LARGEST, _UNEVEN = 0.2, 0.6, 0.15
#: … it stands in this stretch before its line, no lower than the baseline and no higher than this, …
_FURTHEST, _HIGHEST = 1.5, 0.75
#: … with nothing else in a longer one.
_ALONE = 2.2
#: Letters further than this from the one before them may begin a line.
_APART = 1.0
#: Bullets of one list begin at the same place, but for so many pixels; a single one may be anything.
_ALIGNED = 1.5


def with_bullets(layer: TextLayer, letters: Indices, boxes: Floats, ink: Mask) -> TextLayer:
    """Put a bullet before each line that has one drawn.

    Args:
        layer: of the page.
        letters: which of its glyphs are seen.
        boxes: N × 4, theirs in the preview's pixels.
        ink: of the preview.
    """
    scale = np.array([ink.shape[1] / max(1, layer.width), ink.shape[0] / max(1, layer.height)])
    sizes, baselines = layer.glyphs.sizes[letters] * scale[1], layer.glyphs.pens[letters, 1] * scale[1]
    first = np.flatnonzero(_begins(boxes, baselines, sizes) & (layer.glyphs.angles[letters] == 0))
    found = _spots(boxes[first, 0], baselines[first], sizes[first], ink)
    found = [(at, box) for at, box in found if not _overlap(box, boxes).any()]
    lefts = np.array([box[0] for _, box in found])
    found = [(at, box) for at, box in found if np.count_nonzero(np.abs(lefts - box[0]) <= _ALIGNED) > 1]
    if not found:
        return layer
    drawn = np.array([box for _, box in found]) / [*scale, *scale]
    return replace(layer, glyphs=_with(layer.glyphs, letters[first[[at for at, _ in found]]], drawn))


def _begins(boxes: Floats, baselines: Floats, sizes: Floats) -> Flags:
    """Which letters stand apart from the one before them in the file."""
    reach = _APART * sizes[1:]
    near = (np.abs(boxes[1:, 0] - boxes[:-1, 2]) <= reach) & (np.abs(np.diff(baselines)) <= reach / 2)
    return np.asarray(np.r_[np.ones(min(1, len(boxes)), dtype=np.bool_), ~near])


def _spots(lefts: Floats, baselines: Floats, sizes: Floats, ink: Mask) -> list[tuple[int, Floats]]:
    """Which of some lines have a small round or square spot before them, and its box."""
    import cv2

    total = cv2.integral(ink)
    near, far = (_windows(lefts, baselines, sizes, length, ink) for length in (_FURTHEST, _ALONE))
    area = _summed(total, near)
    likely = (area > 0) & (area <= (_LARGEST * sizes + 2 * _HALO) ** 2) & (area == _summed(total, far))
    found = []
    for at in np.flatnonzero(likely).tolist():
        x0, y0, x1, y1 = near[at].tolist()
        x, y, wide, high = cv2.boundingRect(ink[y0:y1, x0:x1])
        left, top = x0 + x + _HALO, y0 + y + _HALO
        box = np.array([left, top, left + wide - 2 * _HALO, top + high - 2 * _HALO])
        sides = (box[2:] - box[:2]) / sizes[at]
        if sides.min() >= _SMALLEST and sides.max() <= _LARGEST and np.ptp(sides) <= max(_UNEVEN, _HALO / sizes[at]):
            found.append((at, box))
    return found


def _windows(lefts: Floats, baselines: Floats, sizes: Floats, length: float, ink: Mask) -> Windows:
    """Boxes in whole pixels before lines, so long."""
    height, width = ink.shape
    ends = lefts - 2 * _HALO
    sides = [lefts - length * sizes, baselines - _HIGHEST * sizes, ends, baselines + _HALO]
    boxes = np.rint(np.stack(sides, axis=1))
    return np.asarray(np.clip(boxes, 0, [width, height, width, height]), dtype=np.intp)


def _summed(total: npt.NDArray[np.int32], boxes: Windows) -> Indices:
    x0, y0, x1, y1 = boxes.T
    return np.asarray(total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0], dtype=np.intp)


def _overlap(box: Floats, written: Floats) -> Flags:
    return np.asarray((written[:, :2] < box[2:]).all(axis=1) & (written[:, 2:] > box[:2]).all(axis=1))


def _with(glyphs: Glyphs, before: Indices, boxes: Floats) -> Glyphs:
    """Glyphs with a bullet in each of the boxes, written as the letter is that it stands before."""
    first = glyphs.take(before)
    bullets = replace(
        first,
        chars=np.full(len(before), _BULLET),
        boxes=boxes,
        pens=np.stack([boxes[:, 0], first.pens[:, 1]], axis=1),
        advances=boxes[:, 2] - boxes[:, 0],
        mapped=np.ones(len(before), dtype=np.bool_),
    )
    names = [column.name for column in fields(glyphs)]
    both = Glyphs(**{name: np.concatenate([getattr(glyphs, name), getattr(bullets, name)]) for name in names})
    return both.take(np.argsort(np.concatenate([np.arange(len(glyphs)), before - 0.5])))
