"""Boxes to be ticked, as on forms: the recogniser's alphabet has none, so they are seen, and put beside their labels.

A box is a square frame of its own about as tall as the text beside it, with corners, and empty, crossed or ticked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from function.engines.rapid.crops import Quad, part_of, sides
from function.engines.rapid.small_marks import components, dark_on_light
from function.page import Box, Pixels, ReadLine

Mask: TypeAlias = "npt.NDArray[np.uint8]"

_EMPTY, _TICKED, _CROSSED = "\u2610", "\u2611", "\u2612"
#: Sides, of the page's longer one, and of the height of the line beside it.
_SMALLEST, _LARGEST = 1 / 220, 1 / 40
_LOWEST, _TALLEST = 0.45, 1.1
#: Pixels: a smaller frame may be any letter.
_FEWEST = 13
#: A frame's sides are so long at least, of what hangs together; marks that jut out make that uneven.
_LONG, _JUTS = 0.7, 0.3
#: In sides: by how much they differ, but for two pixels; how much of each is drawn; how thick it is at most; how much
#: room there is on its label's side and on the other, for it stands in no word.
_UNEVEN, _DRAWN, _THICK, _NARROWEST, _ROOM = 0.1, 0.93, 0.2, 0.22, 0.75
#: How dark a corner is, two pixels wide, or three of a frame larger than that: shares of how dark the sides are.
_LARGE, _CORNER, _WIDE_CORNER = 20, 0.45, 0.33
#: Grey steps by which a frame is darker than what is around, or this part of what the darkest are.
_FAINT, _DARK = 30.0, 0.25
#: Shares of the inside: an empty box has less ink, a mark is so tall and wide at least, and one with more ink is none.
_CLEAN, _MARK, _FULL = 0.03, 0.5, 0.7
#: How far a box is from its label at most, in heights of the line; what is left of a line, cut at a box, is wider.
_NEAR, _NARROW = 2.0, 0.4


@dataclass(frozen=True, slots=True)
class CheckBox:
    """A box on a page.

    Attributes:
        box: its frame's, in page pixels.
        sign: that stands for it in text.
    """

    box: Box
    sign: str

    def fits(self, y0: float, y1: float) -> bool:
        """Whether it stands on a line between these heights, and is no taller than its letters may be."""
        middle = (self.box[1] + self.box[3]) / 2
        side = (self.box[3] - self.box[1]) / max(1.0, y1 - y0)
        return 0.25 <= (middle - y0) / max(1.0, y1 - y0) <= 0.75 and _LOWEST <= side <= _TALLEST


def find_check_boxes(pixels: Pixels) -> list[CheckBox]:
    """All boxes on an upright page, with or without a label."""
    grey = dark_on_light(pixels)
    long = max(grey.shape)
    darker = cv2.subtract(cv2.blur(grey, (long // 40 + 1, long // 40 + 1)), grey)
    ink = (darker > max(_FAINT, _DARK * float(np.percentile(darker[::4, ::4], 99.5)))).astype(np.uint8)
    least = max(7, round(_SMALLEST * long)) | 1  # an even kernel would move what it leaves
    level, upright = (cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(of, np.uint8)) for of in ((1, least), (least, 1)))
    stats, _ = components(cv2.bitwise_or(level, upright))
    width, height, area = (stats[:, column] for column in (2, 3, 4))
    is_sized = (np.minimum(width, height) >= max(least, _FEWEST)) & (np.maximum(width, height) <= _LARGEST * long)
    is_drawn = area >= 2 * _LONG * _DRAWN * (width + height) - 4
    is_square = np.abs(width - height) <= _JUTS * np.maximum(width, height)
    found = []
    for x, y, w, h in stats[is_square & is_sized & is_drawn & (area < _FULL * width * height), :4].tolist():
        part = slice(y, y + h), slice(x, x + w)
        frame = _frame(level[part], upright[part])
        if frame is None:
            continue
        box = left, top, right, bottom = frame[0] + x, frame[1] + y, frame[2] + x, frame[3] + y
        sign = _sign(ink[top:bottom, left:right])
        if sign and _has_corners(darker[top:bottom, left:right]) and _stands_free(ink, box, sign):
            found.append(CheckBox(box, sign))
    return found


def _frame(level: Mask, upright: Mask) -> tuple[int, int, int, int] | None:
    """From the first to the last long stroke either way, without what a mark's strokes jut out; None if not square."""
    height, width = level.shape
    rows = np.flatnonzero(level.sum(axis=1) >= _LONG * width)
    columns = np.flatnonzero(upright.sum(axis=0) >= _LONG * height)
    if not len(rows) or not len(columns):
        return None
    left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    shorter, longer = sorted((right - left, bottom - top))
    is_square = shorter >= _FEWEST and longer - shorter <= max(2, _UNEVEN * longer)
    return (left, top, right, bottom) if is_square else None


def _stands_free(ink: Mask, frame: tuple[int, int, int, int], sign: str) -> bool:
    """Whether nothing is around it, as of a word's letters; a mark reaches out at its corners, an empty box nowhere."""
    left, top, right, bottom = frame
    side = right - left
    near, far = max(3, round(_NARROWEST * side)), round(_ROOM * side)
    inward = side // 4 if sign != _EMPTY else -max(1, side // 10)
    band, outward = slice(max(0, top + inward), bottom - inward), 1 - inward

    def is_free(before: int, behind: int) -> bool:
        beside = ink[band, max(0, left - before) : max(0, left - 1)], ink[band, right + 1 : right + behind]
        return not any(part.sum() > 1 for part in beside)

    across = slice(left, right)
    around = ink[max(0, top - outward) : max(0, top - 1), across], ink[bottom + 1 : bottom + outward, across]
    is_quiet = sign != _EMPTY or not any(part.sum() > 1 for part in around)
    return is_quiet and (is_free(far, near) or is_free(near, far))


