"""Takes the skew out of a page: finds the angle that most text stands at and turns every box back by it."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

from function.page import Box, ReadLine
from function.reading.layout.pieces import Piece

#: Beyond this many degrees a line is not skewed but set at an angle.
STEEPEST_SKEW = 15.0
#: Below this, detectors' noise is larger than the skew.
_LEVEL_ENOUGH = 0.15


def find_skew(lines: Sequence[ReadLine]) -> float:
    """The angle of most text, in degrees, clockwise positive; 0 where it is level or too steep for a skew.

    The median over lines, each counted as often as it is wide: a short line's angle is mostly noise.
    """
    level = [line for line in lines if not line.vertical and abs(line.angle) <= STEEPEST_SKEW]
    weighted = sorted((line.angle, max(line.box[2] - line.box[0], 1.0)) for line in level)
    half = sum(weight for _, weight in weighted) / 2
    passed = 0.0
    for angle, weight in weighted:
        passed += weight
        if passed >= half:
            return angle if abs(angle) >= _LEVEL_ENOUGH else 0.0
    return 0.0


def level(line: ReadLine, skew: float, centre: tuple[float, float]) -> Piece:
    """A line's box as it would be on the page turned back by `skew` degrees around `centre`.

    The upright box around a skewed line is taller and wider than the line; its own width and height follow from
    W = w·cos + h·sin and H = w·sin + h·cos.
    """
    x0, y0, x1, y1 = turn_back(line.box, skew, centre) if skew else line.box
    x1, y1 = max(x0, x1), max(y0, y1)
    size = line.font_size or ((x1 - x0) if line.vertical else (y1 - y0))
    return Piece(x0, y0, x1, y1, max(size, 1.0), line.text, line)


def turn_back(box: Box, skew: float, centre: tuple[float, float]) -> Box:
    """Turn a box back by `skew` degrees around `centre` and shrink it to what it is when level."""
    angle = radians(skew)
    across, along = sin(abs(angle)), cos(angle)
    wide, high = max(box[2] - box[0], 0.0), max(box[3] - box[1], 0.0)
    spread = along * along - across * across
    width = min(max((wide * along - high * across) / spread, wide * 0.5), wide)
    height = min(max((high * along - wide * across) / spread, min(high, wide) * 0.4), high)
    x, y = (box[0] + box[2]) / 2 - centre[0], (box[1] + box[3]) / 2 - centre[1]
    level_x = centre[0] + x * cos(angle) + y * sin(angle)
    level_y = centre[1] - x * sin(angle) + y * cos(angle)
    return (level_x - width / 2, level_y - height / 2, level_x + width / 2, level_y + height / 2)
