"""Which glyphs of a text layer nobody sees: invisible, painted over, tiny, without ink, or in the paper's colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from function.page import Glyph
from function.reading.ink import Floats, Grey, Mask

#: Points below which text is not meant for people.
_SMALLEST_POINTS = 1.8
#: Preview pixels: glyphs with less of a box (full stops) say nothing about their colour.
_SMALLEST_AREA = 12.0
#: Steps of grey that separate a glyph's box from its surroundings, and its paint from them.
_CLEAR_STEP = 4.0
#: Of one size and paint in a row: fewer are too few to tell (a bracket between heavy neighbours).
_FEWEST_VOTES = 4


def hidden_among(
    glyphs: Sequence[Glyph], boxes: Floats, grey: Grey, ink: Mask, dpi: float
) -> npt.NDArray[np.bool_]:
    """For each glyph, whether it is hidden.

    Args:
        glyphs: blanks left out.
        boxes: N × 4, theirs in the preview's pixels.
        grey: the preview.
        ink: its ink.
        dpi: that the glyphs' sizes are given in.
    """
    visible = np.array([glyph.visible for glyph in glyphs])
    points = np.array([glyph.size for glyph in glyphs]) * 72.0 / dpi
    lumas = np.array([-1 if glyph.luma is None else glyph.luma for glyph in glyphs], dtype=np.float64)
    bare = _sums(ink, _grown(boxes, 1.0, ink.shape)) == 0
    votes = _contradictions(boxes, grey, lumas)
    heights = np.array([glyph.pen[1] for glyph in glyphs]) * 72.0 / dpi
    alike = (np.diff(lumas) == 0) & (np.abs(np.diff(points)) <= 0.5) & (np.abs(np.diff(heights)) <= 0.5 * points[1:])
    groups = np.cumsum(np.r_[0, ~alike])
    outvoted = (np.bincount(groups, weights=votes)[groups] >= _FEWEST_VOTES) & (votes >= 0)
    outvoted |= np.bincount(groups, weights=np.where(bare, 1.0, -1.0))[groups] >= _FEWEST_VOTES
    return np.asarray(~visible | (points < _SMALLEST_POINTS) | bare | outvoted, dtype=np.bool_)


def _contradictions(boxes: Floats, grey: Grey, lumas: Floats) -> Floats:
    """1 where a glyph is lighter than its surroundings by its paint, but darker by the pixels, or the reverse.

    -1 where both agree, 0 where nothing can be said. Such a glyph's ink is another's: white letters below black ones.
    """
    import cv2

    total = cv2.integral(grey).astype(np.float64)
    inner = _grown(boxes, 0.0, grey.shape)
    inside, area = _summed(total, inner), _areas(inner)
    mean = inside / np.maximum(1, area)
    votes = []
    for margin in (1.0, 2.0):
        outer = _grown(boxes, margin, grey.shape)
        ring = (_summed(total, outer) - inside) / np.maximum(1, _areas(outer) - area)
        clear = (lumas >= 0) & (area >= _SMALLEST_AREA) & (np.abs(mean - ring) > _CLEAR_STEP)
        votes.append(np.where(clear, -np.sign((mean - ring) * (lumas - ring)), 0.0))
    near, far = votes
    return np.asarray(np.where(near == far, near, np.minimum(0.0, np.minimum(near, far))), dtype=np.float64)


def _grown(boxes: Floats, margin: float, shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    height, width = shape
    grown = np.c_[np.floor(boxes[:, :2] - margin), np.ceil(boxes[:, 2:] + margin)]
    return np.asarray(np.clip(grown, 0, [width, height, width, height]), dtype=np.intp)


def _areas(boxes: npt.NDArray[np.intp]) -> Floats:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), dtype=np.float64)


def _sums(mask: Mask, boxes: npt.NDArray[np.intp]) -> Floats:
    import cv2

    return _summed(cv2.integral(mask).astype(np.float64), boxes)


def _summed(total: Floats, boxes: npt.NDArray[np.intp]) -> Floats:
    x0, y0, x1, y1 = boxes.T
    return np.asarray(total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0])
