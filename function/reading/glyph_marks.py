"""From a text layer's glyphs to marks: what is seen, once each, along and across the direction of the text.

Glyphs come turned by the page's dominant direction already gone, ligatures spelled out, accents on their letters, and
what was printed twice to look bold only once.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from function.page import Box, Glyph, TextLayer
from function.reading.bidi import is_right_to_left

#: Two equal characters closer than this share of their size are one, printed twice.
_SAME_PLACE = 0.15
#: Accents that old fonts draw as characters of their own, and the combining mark that is meant.
_SPACING_ACCENTS = {
    "\u00b4": "\u0301",
    "\u0060": "\u0300",
    "\u02c6": "\u0302",
    "\u02dc": "\u0303",
    "\u00a8": "\u0308",
    "\u00af": "\u0304",
    "\u02d8": "\u0306",
    "\u02d9": "\u0307",
    "\u02da": "\u030a",
    "\u02dd": "\u030b",
    "\u02c7": "\u030c",
    "\u00b8": "\u0327",
}


@dataclass(slots=True)
class Mark:
    """One thing seen: a character with its accents, or a ligature.

    Attributes:
        text: one or more characters, in reading order.
        u0, u1: where it starts and ends along its baseline, in pixels (the pen's way, not the ink's).
        v: how far down its baseline lies, across the direction of the text.
        size: of the font, in pixels.
        box: of its ink on the upright page.
        bold, mapped: as in Glyph.
        spaced: how wide the blanks before it are that the file itself holds, in pixels.
        order: in the file.
    """

    text: str
    u0: float
    u1: float
    v: float
    size: float
    box: Box
    bold: bool
    mapped: bool
    spaced: float
    order: int


def upright_rotation(layer: TextLayer) -> int:
    """Degrees clockwise (0, 90, 180, 270) that bring most of the page's text level."""
    seen = (glyph for glyph in layer.glyphs if glyph.visible and not glyph.generated and glyph.char != " ")
    turns = Counter(round(glyph.angle / 90) % 4 for glyph in seen)
    return (-turns.most_common(1)[0][0] * 90) % 360 if turns else 0


def turned_box(box: Box, rotation: int, width: float, height: float) -> Box:
    """A box of a width × height page after the page was turned clockwise."""
    x0, y0, x1, y1 = box
    if rotation == 90:
        return height - y1, x0, height - y0, x1
    if rotation == 180:
        return width - x1, height - y1, width - x0, height - y0
    if rotation == 270:
        return y0, width - x1, y1, width - x0
    return box


def marks_by_angle(layer: TextLayer, rotation: int) -> dict[int, list[Mark]]:
    """Every visible glyph of the page turned by `rotation`, grouped by the whole degrees of its baseline."""
    groups: dict[int, list[Mark]] = {}
    for angle, glyphs in _by_angle(layer.glyphs, rotation).items():
        groups[angle] = _once_each(_with_accents(_marks(glyphs, angle, rotation, layer)))
    return groups


def _by_angle(glyphs: Iterable[Glyph], rotation: int) -> dict[int, list[tuple[int, Glyph]]]:
    groups: dict[int, list[tuple[int, Glyph]]] = {}
    for order, glyph in enumerate(glyphs):
        if glyph.generated or not glyph.visible or glyph.char == "\u200b":
            continue
        angle = round(glyph.angle) + rotation if glyph.angle or rotation else 0
        groups.setdefault((angle + 180) % 360 - 180, []).append((order, glyph))
    return groups


def _marks(glyphs: list[tuple[int, Glyph]], angle: int, rotation: int, layer: TextLayer) -> Iterator[Mark]:
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    spaced, before = 0.0, None
    last: Mark | None = None
    for order, glyph in glyphs:
        if before is not None and last is not None and glyph.box == before.box and glyph.pen == before.pen:
            if glyph.char != " ":
                last.text = _with_piece(last.text, glyph.char)
            continue
        if glyph.char.isspace():
            spaced += glyph.advance or 0.25 * glyph.size
            before = glyph
            last = None
            continue
        box = turned_box(glyph.box, rotation, layer.width, layer.height) if rotation else glyph.box
        x, y, *_ = turned_box((*glyph.pen, *glyph.pen), rotation, layer.width, layer.height)
        u0 = x * cosine + y * sine
        last = Mark(
            text=_spelled(glyph.char) if glyph.mapped else "\ufffd",
            u0=u0,
            u1=u0 + _advance(glyph, box, angle, x),
            v=y * cosine - x * sine,
            size=glyph.size or box[3] - box[1],
            box=box,
            bold=glyph.bold,
            mapped=glyph.mapped,
            spaced=spaced,
            order=order,
        )
        spaced, before = 0.0, glyph
        yield last


