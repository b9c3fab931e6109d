"""Finds the ruled lines of a drawn page: borders of tables, lines between columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from function.page import Box, Pixels, ReadLine
from function.reading.layout.skew import find_skew

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Rulings are looked for on a page of about this width, in pixels: a hairline is still seen, a letter is short.
_WORK_WIDTH = 1000
#: Shorter strokes are letters, underlines of words or dashes: share of the page's longer side, and pixels.
_SHORTEST, _SHORTEST_PIXELS = 0.03, 36
#: Of the adaptive threshold: side of the square that counts as surroundings, and how much darker ink must be (0..255).
_SURROUNDINGS, _CONTRAST = 25, 12
#: A stroke stands out where the pixels so far aside are lighter by so much (0..255) along this part of it.
_ASIDE, _BESIDE_LIGHTER, _ALONG = 2, 6, 0.6
#: Thinner strokes than this (at the working width), of one shade to within so much along them, are told by what lies
#: right beside them alone: letters close by darken the surroundings until a pale line is no darker than they are.
_THIN, _EVEN = 5, 10
#: … where they are longer than a character's strokes; they run on over lines that cross them.
_PAST_CHARACTERS, _CROSSING = 21, 5
#: Standing strokes as short as this (at the working width) are a cell's side where they join two lying lines; letters
#: in a low row only nearly do.
_SHORTEST_SIDE = 9
#: Thicker strokes are bars and filled cells, no rulings (at the working width).
_THICKEST = 8
#: More than this many strokes is hatching or a photo: no help for a layout.
_MOST = 400


def find_rulings(pixels: Pixels, lines: Sequence[ReadLine] = ()) -> list[Box]:
    """Find long thin horizontal and vertical lines by morphological opening of a reduced grey image.

    Args:
        pixels: height × width × 3 (BGR) or × 1 (grey), or height × width, uint8.
        lines: read on the page; where they are skewed, the page is levelled first, as `arrange` levels them.

    Returns:
        Boxes in pixels of the levelled page, horizontal lines first, each from top to bottom; empty for a photo-like
        page.
    """
    height, width = pixels.shape[:2]
    if height < 16 or width < 16:
        return []
    shrink = max(1, round(width / _WORK_WIDTH))
    grey = _grey(pixels, shrink, find_skew(lines))
    ink = _ink(grey)
    across, down = ink | _thin(grey, lying=True), ink | _thin(grey, lying=False)
    shortest = max(_SHORTEST_PIXELS, int(_SHORTEST * max(ink.shape)))
    lying = _strokes(across, (shortest, 1))
    standing = _strokes(down, (1, shortest))
    if 1 < len(lying) <= _MOST:
        sides = [side for side in _strokes(down, (1, _SHORTEST_SIDE)) if side[3] - side[1] < shortest]
        standing = sorted([*standing, *(side for side in sides if _joins(side, lying))], key=_from_top)
    if len(lying) + len(standing) > _MOST:
        return []
    drawn = [box for box in (*lying, *standing) if _stands_out(grey, box)]
    return [(x0 * shrink, y0 * shrink, x1 * shrink, y1 * shrink) for x0, y0, x1, y1 in drawn]


def _joins(side: Box, lying: list[Box]) -> bool:
    """Whether a short stroke runs from one lying line to another, as no letter does."""
    x = (side[0] + side[2]) / 2
    across = [box for box in lying if box[0] - _THICKEST <= x <= box[2] + _THICKEST]
    above = any(box[1] <= side[1] <= box[3] for box in across)
    return above and any(box[1] <= side[3] <= box[3] for box in across)


def _from_top(box: Box) -> tuple[float, float]:
    return box[1], box[0]


def _grey(pixels: Pixels, shrink: int, skew: float) -> npt.NDArray[np.uint8]:
    """Reduce and level."""
    import cv2
    import numpy as np

    size = (max(1, pixels.shape[1] // shrink), max(1, pixels.shape[0] // shrink))
    reduced = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if shrink > 1 else pixels
    grey = cv2.cvtColor(reduced, cv2.COLOR_BGR2GRAY) if reduced.ndim == 3 and reduced.shape[2] == 3 else reduced
    grey = grey.reshape(size[::-1])
    if skew:
        # Mirrored paper fills the corners: what comes from beyond the edge leans twice as much and makes no stroke.
        turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), skew, 1.0)
        grey = cv2.warpAffine(grey, turn, size, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(grey, dtype=np.uint8)


def _ink(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Tell ink from paper by the surroundings, so that shaded cells and dim scans do no harm."""
    import cv2
    import numpy as np

    # What cv2.adaptiveThreshold gives, in two thirds of its time: it looks every pixel up in a table.
    paper = cv2.blur(grey, (_SURROUNDINGS, _SURROUNDINGS), borderType=cv2.BORDER_REPLICATE)
    _, ink = cv2.threshold(cv2.subtract(paper, grey), _CONTRAST - 1, 255, cv2.THRESH_BINARY)
    return np.asarray(ink, dtype=np.uint8)


