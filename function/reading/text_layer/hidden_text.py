"""Which glyphs of a text layer nobody sees: invisible, painted over, tiny, without ink, or in the paper's colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from function.glyphs import Flags, Floats, Glyphs
from function.reading.text_layer.ink import Grey, Mask, painted

Corners: TypeAlias = "npt.NDArray[np.intp]"

#: Points below which text is not meant for people.
_SMALLEST_POINTS = 1.8
#: Preview pixels: glyphs with less of a box (full stops) say nothing about their colour.
_SMALLEST_AREA = 12.0
#: Steps of grey that separate a glyph's box from its surroundings.
_CLEAR_STEP = 4.0
#: Of one size, paint and line in a row: fewer are too few to tell (a bracket between heavy neighbours).
_FEWEST_VOTES = 4
#: Share of a glyph's box that others lie over, and how much more than its own their contrast is, for it to go unseen.
_OVERLAID, _OUTSHONE, _OUTSHONE_STEPS = 0.3, 2.5, 40.0


def hidden_among(glyphs: Glyphs, boxes: Floats, grey: Grey, ink: Mask, dpi: float) -> Flags:
    """For each glyph, whether it is hidden.

    Args:
        glyphs: blanks left out.
        boxes: N × 4, theirs in the preview's pixels.
        grey: the preview.
        ink: its ink.
        dpi: that the glyphs' sizes are given in.
    """
    points, lumas = glyphs.sizes * 72.0 / dpi, glyphs.lumas
    groups = _groups(lumas, points, glyphs.pens[:, 1] * 72.0 / dpi)
    bare = _summed(_integral(ink), _grown(boxes, 1.0, ink.shape)) == 0
    hidden = ~glyphs.visible | (points < _SMALLEST_POINTS) | bare | _majority(bare, ~bare, groups)
    surroundings = _Surroundings.of(boxes, grey, lumas)
    hidden |= _majority(surroundings.votes > 0, surroundings.votes < 0, groups)
    outshone = _outshone(boxes, surroundings.contrast, ~hidden & (points <= 2 * np.median(points)), grey.shape)
    return np.asarray(hidden | _majority(outshone, ~outshone, groups), dtype=np.bool_)


def _groups(lumas: Floats, points: Floats, baselines: Floats) -> Corners:
    """A number for each stretch of glyphs of one paint and size on one line, in the file's order."""
    alike = (np.diff(lumas) == 0) & (np.abs(np.diff(points)) <= 0.5) & (np.abs(np.diff(baselines)) <= 0.5 * points[1:])
    return np.asarray(np.cumsum(np.r_[0, ~alike]), dtype=np.intp)


def _majority(against: Flags, in_favour: Flags, groups: Corners) -> Flags:
    """For each glyph, whether its group is clearly hidden, so that its letters go together."""
    worse, better = np.bincount(groups, weights=against), np.bincount(groups, weights=in_favour)
    return np.asarray((worse - better >= _FEWEST_VOTES) & (worse >= 2 * better))[groups]


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the pixels around each glyph say about its paint.

    Attributes:
        votes: 1 where a glyph is lighter than its surroundings by its paint, but darker by the pixels, or the reverse:
            its ink is another's. -1 where both agree, 0 where nothing can be said.
        contrast: of its paint to its surroundings, in steps of grey; 255 where its paint is unknown.
    """

    votes: Floats
    contrast: Floats

    @classmethod
    def of(cls, boxes: Floats, grey: Grey, lumas: Floats) -> _Surroundings:
        total = _integral(grey)
        inner = _grown(boxes, 0.0, grey.shape)
        inside, area = _summed(total, inner), _areas(inner)
        mean = inside / np.maximum(1, area)
        votes = []
        ring = mean
        for margin in (1.0, 2.0):
            outer = _grown(boxes, margin, grey.shape)
            ring = (_summed(total, outer) - inside) / np.maximum(1, _areas(outer) - area)
            clear = (lumas >= 0) & (area >= _SMALLEST_AREA) & (np.abs(mean - ring) > _CLEAR_STEP)
            votes.append(np.where(clear, -np.sign((mean - ring) * (lumas - ring)), 0.0))
        near, far = votes
        agreed = np.where(near == far, near, np.minimum(0.0, np.minimum(near, far)))
        return cls(agreed, np.where(lumas < 0, 255.0, np.abs(lumas - ring)))


def _outshone(boxes: Floats, contrast: Floats, counted: Flags, shape: tuple[int, ...]) -> Flags:
    """Glyphs over or under others of much stronger contrast: only those others are seen there."""
    found = np.zeros(len(boxes), dtype=np.bool_)
    if not _any_overlap(boxes[counted]):
        return found
    inner = _grown(boxes[counted], -0.2, shape)
    area = np.maximum(1.0, _areas(inner))
    layers = _summed(_integral(painted(inner, np.ones(len(inner)), shape)), inner) / area
    own = contrast[counted]
    strength = _summed(_integral(painted(inner, own, shape)), inner) / area
    others = (strength - own) / np.maximum(_OVERLAID, layers - 1)
    found[counted] = (layers >= 1 + _OVERLAID) & (others > _OUTSHONE * own + _OUTSHONE_STEPS)
    return found


def _any_overlap(boxes: Floats) -> bool:
    """Whether neighbours on a line ever share much of their boxes; a cheap look before a thorough one."""
    if len(boxes) < 2:
        return False
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    step = max(4.0, float(np.median(boxes[:, 3] - boxes[:, 1])))
    shared = 0
    for shift in (0.0, 0.5):
        rows = boxes[np.lexsort((boxes[:, 0], np.floor(middles / step + shift)))]
        across = np.minimum(rows[1:, 2], rows[:-1, 2]) - np.maximum(rows[1:, 0], rows[:-1, 0])
        down = np.minimum(rows[1:, 3], rows[:-1, 3]) - np.maximum(rows[1:, 1], rows[:-1, 1])
        sides = np.minimum(rows[1:, 2:] - rows[1:, :2], rows[:-1, 2:] - rows[:-1, :2])
        shared += int(((across > _OVERLAID * sides[:, 0]) & (down > _OVERLAID * sides[:, 1])).sum())
    return shared >= _FEWEST_VOTES


def _grown(boxes: Floats, margin: float, shape: tuple[int, ...]) -> Corners:
    height, width = shape
    grown = np.c_[np.floor(boxes[:, :2] - margin), np.ceil(boxes[:, 2:] + margin)]
    return np.asarray(np.clip(grown, 0, [width, height, width, height]), dtype=np.intp)


def _areas(boxes: Corners) -> Floats:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), dtype=np.float64)


def _integral(image: Grey | Floats) -> npt.NDArray[np.int32] | Floats:
    """Whole numbers for an image of bytes (up to 8 million white pixels), which is twice as fast."""
    import cv2

    is_small = image.dtype == np.uint8 and image.size <= 8_000_000
    return np.asarray(cv2.integral(image, sdepth=cv2.CV_32S if is_small else cv2.CV_64F))


def _summed(total: npt.NDArray[np.int32] | Floats, boxes: Corners) -> Floats:
    x0, y0, x1, y1 = boxes.T
    flat, width = total.reshape(-1), total.shape[1]
    top, bottom = y0 * width, y1 * width
    return np.asarray(flat[bottom + x1] - flat[top + x1] - flat[bottom + x0] + flat[top + x0], dtype=np.float64)