def _with_piece(text: str, char: str) -> str:
    """A ligature's next letter, at its place; pdfium gives the letters of one from the right in reverse."""
    return _spelled(char) + text if is_right_to_left(char) else text + _spelled(char)


def _advance(glyph: Glyph, box: Box, angle: int, pen: float) -> float:
    """The pen's way; where the font's own figure does not fit the ink, the ink's end.

    A letter that has several forms (Arabic) has one figure for all of them, which need not be that of the form drawn.
    """
    if angle != 0:
        return glyph.advance or 0.5 * glyph.size
    ink = box[2] - pen
    if 0 < glyph.advance <= box[2] - box[0] + 1.2 * glyph.size and ink <= glyph.advance + 0.15 * glyph.size:
        return glyph.advance
    return max(ink, 0.0) or glyph.advance or 0.5 * glyph.size


def _spelled(char: str) -> str:
    """Ligatures and the positional forms of Arabic as the letters they stand for; all else as it is."""
    if "\ufb00" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufefe":
        return unicodedata.normalize("NFKC", char)
    return char


def _with_accents(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Join accents to the letter they stand on: combining marks, and accents that TeX's old fonts draw before it."""
    held: Mark | None = None
    for mark in marks:
        if held is not None:
            accent = _SPACING_ACCENTS.get(held.text)
            if accent and mark.text[:1].isalpha() and _overlap(held, mark) > 0.5:
                mark.text = unicodedata.normalize("NFC", mark.text[0] + accent) + mark.text[1:]
                mark.spaced = max(mark.spaced, held.spaced)
            elif _is_combining(mark.text) and _overlap(mark, held) > 0.3:
                held.text = unicodedata.normalize("NFC", held.text + mark.text)
                continue
            else:
                yield held
        held = mark
    if held is not None:
        yield held


def _is_combining(text: str) -> bool:
    return all(unicodedata.category(char) == "Mn" for char in text)


def _overlap(mark: Mark, base: Mark) -> float:
    """How much of a mark's ink lies over its base, along the page, 0..1; where it has no width: whether it does."""
    left, right = max(mark.box[0], base.box[0]), min(mark.box[2], base.box[2])
    width = mark.box[2] - mark.box[0]
    if width <= 0:
        return 1.0 if base.box[0] <= mark.box[0] <= base.box[2] + 0.2 * base.size else 0.0
    return max(0.0, right - left) / width if abs(mark.v - base.v) < 0.5 * base.size else 0.0


def _once_each(marks: Iterable[Mark]) -> list[Mark]:
    """Drop what stands at nearly the same place as its equal: shadows, and letters printed twice to look bold."""
    kept: list[Mark] = []
    places: dict[tuple[str, int, int], Mark] = {}
    for mark in marks:
        cell = max(mark.size, 1.0) * _SAME_PLACE
        column, row = int(mark.u0 / cell), int(mark.v / cell)
        twin = _twin(mark, places, column, row, min(cell, 0.5 * (mark.u1 - mark.u0) or cell))
        if twin is not None:
            twin.bold = True
            continue
        places[mark.text, column, row] = mark
        kept.append(mark)
    return kept


def _twin(mark: Mark, places: dict[tuple[str, int, int], Mark], column: int, row: int, reach: float) -> Mark | None:
    for across in (0, -1, 1):
        for down in (0, -1, 1):
            other = places.get((mark.text, column + across, row + down))
            if other is not None and abs(other.u0 - mark.u0) < reach and abs(other.v - mark.v) < reach:
                return other
    return None
