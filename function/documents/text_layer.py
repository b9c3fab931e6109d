"""A PDF page's own text, glyph by glyph, in the pixel grid of the drawn page. Runs inside the render child: no numpy.

pdfium is asked a handful of times a glyph; whatever glyphs of one text object share is asked once.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw

from function.documents import pdfium_calls as calls
from function.documents.page_grid import Grid, grid_of
from function.documents.painted_over import Rect, covers_of
from function.documents.symbol_fonts import symbols_of
from function.page import Glyph, TextLayer

#: Beyond this a page is no text that somebody reads (a dense page of a newspaper has 20,000): left to the engine.
MAX_GLYPHS = 50_000

_INVISIBLE_MODES = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
#: Of 255; below it nobody sees the paint.
_FAINTEST_ALPHA = 20
#: Degrees that are rounding, not a turn.
_LEVEL = 0.05
_GENERATED = (0x20, 0x0D, 0x0A)
_BOLD_NAMES = ("bold", "black", "heavy", "demi")
_FORCE_BOLD = 1 << 18
_BOLD_WEIGHT = 700
#: Sizes that a glyph may be tall; fonts of a taller one (Type 3 fonts may say anything) are as large as their glyphs.
_TALLEST = 2.5
#: Pixels; no glyph is larger.
_FAR = 1e6
_REMEMBERED = 20_000
#: Han characters and kana are as wide as high; pdfium searches its whole table for each of them.
_FIRST_SQUARE, _LAST_SQUARE = 0x3000, 0x9FFF
_BLANK = Glyph(" ", (0.0, 0.0, 0.0, 0.0), 0.0, generated=True)
_REPLACEMENT = "\ufffd"
#: pdfium's own sign for a hyphen that ends a line.
_LINE_END_HYPHEN = 0x02


@dataclass(slots=True)
class _Paint:
    """What the glyphs of one text object share.

    Attributes:
        font: its handle; 0 where unknown.
        symbols: the meanings of its private code points.
        advances: of the font's characters in this size, in pixels, by code point, as far as they were asked for.
        size: of the font, in pixels.
        stretch: pixels that the pen moves for a width of 1 in a font of size 1.
        angle, visible, bold, luma: as in Glyph.
        covers: what is painted over the object; see painted_over.
    """

    font: int
    symbols: Mapping[int, str]
    advances: dict[int, float]
    size: float
    stretch: float
    angle: float
    visible: bool
    bold: bool
    luma: int | None
    covers: list[Rect]


def extract(page: pdfium.PdfPage, dpi: float) -> TextLayer:
    """Take out the text layer of a page.

    Glyphs that lie outside the page are left out: nobody sees them.

    Args:
        page: an open page.
        dpi: of the grid that boxes are given in, the same as the page is drawn at.

    Returns:
        Every glyph that pdfium finds, in its order; none, with `problem` set, where there are more than MAX_GLYPHS.
    """
    grid = grid_of(page, dpi)
    try:
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return TextLayer(width=grid.width, height=grid.height, dpi=dpi, problem="the text layer is damaged")
    try:
        count = text.count_chars()
        if count > MAX_GLYPHS:
            problem = f"the text layer has {count} characters, more than {MAX_GLYPHS}"
            return TextLayer(width=grid.width, height=grid.height, dpi=dpi, problem=problem)
        glyphs = _Extraction(page, text, grid).glyphs(count) if count > 0 else []
    finally:
        text.close()
    return TextLayer(glyphs=glyphs, width=grid.width, height=grid.height, dpi=dpi)


class _Extraction:
    """One page's extraction: its handles, and what is known of its fonts and text objects by now."""

    def __init__(self, page: pdfium.PdfPage, text: pdfium.PdfTextPage, grid: Grid) -> None:
        self._text = ctypes.cast(text.raw, ctypes.c_void_p).value
        self._grid = grid
        self._covers = covers_of(page)
        self._paints: dict[int | None, _Paint] = {}
        self._faces: dict[int, tuple[bool, Mapping[int, str]]] = {}
        self._advances: dict[tuple[int, float], dict[int, float]] = {}
        self._out = (ctypes.c_double * 6)()
        start = ctypes.addressof(self._out)
        self._box_out, self._pen_out = range(start, start + 32, 8), range(start + 32, start + 48, 8)

    def glyphs(self, count: int) -> list[Glyph]:
        """All of them, in pdfium's order."""
        text, found, half = self._text, [], 0
        paint, last = None, -1
        for index in range(count):
            code = calls.unicode_of(text, index)
            if code in _GENERATED and calls.is_generated(text, index):
                found.append(_BLANK)
                continue
            if 0xD800 <= code < 0xE000:
                code, half = _joined(half, code), code
                if code < 0:
                    continue
            which = calls.text_object_of(text, index)
            if paint is None or which != last:
                paint, last = self._paints.get(which) or self._paint(which, index), which
            glyph = self._glyph(index, code, paint)
            if glyph is not None:
                found.append(glyph)
        return found

    def _glyph(self, index: int, code: int, paint: _Paint) -> Glyph | None:
        """One glyph; None where it lies outside the page, or nowhere."""
        calls.char_box(self._text, index, *self._box_out)
        calls.char_origin(self._text, index, *self._pen_out)
        left, right, bottom, top, x, y = self._out[:]
        grid = self._grid
        box = grid.box(left, right, bottom, top)
        if not (box[2] >= 0 and box[3] >= 0 and box[0] <= grid.width and box[1] <= grid.height):
            return None
        height = box[3] - box[1]
        if height > _TALLEST * paint.size:
            paint.size = min(height, _FAR)
        char, is_text = _CHARS.get(code) or _char(code)
        if not is_text and code in paint.symbols:
            char, is_text = paint.symbols[code], True
        advance = paint.advances.get(code)
        if advance is None:
            advance = _advance(paint, code)
        return Glyph(
            char,
            box,
            paint.size,
            paint.angle,
            is_text and not calls.has_map_error(self._text, index),
            paint.visible and not (paint.covers and _is_within(paint.covers, (left + right) / 2, (bottom + top) / 2)),
            False,
            paint.bold,
            grid.point(x, y),
            advance,
            paint.luma,
        )

    def _paint(self, which: int | None, index: int) -> _Paint:
        out = _SixFloats()
        calls.char_matrix(self._text, index, ctypes.addressof(out))
        a, b, c, d, _, _ = out[:]
        along, across = self._grid.vector(a, b), self._grid.vector(c, d)
        signed = _finite(calls.font_size(self._text, index))
        size, turned = abs(signed), -1.0 if signed < 0 else 1.0  # a negative size draws backwards
        angle = _finite(math.degrees(math.atan2(turned * along[1], turned * along[0])))
        font = (calls.font_of(which) or 0) if which else 0
        stretch = _finite(size * math.hypot(*along))
        visible, luma = _visibility(which)
        bold, symbols = self._face(font, index)
        paint = self._paints[which] = _Paint(
            font=font,
            symbols=symbols,
            advances=self._advances.setdefault((font, stretch), {}),
            size=_finite(size * math.hypot(*across)),
            stretch=stretch,
            angle=0.0 if abs(angle) < _LEVEL else angle,
            visible=visible,
            bold=bold,
            luma=luma,
            covers=self._covers.over(which),
        )
        return paint

    def _face(self, font: int, index: int) -> tuple[bool, Mapping[int, str]]:
        """Whether a font is bold, and the meanings of its private code points."""
        known = self._faces.get(font)
        if known is None:
            name = ctypes.create_string_buffer(256)
            if font:
                calls.font_name(font, ctypes.addressof(name), len(name))
            words = name.value.decode("latin-1").lower()
            heavy = calls.font_weight(self._text, index) >= _BOLD_WEIGHT
            flags = calls.font_flags(font) if font else -1
            bold = heavy or (flags > 0 and flags & _FORCE_BOLD > 0) or any(word in words for word in _BOLD_NAMES)
            known = self._faces[font] = bold, symbols_of(words)
        return known


