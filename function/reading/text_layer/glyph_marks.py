"""From a text layer's glyphs to marks: what is seen, along and across the direction of the text.

Ligatures are spelled out and accents joined to their letters. Everything is kept in columns, since a dense page holds
10,000 glyphs and may cost milliseconds only.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from function.glyphs import Flags, Floats, Glyphs, Indices
from function.page import TextLayer, turned_box
from function.reading.text_layer.bidi import is_right_to_left

#: Accents that old fonts draw as characters of their own, before the letter, and the combining mark that is meant.
_SPACING_ACCENTS = dict(
    zip(
        "\u00b4\u0060\u02c6\u02dc\u00a8\u00af\u02d8\u02d9\u02da\u02dd\u02c7\u00b8",
        "\u0301\u0300\u0302\u0303\u0308\u0304\u0306\u0307\u030a\u030b\u030c\u0327",
        strict=True,
    )
)


#: Letters of one ligature (U+FDFA, a phrase, has 18), and characters that one letter has with its accents.
_LONGEST_LIGATURE, _MOST_ACCENTED = 20, 8
#: Edges of boxes this close, in pixels, are one.
_SAME = 0.05


@dataclass(slots=True)
class Marks:
    """Things seen, one an index: characters with their accents, or ligatures.

    Attributes:
        texts: of each, one or more characters in reading order.
        u0, u1: where it starts and ends along its baseline, in pixels (the pen's way, not the ink's).
        v: how far down its baseline lies, across the direction of the text.
        size: of the font, in pixels.
        boxes: N × 4, of the ink on the upright page.
        spaced: how wide the blanks before it are that the file itself holds, in pixels.
        order: in the file.
        bold, mapped: as in Glyph.
    """

    texts: npt.NDArray[np.object_]
    u0: Floats
    u1: Floats
    v: Floats
    size: Floats
    boxes: Floats
    spaced: Floats
    order: Indices
    bold: Flags
    mapped: Flags

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, which: Indices | Flags) -> Marks:
        """Some of them."""
        return Marks(**{column.name: getattr(self, column.name)[which] for column in fields(self)})


def upright_rotation(layer: TextLayer) -> int:
    """Degrees clockwise (0, 90, 180, 270) that bring most of the page's text level."""
    glyphs = layer.glyphs
    angles = glyphs.angles[glyphs.visible & ~glyphs.generated & (glyphs.chars != " ")]
    if not angles.any():
        return 0
    turns: Counter[int] = Counter()
    for angle, count in Counter(angles.tolist()).items():
        turns[round(angle / 90) % 4] += count
    return (-turns.most_common(1)[0][0] * 90) % 360


def marks_by_angle(layer: TextLayer, rotation: int) -> dict[int, Marks]:
    """Every visible glyph of the page turned by `rotation`, grouped by the whole degrees of its baseline."""
    glyphs = layer.glyphs
    order = np.flatnonzero(glyphs.visible & ~glyphs.generated & (glyphs.chars != "\u200b"))
    turned = (np.rint(glyphs.angles[order]).astype(np.intp) + rotation + 180) % 360 - 180
    groups = {}
    for angle in np.unique(turned).tolist():
        which = order[turned == angle]
        groups[angle] = _marks(glyphs.take(which), which, angle, rotation, layer)
    return groups


def _marks(glyphs: Glyphs, order: Indices, angle: int, rotation: int, layer: TextLayer) -> Marks:
    boxes, pens, advances, sizes = glyphs.boxes, glyphs.pens, glyphs.advances, glyphs.sizes
    shown = np.where(glyphs.mapped, glyphs.chars, "\ufffd")
    texts = shown.astype(object)
    is_piece = _pieces(boxes, pens)
    is_blank = np.strings.isspace(shown)
    blanks = np.cumsum(np.where(is_blank & ~is_piece, np.where(advances > 0, advances, 0.25 * sizes), 0.0))
    x, y, boxes = _turned(pens, boxes, rotation, layer)
    pieces = np.flatnonzero(is_piece & ~is_blank)
    for index in pieces[::-1].tolist():  # a ligature is as wide as all its letters
        boxes[index - 1, :2] = np.minimum(boxes[index - 1, :2], boxes[index, :2])
        boxes[index - 1, 2:] = np.maximum(boxes[index - 1, 2:], boxes[index, 2:])
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u0 = x * cosine + y * sine
    marks = Marks(
        texts=texts,
        u0=u0,
        u1=u0 + _advances(advances, sizes, boxes, x, angle),
        v=y * cosine - x * sine,
        size=np.where(sizes > 0, sizes, np.maximum(1.0, boxes[:, 3] - boxes[:, 1])),
        boxes=boxes,
        spaced=blanks,
        order=order,
        bold=glyphs.bold,
        mapped=glyphs.mapped,
    )
    _spell(texts)
    _join_pieces(texts, pieces)
    marks = marks.take(~is_blank & ~is_piece)
    marks.spaced = np.diff(marks.spaced, prepend=0.0)
    return _with_accents(marks)