def _sign(cut: Mask) -> str:
    """What a cut shows: a frame that is empty, ticked or crossed; nothing where it is no frame, or holds a letter."""
    height, width = cut.shape
    most = max(2, round(_THICK * min(cut.shape)))
    edges = [cut[:most].T, cut[-most:][::-1].T, cut[:, :most], cut[:, -most:][:, ::-1]]
    if min(float(edge[:, : max(2, most // 2 + 1)].any(axis=1).mean()) for edge in edges) < _DRAWN:
        return ""
    inset = max(_thickness(edge) for edge in edges) + 1
    inside = cut[inset : height - inset, inset : width - inset]
    if min(inside.shape, default=0) < 3:
        return ""
    share = float(inside.mean())
    if share <= _CLEAN:
        return _EMPTY
    return _mark(inside) if share <= _FULL else ""


def _has_corners(darker: Mask) -> bool:
    """Whether a frame is as dark at its corners as along its sides; round letters are light there."""
    side = float(np.median(np.concatenate([darker[:3].max(axis=0), darker[-3:].max(axis=0)])))
    wide, least = (3, _WIDE_CORNER) if min(darker.shape) > _LARGE else (2, _CORNER)
    ends = slice(wide), slice(-wide, None)
    return all(float(darker[down, across].mean()) >= least * side for down in ends for across in ends)


def _thickness(edge: Mask) -> int:
    """Of a frame's side, in pixels: so deep is the ink at most of it."""
    return int(np.median(np.where(edge.all(axis=1), edge.shape[1], np.argmin(edge, axis=1))))


def _mark(inside: Mask) -> str:
    """A cross reaches all corners and the middle, a tick comes from the left, goes down, and up to the right."""
    height, width = inside.shape
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if rows[-1] + 1 - rows[0] < _MARK * height or columns[-1] + 1 - columns[0] < _MARK * width:
        return ""
    third = max(1, height // 3), max(1, width // 3)
    corners = [
        bool(inside[down, across].any())
        for down in (slice(third[0]), slice(-third[0], None))
        for across in (slice(third[1]), slice(-third[1], None))
    ]
    sides_free = [
        not inside[slice(third[0], -third[0]), :1].any(),
        not inside[slice(third[0], -third[0]), -1:].any(),
        not inside[:1, slice(third[1], -third[1])].any(),
        not inside[-1:, slice(third[1], -third[1])].any(),
    ]
    middle = inside[third[0] : -third[0], third[1] : -third[1]]
    if all(corners) and all(sides_free) and middle.any():
        return _CROSSED
    top, bottom = (float(np.flatnonzero(inside[row]).mean()) / width for row in (rows[0], rows[-1]))
    return _TICKED if top > 0.55 and 0.15 < bottom < 0.65 and not corners[0] else ""


def cut_at(quads: Iterable[Quad], boxes: Sequence[CheckBox]) -> list[Quad]:
    """Ordered quads without the boxes that stand within them, in parts where one stands between words."""
    parts = list(quads)
    for box in boxes:
        parts = [part for quad in parts for part in _without(quad, box)]
    return parts


def _without(quad: Quad, box: CheckBox) -> list[Quad]:
    left, right = float(quad[[0, 3], 0].mean()), float(quad[[1, 2], 0].mean())
    start, end = box.box[0], box.box[2]
    if not left < end or not start < right or not box.fits(float(quad[:2, 1].mean()), float(quad[2:, 1].mean())):
        return [quad]
    beside = [
        (first, last) for first, last in ((left, start), (end, right)) if last - first >= _NARROW * sides(quad)[1]
    ]
    return [part_of(quad, *((x - left) / (right - left) for x in ends)) for ends in beside]


def with_check_boxes(lines: Sequence[ReadLine], boxes: Iterable[CheckBox]) -> list[ReadLine]:
    """The lines with the boxes before or behind them; one that stands alone in a row of text is a line of its own."""
    told = list(lines)
    alone = []
    for box in sorted(boxes, key=lambda box: -box.box[0]):  # from the right, so that each still finds its own label
        x0, _, x1, _ = box.box
        beside = [at for at, line in enumerate(told) if box.fits(line.box[1], line.box[3])]
        behind = [at for at in beside if -1 <= told[at].box[0] - x1 + _margin(told[at]) <= _NEAR * _height(told[at])]
        before = [at for at in beside if -1 <= x0 - told[at].box[2] + _margin(told[at]) <= _NEAR * _height(told[at])]
        if behind:
            at = min(behind, key=lambda at: told[at].box[0])
            told[at] = _joined(told[at], f"{box.sign} {told[at].text}", box)
        elif before:
            at = max(before, key=lambda at: told[at].box[2])
            told[at] = _joined(told[at], f"{told[at].text} {box.sign}", box)
        elif beside:
            alone.append(ReadLine(box=box.box, text=box.sign, confidence=1.0))
    return [*told, *alone]


def _height(line: ReadLine) -> float:
    return line.box[3] - line.box[1]


def _margin(line: ReadLine) -> float:
    """By how much its box may reach into what is beside it."""
    return 0.3 * _height(line)


def _joined(line: ReadLine, text: str, box: CheckBox) -> ReadLine:
    x0, y0, x1, y1 = line.box
    return replace(line, text=text, box=(min(x0, box.box[0]), y0, max(x1, box.box[2]), y1))
