"""A PDF page's own text as pdfium tells it, glyph by glyph. Runs inside the render child: no numpy.

pdfium is asked five things a glyph, in loops that the interpreter runs in C; whatever glyphs of one text object share
is asked once.
"""

from __future__ import annotations

import ctypes
import math
from array import array
from collections.abc import Iterator
from itertools import repeat
from struct import iter_unpack

import pypdfium2 as pdfium
from pypdfium2 import raw

from function.documents import pdfium_calls as calls
from function.documents.page_grid import Grid, grid_of
from function.documents.painted_over import Rect, covers_of
from function.documents.raw_layer import BLANK, NOTHING, PAINTED_OVER, PLACE, RawLayer, RawPaint, character
from function.documents.symbol_fonts import symbols_of

#: Beyond this a page is no text that somebody reads (a dense page of a newspaper has 20,000): left to the engine.
MAX_GLYPHS = 50_000

_INVISIBLE_MODES = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
#: Of 255; below it nobody sees the paint.
_FAINTEST_ALPHA = 20
#: Degrees that are rounding, not a turn.
_LEVEL = 0.05
_GENERATED = (0x20, 0x0D, 0x0A)
_FIRST_HALF, _LAST_HALF = 0xD800, 0xDFFF
_BOLD_NAMES = ("bold", "black", "heavy", "demi")
_FORCE_BOLD = 1 << 18
_BOLD_WEIGHT = 700
#: Pixels; nothing is larger.
_FAR = 1e6
#: Han characters and kana, which are as wide as high (see layer_columns); pdfium searches its whole table for each.
_FIRST_SQUARE, _LAST_SQUARE = 0x3000, 0x9FFF


