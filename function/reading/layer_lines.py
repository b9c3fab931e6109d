"""From a page's text layer to lines, as an engine would have given them: segments of lines, columns kept apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from function.page import Box, PageReading, ReadLine, TextLayer
from function.reading.bidi import is_right_to_left, logical
from function.reading.glyph_marks import Mark, marks_by_angle, upright_rotation
from function.reading.glyph_runs import joined, runs_of, split_at_columns

#: Gaps, in font sizes, that are a blank although the file holds none: between letters, and beside a CJK character,
#: where typesetters add a quarter of a size that nobody reads as a blank.
_BLANK, _BLANK_CJK = 0.18, 0.5


def lines_of(layer: TextLayer) -> PageReading:
    """Arrange the visible glyphs of a page in lines.

    Lines are segments as they stand on the paper, from top to bottom and left to right within each direction of
    text; soft hyphens and line-end hyphens are kept, for the layout to mend. An unmapped glyph shows as U+FFFD.

    Returns:
        The reading in the pixels of the page turned by `rotation`, so that most of its text is level; a watermark's
        lines keep their angle. Confidence is the share of mapped characters.
    """
    rotation = upright_rotation(layer)
    sideways = rotation in (90, 270)
    width, height = (layer.height, layer.width) if sideways else (layer.width, layer.height)
    lines: list[ReadLine] = []
    for angle, marks in marks_by_angle(layer, rotation).items():
        lines += _lines(marks, angle)
    return PageReading(lines=lines, width=width, height=height, rotation=rotation)


def _lines(marks: list[Mark], angle: int) -> Iterator[ReadLine]:
    groups = [sorted((mark for run in runs for mark in run.marks), key=_along) for runs in joined(runs_of(marks))]
    segments = [part for group in groups for part in split_at_columns(group)]
    segments.sort(key=lambda part: (part[0].v, part[0].u0))
    for segment in segments:
        text = _text(segment).strip()
        if text:
            yield _line(segment, text, angle)


def _along(mark: Mark) -> float:
    return mark.u0


def _text(marks: list[Mark]) -> str:
    tokens: list[str] = []
    for index, mark in enumerate(marks):
        if index and _is_blank_between(marks[index - 1], mark):
            tokens.append(" ")
        tokens.append(mark.text)
    text = "".join(tokens)
    return logical(tokens) if is_right_to_left(text) else text


def _is_blank_between(left: Mark, right: Mark) -> bool:
    later = right if right.order > left.order else left
    gap = (right.u0 - left.u1) / max(left.size, right.size, 1.0)
    if later.spaced and abs(right.order - left.order) <= 8 and gap > 0.02:
        return True
    return gap > (_BLANK_CJK if _is_cjk(left.text[-1]) or _is_cjk(right.text[0]) else _BLANK)


def _is_cjk(char: str) -> bool:
    if char < "\u2e80":
        return False
    return char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef" or char >= "\U00020000"


def _line(marks: list[Mark], text: str, angle: int) -> ReadLine:
    sizes = Counter(round(mark.size, 1) for mark in marks)
    return ReadLine(
        box=_around(marks),
        text=text,
        confidence=sum(mark.mapped for mark in marks) / len(marks),
        angle=float(angle),
        font_size=sizes.most_common(1)[0][0],
        bold=2 * sum(mark.bold for mark in marks) > len(marks),
    )


def _around(marks: list[Mark]) -> Box:
    return (
        min(mark.box[0] for mark in marks),
        min(mark.box[1] for mark in marks),
        max(mark.box[2] for mark in marks),
        max(mark.box[3] for mark in marks),
    )
