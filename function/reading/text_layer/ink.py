"""Ink on a small grey preview: where there is any, and which of it looks like words although no glyph lies there."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Grey: TypeAlias = "npt.NDArray[np.uint8]"
Mask: TypeAlias = "npt.NDArray[np.uint8]"
Floats: TypeAlias = "npt.NDArray[np.float64]"

#: Steps of grey between neighbouring pixels that are ink, not noise.
_STEP = 20
#: Pixels of a preview: what is longer and thinner is a rule (small letters touch and make long rows, too); letters'
#: height; how far words' letters stand apart.
_RULE, _THICKEST_RULE = 40, 5
_LOWEST, _HIGHEST, _LETTER_GAP = 5, 60, 5
#: Glyphs above this height (preview pixels) or width (for their height) account for no ink.
_TALLEST_LETTER, _WIDEST_LETTER = 160, 6
#: How wide a word is for its height; what is wider is several, or a line.
_WORD_WIDTH = 4.0
#: Pixels of ink that hold no word.
_LEAST_INK = 20
#: Words: how much of their box is ink, and how wide for their height.
_THINNEST, _DENSEST, _WIDEST_FOR_HEIGHT = 0.25, 0.95, 1.3


def ink_of(grey: Grey) -> Mask:
    """1 where neighbouring pixels differ, else 0: letters and lines, and only the borders of what is filled."""
    import cv2

    gradient = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.threshold(gradient, _STEP, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def covered_by(boxes: Floats, shape: tuple[int, ...]) -> Mask:
    """1 inside any box, each enlarged by a tenth of its height and two pixels, for what smoothing smears."""
    height, width = shape
    covered = np.zeros(shape, dtype=np.uint8)
    boxes = _runs(boxes[_is_letter_sized(boxes)])
    margin = 2.0 + 0.1 * np.minimum(boxes[:, 3:4] - boxes[:, 1:2], boxes[:, 2:3] - boxes[:, 0:1])
    grown = np.clip(boxes + margin * np.array([-1, -1, 1, 1]), 0, [width, height, width, height]).astype(np.intp)
    for x0, y0, x1, y1 in grown.tolist():
        covered[y0:y1, x0:x1] = 1
    return covered


def _runs(boxes: Floats) -> Floats:
    """Boxes around words of neighbouring boxes, so that there are fewer."""
    if len(boxes) < 2:
        return boxes
    sides = boxes[:, 2:] - boxes[:, :2]
    larger = np.maximum(sides[1:], sides[:-1]).max(axis=1, keepdims=True)
    gaps = np.maximum(boxes[1:, :2], boxes[:-1, :2]) - np.minimum(boxes[1:, 2:], boxes[:-1, 2:])
    both = np.maximum(boxes[1:, 2:], boxes[:-1, 2:]) - np.minimum(boxes[1:, :2], boxes[:-1, :2])
    is_tight = (both[:, 0] <= 1.4 * sides[1:, 0] + 1.4 * sides[:-1, 0]) | (both[:, 1] <= sides[1:, 1] + sides[:-1, 1])
    joins = (gaps <= 0.6 * larger).all(axis=1) & (gaps.min(axis=1) <= 0) & is_tight
    starts = np.r_[0, np.flatnonzero(~joins) + 1]
    return np.hstack([np.minimum.reduceat(boxes[:, :2], starts), np.maximum.reduceat(boxes[:, 2:], starts)])


def painted(boxes: npt.NDArray[np.intp], weights: Floats, shape: tuple[int, ...]) -> Floats:
    """For each pixel, the sum of the weights of the boxes that it lies in.

    Args:
        boxes: N × 4, whole pixels within the image.
        weights: N.
        shape: height and width.
    """
    import cv2

    height, width = shape
    x0, y0, x1, y1 = boxes.T
    flat = [y * (width + 1) + x for y, x in ((y0, x0), (y1, x1), (y0, x1), (y1, x0))]
    signed = np.concatenate([weights, weights, -weights, -weights])
    steps = np.bincount(np.concatenate(flat), weights=signed, minlength=(height + 1) * (width + 1))
    total = cv2.integral(steps.reshape(height + 1, width + 1), sdepth=cv2.CV_64F)
    return np.asarray(total[1:-1, 1:-1])


def _is_letter_sized(boxes: Floats) -> npt.NDArray[np.bool_]:
    """Without what no letter looks like: a single glyph that draws a line or a page would account for all its ink."""
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return np.asarray((high <= _TALLEST_LETTER) & (wide <= _WIDEST_LETTER * np.maximum(high, _LOWEST)))


def words_without_text(ink: Mask, boxes: Floats) -> tuple[int, float]:
    """Look for words where no glyph lies; as `words_beside`.

    Args:
        ink: as `ink_of` gives it.
        boxes: N × 4, of the glyphs that are seen, in the preview's pixels.
    """
    return words_beside(ink, covered_by(boxes, ink.shape))


def words_beside(ink: Mask, covered: Mask) -> tuple[int, float]:
    """Look for words where nothing was read.

    Args:
        ink: as `ink_of` gives it.
        covered: 1 where text is known to stand, else 0.

    Returns:
        About how many words stand elsewhere, and their share of the ink of all text, 0..1.
    """
    import cv2

    told = float(cv2.countNonZero(ink & covered))
    rest = ink & ~covered
    if cv2.countNonZero(rest) < _LEAST_INK:
        return 0, 0.0
    x, y, width, height = cv2.boundingRect(rest)
    margin = np.zeros((height + 2 * _RULE, width + 2 * _RULE), np.uint8)  # beyond an edge, OpenCV sees ink
    margin[_RULE:-_RULE, _RULE:-_RULE] = rest[y : y + height, x : x + width]
    words, uncovered = _words(margin)
    return words, uncovered / max(1.0, uncovered + told)


def _words(rest: Mask) -> tuple[int, float]:
    """How many words some ink looks like, and how many of its pixels they hold."""
    import cv2

    for along in ((1, _RULE), (_RULE, 1)):
        across = (_THICKEST_RULE + 1, 1) if along[0] == 1 else (1, _THICKEST_RULE + 1)
        long = cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones(along, np.uint8))
        thick = cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones(across, np.uint8))
        rules = cv2.dilate(long & ~thick, np.ones((3, 3), np.uint8)) & ~thick
        rest = rest & ~np.asarray(rules, dtype=np.uint8)
    joined = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((1, _LETTER_GAP), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    wide, high, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    dense = area / np.maximum(1, wide * high)
    is_word = (high >= _LOWEST) & (high <= _HIGHEST) & (wide >= _WIDEST_FOR_HEIGHT * high)
    is_word &= (dense >= _THINNEST) & (dense <= _DENSEST)
    is_word[0] = False
    if not is_word.any():
        return 0, 0.0
    words = np.maximum(1, np.rint(wide[is_word] / (_WORD_WIDTH * high[is_word])))
    return int(words.sum()), float(is_word[labels[rest > 0]].sum())
