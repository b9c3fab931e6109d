"""Two readings of one page as one: the text layer's lines, and those of the engine that the layer lacks."""

from __future__ import annotations

from dataclasses import replace

from function.page import Box, PageReading, ReadLine
from function.reading.glyph_marks import turned_box

#: Share of a line's width below the layer's lines from which it is one of them.
_SAME = 0.5
#: Engines see letters in pictures of other things, too; what they doubt themselves is not added.
_LEAST_CONFIDENCE = 0.5


def merge(layer: PageReading, read: PageReading) -> PageReading:
    """Add what the engine read beside the layer's lines.

    Args:
        layer: from the text layer; its lines and its rotation stand.
        read: by an engine from the same page, perhaps turned otherwise.
    """
    turn = (layer.rotation - read.rotation) % 360
    lines = [replace(line, box=turned_box(line.box, turn, read.width, read.height)) for line in read.lines]
    scale = layer.width / max(1, read.height if turn in (90, 270) else read.width)
    added = [_scaled(line, scale) for line in lines if line.confidence >= _LEAST_CONFIDENCE]
    return replace(layer, lines=[*layer.lines, *(line for line in added if not _is_told(line, layer.lines))])


def _scaled(line: ReadLine, scale: float) -> ReadLine:
    x0, y0, x1, y1 = line.box
    return line if scale == 1 else replace(line, box=(x0 * scale, y0 * scale, x1 * scale, y1 * scale))


def _is_told(line: ReadLine, lines: list[ReadLine]) -> bool:
    width = max(1.0, line.box[2] - line.box[0])
    return sum(_shared_width(line.box, other.box) for other in lines) / width >= _SAME


def _shared_width(one: Box, other: Box) -> float:
    """How much of their width two boxes share, if they stand on the same line."""
    height = min(one[3], other[3]) - max(one[1], other[1])
    if height < 0.5 * min(one[3] - one[1], other[3] - other[1]):
        return 0.0
    return max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
