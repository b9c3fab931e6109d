"""Signs of lists that a recogniser took for letters, or missed: seen on the page, they are put before their lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from function.page import Box, Pixels, ReadLine
from function.reading.layout.frame import is_sound
from function.reading.layout.lists import marker_kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_BULLET = "\u2022"
#: What recognisers make of a bullet: signs that begin no line, and letters that stand alone.
_TAKEN_FOR = re.compile(r"^(?:[。°º˚·.,∘]\s*|[oO0]\s+)(?=[^\W_])")
#: All in heights of the line's box. A sign is at least this large, at most this large where something was read for it,
#: and at most this where nothing was; …
_SMALLEST, _LARGEST, _LARGEST_UNREAD = 0.1, 0.46, 0.36
#: … its sides differ by no more than this part of the longer one, or two pixels; …
_UNEVEN = 0.25
#: … its middle is in this stretch of the line's height; …
_HIGHEST, _LOWEST = 0.3, 0.72
#: … it stands this far from the line's text, and has nothing to its left in this stretch.
_NEAREST, _FURTHEST, _ALONE = 0.26, 1.6, 0.5
#: Where the box begins, its sign may begin this much before it, or this much after.
_BEFORE, _AFTER = 1.9, 0.5
#: Signs of one list begin at the same place, but for so many line heights; a single one may be anything.
_ALIGNED = 0.25
#: So much of a box's height, at its top and at its bottom, may hold parts of the lines above and below.
_MARGIN = 0.14
#: Lines that are lower, in pixels, or steeper, in degrees, show no sign.
_LOWEST_LINE, _STEEPEST = 12, 5.0
#: Ink differs from paper by this part of the darkest difference, which is at least so many steps of grey.
_INK, _CONTRAST = 0.4, 60


def with_bullets(pixels: Pixels, lines: Sequence[ReadLine]) -> list[ReadLine]:
    """Put a bullet before each line that has one.

    Args:
        pixels: of the upright page, height × width × 3, or 1.
        lines: read on it by an engine; those of a text layer stay as they are.
    """
    found = [_spot(pixels, line) for line in lines]
    begins = [
        (line.box[0] if spot is None else spot[0], line.box[3] - line.box[1])
        for line, spot in zip(lines, found, strict=True)
        if spot is not None or marker_kind(line.text) == "bullet"
    ]
    return [
        _marked(line, spot) if spot and _has_peers(spot, begins) else line
        for line, spot in zip(lines, found, strict=True)
    ]


def _has_peers(spot: Box, begins: Sequence[tuple[float, float]]) -> bool:
    return sum(abs(spot[0] - x) <= _ALIGNED * height for x, height in begins) > 1


def _marked(line: ReadLine, spot: Box) -> ReadLine:
    x0, y0, x1, y1 = line.box
    inside = spot[2] > x0
    text = _TAKEN_FOR.sub("", line.text) if inside else line.text
    return replace(line, text=f"{_BULLET} {text}", box=(min(x0, spot[0]), y0, x1, y1))


def _spot(pixels: Pixels, line: ReadLine) -> Box | None:
    """The box of a small round or square spot that a line begins with, if it does."""
    x0, y0, x1, y1 = line.box
    height = y1 - y0
    if (
        line.font_size is not None
        or line.vertical
        or not is_sound(line)
        or height < _LOWEST_LINE
        or abs(line.angle) > _STEEPEST
    ):
        return None
    if marker_kind(line.text) is not None or x1 - x0 < height:
        return None
    left, top = max(0, round(x0 - _BEFORE * height)), max(0, round(y0 + _MARGIN * height))
    right, bottom = max(0, round(x0 + (_AFTER + _FURTHEST) * height)), max(0, round(y1 - _MARGIN * height))
    ink = _ink(pixels[top:bottom, left:right])
    if ink is None:
        return None
    box = _first(ink, height, x0 - left, read=bool(_TAKEN_FOR.match(line.text)))
    return None if box is None else (box[0] + left, box[1] + top, box[2] + left, box[3] + top)


def _first(ink: npt.NDArray[np.bool_], height: float, begin: float, *, read: bool) -> Box | None:
    """The first ink before a line's text, if it is a bullet.

    Args:
        ink: from before a line's beginning, its margins left out.
        height: of the line's box, in pixels.
        begin: where in `ink` the line's box begins.
        read: whether something was read for it.
    """
    runs = _runs(ink.sum(axis=0) > 0)
    ends = [-height, *(end for _, end in runs)]
    for at, ((first, end), (after, _)) in enumerate(pairwise(runs)):
        is_first = (
            after >= begin - height / 4 and first <= begin + _AFTER * height and first - ends[at] >= _ALONE * height
        )
        if is_first and _NEAREST * height <= after - end <= _FURTHEST * height:
            rows = ink[:, first:end].any(axis=1).nonzero()[0]
            box = (first, int(rows[0]), end, int(rows[-1]) + 1)
            if _is_bullet(box, height, _LARGEST if read else _LARGEST_UNREAD):
                return box
    return None


def _is_bullet(box: Box, height: float, largest: float) -> bool:
    x0, y0, x1, y1 = box
    small, large = sorted((x1 - x0, y1 - y0))
    middle = (y0 + y1) / 2 + _MARGIN * height
    is_round = large - small <= max(_UNEVEN * large, 2)
    return (
        is_round and _SMALLEST <= small / height <= large / height <= largest and _HIGHEST <= middle / height <= _LOWEST
    )


def _ink(part: Pixels) -> npt.NDArray[np.bool_] | None:
    """Where a part of the page differs from its paper; None where there is too little to tell."""
    import numpy as np

    if part.size == 0:
        return None
    grey = part[:, :, min(1, part.shape[2] - 1)].astype(np.int16)  # green says nearly what all three do
    difference = np.abs(grey - int(np.median(grey[::2, ::3])))  # paper's shade needs no more
    darkest = int(difference.max())
    return np.asarray(difference > _INK * darkest) if darkest >= _CONTRAST else None


def _runs(columns: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From where to where columns hold ink."""
    import numpy as np

    steps = np.flatnonzero(np.diff(np.r_[False, columns, False]))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))