def _stands_out(grey: npt.NDArray[np.uint8], box: Box) -> bool:
    """Whether paper lies along a stroke; along the ground between light letters these lie here and there."""
    import numpy as np

    x0, y0, x1, y1 = (int(edge) for edge in box)
    if x1 - x0 < y1 - y0:
        grey, (x0, y0, x1, y1) = grey.T, (y0, x0, y1, x1)
    stroke = grey[y0:y1, x0:x1].astype(np.int16).mean(axis=0) + _BESIDE_LIGHTER
    sides = [grey[y, x0:x1] for y in (y0 - _ASIDE, y1 - 1 + _ASIDE) if 0 <= y < grey.shape[0]]
    return not sides or float(np.mean([side >= stroke for side in sides])) >= _ALONG


def _thin(grey: npt.NDArray[np.uint8], *, lying: bool) -> npt.NDArray[np.uint8]:
    """What is darker than the page on both its sides and of one shade along the stroke, as no row of letters is."""
    import cv2
    import numpy as np

    across, along, long, crossing = (
        cv2.getStructuringElement(cv2.MORPH_RECT, size if lying else size[::-1])
        for size in ((1, _THIN), (3, 1), (_PAST_CHARACTERS, 1), (_CROSSING, 1))
    )
    _, thin = cv2.threshold(cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, across), _CONTRAST - 1, 255, cv2.THRESH_BINARY)
    changes = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, along)
    _, even = cv2.threshold(changes, _EVEN, 255, cv2.THRESH_BINARY_INV)
    strokes = cv2.morphologyEx(cv2.bitwise_and(thin, even), cv2.MORPH_OPEN, long)
    return np.asarray(cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, crossing), dtype=np.uint8)


def _strokes(ink: npt.NDArray[np.uint8], kernel: tuple[int, int]) -> list[Box]:
    """Strokes as long as the kernel at least, in the kernel's direction."""
    import cv2

    shape = cv2.getStructuringElement(cv2.MORPH_RECT, kernel)
    hearts = cv2.erode(ink, shape)
    if not cv2.countNonZero(hearts):  # as on most pages: then the second half of the opening is not needed
        return []
    opened = cv2.dilate(hearts, shape)
    # Outlines cost by their number; labelling every pixel costs ten times as much on a page of text.
    outlines, inside = cv2.findContours(opened, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    boxes: list[Box] = []
    for outline, parent in zip(outlines, inside[0, :, 3].tolist() if outlines else [], strict=True):
        left, top, wide, high = cv2.boundingRect(outline)
        is_stroke = parent < 0  # else the edge of a hole
        if is_stroke and (high if kernel[0] > 1 else wide) <= _THICKEST:
            boxes.append((left, top, left + wide, top + high))
    return sorted(boxes, key=_from_top)
