"""From a page's text layer to lines, as an engine would have given them: segments of lines, columns kept apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from function.glyphs import Floats
from function.page import Box, PageReading, ReadLine, TextLayer, turned_box
from function.reading.text_layer.bidi import is_right_to_left, logical, runs_from_the_right
from function.reading.text_layer.glyph_marks import Marks, marks_by_angle, upright_rotation
from function.reading.text_layer.glyph_runs import segments
from function.reading.text_layer.vertical_lines import vertical_lines

#: Gaps, in font sizes, that are a blank although the file holds none: between letters, and beside a CJK character,
#: where typesetters add a quarter of a size that nobody reads as a blank.
_BLANK, _BLANK_CJK = 0.18, 0.5
#: A blank of the file itself counts from this gap on; kerning may have closed it.
_LEAST_GAP = 0.02
#: Characters of one width, in font sizes: how much they may differ, and how wide they are.
_UNEVEN, _TYPED = 0.02, (0.45, 0.75)
#: Ruled lines this close, in pixels, meet.
_MEETING = 8.0
_UNKNOWN = (
    "the file does not tell which characters {} of its glyphs are; they stand as \ufffd (U+FFFD): "
    "ocr=always reads them from the page as drawn"
)
#: Glyphs of the file between two neighbours that the same blank may still stand between.
_NEARBY = 8


def lines_of(layer: TextLayer, rulings: Sequence[Box] = ()) -> PageReading:
    """Arrange the visible glyphs of a page in lines.

    Args:
        layer: of the page.
        rulings: its ruled lines, in the layer's grid; those across its lines part cells.

    Lines are segments as they stand on the paper, from top to bottom and left to right within each direction of
    text, columns of East Asian characters as the file draws them; soft hyphens and line-end hyphens are kept, for the
    layout to mend. An unmapped glyph shows as U+FFFD.

    Returns:
        The reading in the pixels of the page turned by `rotation`, so that most of its text is level; a watermark's
        lines keep their angle. Confidence is the share of mapped characters; a warning tells of unmapped ones.
    """
    rotation = upright_rotation(layer)
    sideways = rotation in (90, 270)
    width, height = (layer.height, layer.width) if sideways else (layer.width, layer.height)
    lines: list[ReadLine] = []
    if rotation == 0:
        lines, others = vertical_lines(layer.glyphs)
        layer = replace(layer, glyphs=layer.glyphs.take(others)) if lines else layer
    turned = [turned_box(box, rotation, layer.width, layer.height) for box in rulings]
    standing = _sides_of_cells(turned)
    for angle, marks in marks_by_angle(layer, rotation).items():
        lines += _lines(marks, angle, () if angle else standing)
    unknown = sum(line.text.count("\ufffd") for line in lines)
    warnings = [_UNKNOWN.format(unknown)] if unknown else []
    return PageReading(lines=lines, width=width, height=height, rotation=rotation, warnings=warnings)


def _sides_of_cells(rulings: Sequence[Box]) -> list[Box]:
    """Standing lines that meet two lying ones or more; the others may be tall brackets."""
    lying = [box for box in rulings if box[2] - box[0] >= box[3] - box[1]]
    standing = [box for box in rulings if box[2] - box[0] < box[3] - box[1]]
    return [box for box in standing if sum(_meet(box, other) for other in lying) > 1]


def _meet(box: Box, other: Box) -> bool:
    across = box[0] - _MEETING <= other[2] and other[0] - _MEETING <= box[2]
    return across and box[1] - _MEETING <= other[3] and other[1] - _MEETING <= box[3]


def _lines(marks: Marks, angle: int, standing: Sequence[Box]) -> list[ReadLine]:
    if len(marks) == 0:
        return []
    marks, gaps, spans = segments(marks, standing)
    blanks = [False, *_blanks(marks, gaps)]
    tokens = [f" {text}" if blank else text for text, blank in zip(marks.texts, blanks, strict=True)]
    starts = [start for start, _ in spans]
    text_of = _joined_from_either_side(tokens) if any(map(is_right_to_left, set(tokens))) else _joined
    corners = [np.minimum.reduceat(marks.boxes[:, side], starts) for side in (0, 1)]
    corners += [np.maximum.reduceat(marks.boxes[:, side], starts) for side in (2, 3)]
    lengths = np.diff([*starts, len(marks)])
    mapped = (np.add.reduceat(marks.mapped, starts, dtype=np.float64) / lengths).tolist()
    bold = (2 * np.add.reduceat(marks.bold, starts, dtype=np.float64) > lengths).tolist()
    boxes = np.stack(corners, axis=1).tolist()
    sizes = np.round(marks.size, 1).tolist()
    pitches = _pitches(marks, starts)
    lines = [
        ReadLine(
            box=tuple(boxes[index]),
            text=text_of(tokens[start:end]),
            confidence=mapped[index],
            angle=float(angle),
            font_size=Counter(sizes[start:end]).most_common(1)[0][0],
            bold=bold[index],
            pitch=pitches[index],
        )
        for index, (start, end) in enumerate(spans)
    ]
    tops = marks.v[starts].tolist()
    lefts = marks.u0[starts].tolist()
    return [lines[index] for index in sorted(range(len(lines)), key=lambda index: (tops[index], lefts[index]))]


def _pitches(marks: Marks, starts: Sequence[int]) -> list[float | None]:
    """How wide the characters of each line are, where all are equally wide, as typewriters have them."""
    widths = marks.u1 - marks.u0
    least, most = np.minimum.reduceat(widths, starts), np.maximum.reduceat(widths, starts)
    sizes = marks.size[starts]
    typed = (most - least <= _UNEVEN * sizes) & (least >= _TYPED[0] * sizes) & (most <= _TYPED[1] * sizes)
    return [width if even else None for width, even in zip(least.tolist(), typed.tolist(), strict=True)]


def _joined(tokens: list[str]) -> str:
    return "".join(tokens).strip()


def _joined_from_either_side(page: list[str]) -> Callable[[list[str]], str]:
    """How to join the tokens of a line on a page that holds letters of a script from the right."""
    from_right = runs_from_the_right("".join(page))

    def join(tokens: list[str]) -> str:
        parts = [part for token in tokens for part in ((" ", token[1:]) if token[0] == " " else (token,))]
        return logical(parts, from_right=from_right).strip()

    return join


def _blanks(marks: Marks, gaps: Floats) -> list[bool]:
    """For each mark but the first, whether a blank stands before it."""
    steps = np.diff(marks.order)
    spaced = np.where(steps > 0, marks.spaced[1:], marks.spaced[:-1]) > 0
    needed = np.full(len(gaps), _BLANK)
    cjk = {text for text in set(marks.texts) if _is_cjk(text[0])}
    if cjk:
        beside = np.array([text in cjk for text in marks.texts])
        needed[beside[1:] | beside[:-1]] = _BLANK_CJK
    blanks = (spaced & (np.abs(steps) <= _NEARBY) & (gaps > _LEAST_GAP)) | (gaps > needed)
    return [bool(blank) for blank in blanks & np.isfinite(gaps)]


def _is_cjk(char: str) -> bool:
    if char < "\u2e80":
        return False
    return char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef" or char >= "\U00020000"