def extract(page: pdfium.PdfPage, dpi: float) -> RawLayer:
    """Take out the text layer of a page.

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
        return _without_glyphs(grid, dpi, "the text layer is damaged")
    try:
        count = text.count_chars()
        if count > MAX_GLYPHS:
            return _without_glyphs(grid, dpi, f"the text layer has {count} characters, more than {MAX_GLYPHS}")
        return _Extraction(page, text, grid, count).layer(dpi) if count > 0 else _without_glyphs(grid, dpi)
    finally:
        text.close()


def seen_text(layer: RawLayer) -> str:
    """What of a layer can be seen, in its order."""
    a, b, c, d, e, f = layer.grid
    grid = Grid(a, b, c, d, e, f, layer.width, layer.height)
    columns = zip(
        array("i", layer.codes),
        array("i", layer.owners),
        layer.flags,
        iter_unpack(f"{PLACE}d", layer.places),
        strict=True,
    )
    found = []
    for code, owner, flags, (left, right, bottom, top, _, _) in columns:
        if code < 0:
            found.append(" " if code == BLANK else "")
            continue
        paint, box = layer.paints[owner], grid.box(left, right, bottom, top)
        inside = box[2] >= 0 and box[3] >= 0 and box[0] <= grid.width and box[1] <= grid.height
        if paint.visible and inside and not flags & PAINTED_OVER:
            char, is_text = character(code)
            found.append(char if is_text else symbols_of(layer.fonts[paint.font][0]).get(code, char))
    return "".join(found)


def _without_glyphs(grid: Grid, dpi: float, problem: str = "") -> RawLayer:
    return RawLayer(width=grid.width, height=grid.height, dpi=dpi, problem=problem)


class _Extraction:
    """One page's extraction: its handles, and what is known of its fonts and text objects by now."""

    def __init__(self, page: pdfium.PdfPage, text: pdfium.PdfTextPage, grid: Grid, count: int) -> None:
        self._text = ctypes.cast(text.raw, ctypes.c_void_p).value
        self._at = calls.at(self._text)
        self._grid = grid
        self._count = count
        self._covers = covers_of(page)
        self._hidden: dict[int, list[Rect]] = {}
        self._fonts: dict[int, int] = {}
        self._faces: list[tuple[str, bool]] = []

    def layer(self, dpi: float) -> RawLayer:
        """All of it."""
        codes, places = self._codes(), self._places()
        objects = list(map(calls.text_object_of, repeat(self._at), range(self._count)))
        objects = [-1 if code < 0 else which for code, which in zip(codes, objects, strict=True)]
        first = dict(zip(reversed(objects), range(self._count - 1, -1, -1), strict=True))
        first.pop(-1, None)
        order = sorted(first, key=first.__getitem__)
        paints = [self._paint(which, first[which], number) for number, which in enumerate(order)]
        number_of = {which: number for number, which in enumerate(order)} | {-1: -1}
        owners = list(map(number_of.__getitem__, objects))
        grid = self._grid
        return RawLayer(
            (grid.a, grid.b, grid.c, grid.d, grid.e, grid.f),
            grid.width,
            grid.height,
            dpi,
            codes=array("i", codes).tobytes(),
            places=places,
            owners=array("i", owners).tobytes(),
            flags=self._flags(owners, places),
            paints=paints,
            fonts=self._faces,
            widths=list(self._widths(codes, owners, paints)),
        )

    def _codes(self) -> list[int]:
        """Code points, halves of pairs joined; BLANK for what pdfium put in."""
        codes = list(map(calls.unicode_of, repeat(self._at), range(self._count)))
        for index in [index for index, code in enumerate(codes) if code in _GENERATED]:
            if calls.is_generated(self._at, index):
                codes[index] = BLANK
        if max(codes) >= _FIRST_HALF:
            half = 0
            for index, code in enumerate(codes):
                if _FIRST_HALF <= code <= _LAST_HALF:
                    codes[index], half = _joined(half, code), code
        return codes

    def _places(self) -> bytes:
        out = (ctypes.c_double * PLACE)()
        numbers = [ctypes.byref(out, 8 * index) for index in range(PLACE)]
        boxes = map(calls.char_box, repeat(self._at), range(self._count), *map(repeat, numbers[:4]))
        pens = map(calls.char_origin, repeat(self._at), range(self._count), *map(repeat, numbers[4:]))
        # In step: when a row is copied, box and origin of one glyph stand in it.
        return b"".join([row for _, _, row in zip(boxes, pens, map(bytes, repeat(out)), strict=False)])

    def _flags(self, owners: list[int], places: bytes) -> bytes:
        flags = bytearray(map(bool, map(calls.has_map_error, repeat(self._at), range(self._count))))  # UNMAPPED is 1
        for index, owner in enumerate(owners) if self._hidden else ():
            if owner in self._hidden:
                left, right, bottom, top = array("d", places[8 * PLACE * index : 8 * (PLACE * index + 4)])
                if _is_within(self._hidden[owner], (left + right) / 2, (bottom + top) / 2):
                    flags[index] |= PAINTED_OVER
        return bytes(flags)

    def _widths(self, codes: list[int], owners: list[int], paints: list[RawPaint]) -> Iterator[tuple[int, int, float]]:
        """The widths of all characters that fonts know them of."""
        font_of = [paint.font for paint in paints]
        handles = list(self._fonts)
        out = ctypes.c_float()
        address = ctypes.byref(out)
        for owner_font, code in {
            (font_of[owner], code) for owner, code in set(zip(owners, codes, strict=True)) if code >= 0
        }:
            handle = handles[owner_font]
            if not handle or _FIRST_SQUARE <= code <= _LAST_SQUARE:
                continue
            if calls.glyph_width(handle, code, 1.0, address):
                yield owner_font, code, max(0.0, out.value)

    def _paint(self, which: int | None, index: int, number: int) -> RawPaint:
        out = _SixFloats()
        calls.char_matrix(self._at, index, ctypes.byref(out))
        a, b, c, d, _, _ = out[:]
        along, across = self._grid.vector(a, b), self._grid.vector(c, d)
        signed = _finite(calls.font_size(self._at, index))
        size, turned = abs(signed), -1.0 if signed < 0 else 1.0  # a negative size draws backwards
        angle = _finite(math.degrees(math.atan2(turned * along[1], turned * along[0])))
        visible, luma = _visibility(which)
        covers = self._covers.over(which)
        if covers:
            self._hidden[number] = covers
        return RawPaint(
            font=self._font(which, index),
            size=_finite(size * math.hypot(*across)),
            stretch=_finite(size * math.hypot(*along)),
            angle=0.0 if abs(angle) < _LEVEL else angle,
            visible=visible,
            luma=luma,
        )

    def _font(self, which: int | None, index: int) -> int:
        """The number of an object's font; its name and weight are asked once."""
        font = (calls.font_of(which) or 0) if which else 0
        known = self._fonts.get(font)
        if known is None:
            name = ctypes.create_string_buffer(256)
            if font:
                calls.font_name(font, ctypes.addressof(name), len(name))
            words = name.value.decode("latin-1").lower()
            heavy = calls.font_weight(self._at, index) >= _BOLD_WEIGHT
            flags = calls.font_flags(font) if font else -1
            bold = heavy or (flags > 0 and flags & _FORCE_BOLD > 0) or any(word in words for word in _BOLD_NAMES)
            known = self._fonts[font] = len(self._faces)
            self._faces.append((words, bold))
        return known


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
    """The character of a surrogate pair; NOTHING while its second half is missing."""
    if 0xD800 <= half < 0xDC00 <= code:
        return 0x10000 + ((half - 0xD800) << 10) + (code - 0xDC00)
    return NOTHING
