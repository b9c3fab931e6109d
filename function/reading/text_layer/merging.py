"""Two readings of one page as one: the text layer's lines, and what the engine read that the layer lacks."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt

from function.page import Box, PageReading, ReadLine, turned_box

#: Share of a line's width below the layer's lines from which it is theirs, but for its gaps.
_TOLD = 0.3
#: Heights of a line that a gap is wide, and characters that it holds, if words are missing there.
_GAP_HEIGHTS, _GAP_CHARACTERS = 1.2, 2
#: Characters of a line that are compared; comparing takes the square of them.
_LONGEST = 1000
#: Engines see letters in pictures of other things, too; what they doubt themselves is not added.
_LEAST_CONFIDENCE = 0.5


def merge(layer: PageReading, read: PageReading) -> PageReading:
    """Add what the engine read beside the layer's lines.

    Args:
        layer: from the text layer; its lines and its rotation stand.
        read: by an engine from the same page, perhaps turned otherwise, or drawn at another size.
    """
    turn = (layer.rotation - read.rotation) % 360
    scale = layer.width / max(1, read.height if turn in (90, 270) else read.width)
    boxes = np.array([line.box for line in layer.lines], dtype=np.float64).reshape(-1, 4)
    added: list[ReadLine] = []
    for line in read.lines:
        if line.confidence >= _LEAST_CONFIDENCE:
            x0, y0, x1, y1 = (edge * scale for edge in turned_box(line.box, turn, read.width, read.height))
            placed = replace(line, box=(x0, y0, x1, y1))
            added += _untold(placed, [layer.lines[index] for index in _beside(placed.box, boxes)])
    return replace(layer, lines=[*layer.lines, *added])


def _beside(box: Box, boxes: npt.NDArray[np.float64]) -> list[int]:
    """Which of many boxes share the line and some of the width of one, from left to right."""
    high = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
    wide = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
    found = np.flatnonzero((wide > 0) & (high >= 0.5 * np.minimum(box[3] - box[1], boxes[:, 3] - boxes[:, 1])))
    order: list[int] = found[np.argsort(boxes[found, 0], kind="stable")].tolist()
    return order


def _untold(line: ReadLine, beside: list[ReadLine]) -> list[ReadLine]:
    """The line, or the part of it that stands in a gap of the layer's lines, or nothing."""
    x0, _, x1, _ = line.box
    spans = [(max(x0, other.box[0]), min(x1, other.box[2])) for other in beside]
    if sum(end - start for start, end in spans) < _TOLD * (x1 - x0):
        return [line]
    return _in_gap(line, spans, "".join(other.text for other in beside)[:_LONGEST])


def _in_gap(line: ReadLine, spans: list[tuple[float, float]], told: str) -> list[ReadLine]:
    """The longest piece of a line's text that the layer's text lacks, placed in the widest gap of its boxes."""
    x0, y0, x1, y1 = line.box
    start, gap = x0, (x0, x0)
    for left, right in [*spans, (x1, x1)]:
        gap = max(gap, (start, left), key=lambda edges: edges[1] - edges[0])
        start = max(start, right)
    if gap[1] - gap[0] < _GAP_HEIGHTS * (y1 - y0):
        return []
    pieces = SequenceMatcher(None, told, line.text, autojunk=False).get_opcodes()
    missing = [line.text[left:right].strip() for kind, _, _, left, right in pieces if kind == "insert"]
    text = max(missing, key=len, default="")
    if len(text) < _GAP_CHARACTERS:
        return []
    return [replace(line, text=text, box=(gap[0], y0, gap[1], y1))]