def _pieces(boxes: Floats, pens: Floats) -> Flags:
    """Which glyphs are further letters of the ligature before them: drawn from the very same point, and not too many.

    pdfium gives all letters the ligature's box, or each its share of it.
    """
    before, after = boxes[:-1], boxes[1:]
    level = np.abs(after[:, [1, 3]] - before[:, [1, 3]]).max(axis=1, initial=0.0) < _SAME
    upright = np.abs(after[:, [0, 2]] - before[:, [0, 2]]).max(axis=1, initial=0.0) < _SAME
    across = np.abs(after[:, [0, 2]] - before[:, [2, 0]]).min(axis=1, initial=np.inf) < _SAME
    down = np.abs(after[:, [1, 3]] - before[:, [3, 1]]).min(axis=1, initial=np.inf) < _SAME
    placed = (level & upright) | (level & across) | (upright & down)
    same = np.r_[False, placed & (pens[1:] == pens[:-1]).all(axis=1)]
    index = np.arange(len(same))
    return np.asarray(same & (index - np.maximum.accumulate(np.where(same, 0, index)) < _LONGEST_LIGATURE))


def _turned(pens: Floats, boxes: Floats, rotation: int, layer: TextLayer) -> tuple[Floats, Floats, Floats]:
    x, y, *_ = turned_box((*pens.T, *pens.T), rotation, layer.width, layer.height)
    columns = turned_box(tuple(boxes.T), rotation, layer.width, layer.height)
    return np.asarray(x), np.asarray(y), np.stack(columns, axis=1)


def _advances(advances: Floats, sizes: Floats, boxes: Floats, x: Floats, angle: int) -> Floats:
    """The pen's way; where the font's own figure does not fit the ink, the ink's end.

    A letter that has several forms (Arabic) has one figure for all of them, which need not be that of the form drawn.
    """
    fallback = np.where(advances > 0, advances, 0.5 * sizes)
    if angle != 0:
        return fallback
    ink = boxes[:, 2] - x
    fits = (advances > 0) & (advances <= boxes[:, 2] - boxes[:, 0] + 1.2 * sizes) & (ink <= advances + 0.15 * sizes)
    return np.where(fits, advances, np.where(ink > 0, ink, fallback))


def _spell(texts: npt.NDArray[np.object_]) -> None:
    """Ligatures and the positional forms of Arabic as the letters they stand for; all else stays as it is."""
    for text in set(texts):
        if "\ufb00" <= text <= "\ufdff" or "\ufe70" <= text <= "\ufefe":
            texts[texts == text] = unicodedata.normalize("NFKC", text)


def _join_pieces(texts: npt.NDArray[np.object_], pieces: Indices) -> None:
    """Letters of one ligature, which pdfium gives at one place; those from the right it gives in reverse."""
    for index in pieces[::-1].tolist():
        from_right = is_right_to_left(texts[index])
        texts[index - 1] = texts[index] + texts[index - 1] if from_right else texts[index - 1] + texts[index]


def _with_accents(marks: Marks) -> Marks:
    """Join accents to the letter they stand on: combining marks, and accents that old fonts draw before it."""
    special = {text for text in set(marks.texts) if text in _SPACING_ACCENTS or unicodedata.category(text[0]) == "Mn"}
    if not special:
        return marks
    kept = np.ones(len(marks), dtype=np.bool_)
    for index in [index for index, text in enumerate(marks.texts) if text in special]:
        accent = _SPACING_ACCENTS.get(marks.texts[index])
        base = index + 1 if accent else index - 1
        if not 0 <= base < len(marks) or not _lies_over(marks, index, base):
            continue
        text = marks.texts[base]
        if len(text) > _MOST_ACCENTED:
            continue
        if accent and text[:1].isalpha():
            marks.texts[base] = unicodedata.normalize("NFC", text[0] + accent) + text[1:]
            marks.spaced[base] = max(marks.spaced[base], marks.spaced[index])
            kept[index] = False
        elif not accent:
            marks.texts[base] = unicodedata.normalize("NFC", text + marks.texts[index])
            marks.texts[index], kept[index] = marks.texts[base], False
    return marks.take(kept)


def _lies_over(marks: Marks, accent: int, base: int) -> bool:
    left, _, right, _ = marks.boxes[accent].tolist()
    start, _, end, _ = marks.boxes[base].tolist()
    size = marks.size[base]
    if abs(marks.v[accent] - marks.v[base]) > 0.5 * size:
        return False
    if right <= left:
        return bool(start <= left <= end + 0.2 * size)
    return bool((min(right, end) - max(left, start)) / (right - left) > 0.4)