def _advance(paint: _Paint, code: int) -> float:
    """How far the pen moves for a character, remembered; 0 where unknown."""
    if _FIRST_SQUARE <= code <= _LAST_SQUARE:
        paint.advances[code] = paint.stretch
        return paint.stretch
    out = ctypes.c_float()
    known = paint.font and calls.glyph_width(paint.font, code, 1.0, ctypes.addressof(out))
    advance = paint.advances[code] = _finite(max(0.0, out.value) * paint.stretch) if known else 0.0
    return advance


def _finite(value: float) -> float:
    return value if math.isfinite(value) and abs(value) < _FAR else 0.0


_SixFloats, _FourInts = ctypes.c_float * 6, ctypes.c_uint * 4


def _visibility(which: int | None) -> tuple[bool, int | None]:
    """Whether a text object's paint can be seen at all, and how light it is."""
    if not which:
        return True, None
    mode = calls.render_mode(which)
    if mode in _INVISIBLE_MODES:
        return False, None
    out = _FourInts()
    start = ctypes.addressof(out)
    stroked = mode in (raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP)
    color = calls.stroke_color if stroked else calls.fill_color
    if not color(which, start, start + 4, start + 8, start + 12):
        return True, None
    red, green, blue, alpha = out[:]
    return alpha >= _FAINTEST_ALPHA, round(0.299 * red + 0.587 * green + 0.114 * blue)


def _is_within(rects: list[Rect], x: float, y: float) -> bool:
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in rects)


def _joined(half: int, code: int) -> int:
    """The character of a surrogate pair; -1 while its second half is missing."""
    if 0xD800 <= half < 0xDC00 <= code:
        return 0x10000 + ((half - 0xD800) << 10) + (code - 0xDC00)
    return -1


#: Remembered answers of `_char`.
_CHARS: dict[int, tuple[str, bool]] = {}


def _char(code: int) -> tuple[str, bool]:
    """The character of a code point, and whether it means something by itself."""
    if code == _LINE_END_HYPHEN:
        found = "-", True
    elif code in (0x09, 0x0A, 0x0D):
        found = " ", True
    elif code < 0x20 or 0x7F <= code < 0xA0 or code > 0x10FFFF or code == 0xFFFD or code & 0xFFFE == 0xFFFE:
        found = _REPLACEMENT, False
    else:
        found = chr(code), not (0xE000 <= code <= 0xF8FF or code >= 0xF0000)
    if len(_CHARS) < _REMEMBERED:
        _CHARS[code] = found
    return found
