"""From what pdfium said of a page's glyphs to their columns, in the pixel grid of the drawn page; in the server."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from function.documents import raw_layer
from function.documents.channel import Broken
from function.documents.raw_layer import RawLayer
from function.documents.symbol_fonts import symbols_of
from function.glyphs import Chars, Flags, Floats, Glyphs
from function.page import TextLayer

Numbers: TypeAlias = "npt.NDArray[np.int32]"
Bytes: TypeAlias = "npt.NDArray[np.uint8]"

#: Sizes that a glyph may be tall; fonts of a taller one (Type 3 fonts may say anything) are as large as their glyphs.
_TALLEST = 2.5
#: Pixels; no glyph is larger.
FAR = 1e6
#: Han characters and kana are as wide as high; pdfium searches its whole table for each of them.
FIRST_SQUARE, LAST_SQUARE = 0x3000, 0x9FFF
#: Halves of pairs, which no text may hold: they cannot be written as UTF-8.
_FIRST_HALF, _LAST_HALF = 0xD800, 0xDFFF


def require_fitting(raw: RawLayer) -> None:
    """See that `layer_of` can make a layer of what a child sent, which may have been taken over.

    Raises:
        Broken: the columns do not fit each other, or hold what no child of ours sends.
    """
    count = len(raw.codes) // 4
    lengths = tuple(map(len, (raw.codes, raw.places, raw.owners, raw.flags)))
    if lengths != (4 * count, 8 * raw_layer.PLACE * count, 4 * count, count):
        raise Broken(f"columns of {lengths} bytes are of no number of glyphs")
    codes, owners = np.frombuffer(raw.codes, np.int32), np.frombuffer(raw.owners, np.int32)
    if ((codes < raw_layer.NOTHING) | ((codes >= _FIRST_HALF) & (codes <= _LAST_HALF))).any():
        raise Broken("a glyph's code is no character's")
    owners = owners[codes >= 0]
    if ((owners < 0) | (owners >= len(raw.paints))).any():
        raise Broken(f"a glyph is painted with none of the {len(raw.paints)} paints")
    if not all(_is_sound(paint, len(raw.fonts)) for paint in raw.paints):
        raise Broken(f"a paint has none of the {len(raw.fonts)} fonts, or no size")
    if min(raw.width, raw.height) < 0 or not all(map(math.isfinite, (*raw.grid, raw.dpi))):
        raise Broken("the page has no size")


def _is_sound(paint: raw_layer.RawPaint, fonts: int) -> bool:
    measures = (paint.size, paint.stretch, paint.angle)
    return 0 <= paint.font < fonts and all(abs(measure) <= FAR for measure in measures) and 0 <= (paint.luma or 0) < 256


def layer_of(raw: RawLayer) -> TextLayer:
    """The layer as the ladder judges it; glyphs that lie outside the page are left out: nobody sees them.

    Args:
        raw: what pdfium said; from a child, it has stood `require_fitting`.
    """
    codes = np.frombuffer(raw.codes, np.int32)
    if not len(codes):
        return TextLayer(width=raw.width, height=raw.height, dpi=raw.dpi, problem=raw.problem)
    places = np.frombuffer(raw.places, np.float64).reshape(len(codes), raw_layer.PLACE)
    boxes, pens = _placed(raw, places)
    blank = codes == raw_layer.BLANK
    inside = (boxes[:, 2] >= 0) & (boxes[:, 3] >= 0) & (boxes[:, 0] <= raw.width) & (boxes[:, 1] <= raw.height)
    kept = blank | (inside & (codes != raw_layer.NOTHING))
    owners = np.where(blank, 0, np.frombuffer(raw.owners, np.int32))[kept]
    flags = np.frombuffer(raw.flags, np.uint8)[kept]
    glyphs = _glyphs(raw, codes[kept], boxes[kept], pens[kept], owners, flags)
    return TextLayer(glyphs, raw.width, raw.height, raw.dpi, raw.problem)


def _glyphs(raw: RawLayer, codes: Numbers, boxes: Floats, pens: Floats, owners: Numbers, flags: Bytes) -> Glyphs:
    blank = codes == raw_layer.BLANK
    boxes[blank], pens[blank] = 0.0, 0.0
    # One more, for pages of blanks alone.
    paints = [*raw.paints, raw_layer.RawPaint(0, 0.0, 0.0, 0.0, visible=True, luma=None)]
    fonts = np.array([paint.font for paint in paints])[owners]
    is_bold = np.array([*(bold for _, bold in raw.fonts), False])
    chars, is_text = _chars(raw, codes, fonts)
    lumas = np.array([-1.0 if paint.luma is None else paint.luma for paint in paints])[owners]
    visible = np.array([paint.visible for paint in paints])[owners] & (flags & raw_layer.PAINTED_OVER == 0)
    stretches = np.array([paint.stretch for paint in paints])[owners]
    sizes = _sizes(np.array([paint.size for paint in paints]), owners, np.where(blank, 0.0, boxes[:, 3] - boxes[:, 1]))
    return Glyphs(
        chars=chars,
        boxes=boxes,
        pens=pens,
        sizes=np.where(blank, 0.0, sizes),
        angles=np.where(blank, 0.0, np.array([paint.angle for paint in paints])[owners]),
        advances=np.where(blank, 0.0, _advances(raw, codes, fonts, stretches)),
        lumas=np.where(blank, -1.0, lumas),
        mapped=blank | (is_text & (flags & raw_layer.UNMAPPED == 0)),
        visible=blank | visible,
        generated=blank,
        bold=is_bold[fonts] & ~blank,
    )


def _placed(raw: RawLayer, places: Floats) -> tuple[Floats, Floats]:
    """Boxes and origins in pixels."""
    a, b, c, d, e, f = raw.grid
    left, right, bottom, top, x, y = places.T
    with np.errstate(invalid="ignore"):  # damaged files place glyphs at infinity
        x0, y0 = a * left + c * bottom + e, b * left + d * bottom + f
        x1, y1 = a * right + c * top + e, b * right + d * top + f
        pens = np.stack([a * x + c * y + e, b * x + d * y + f], axis=1)
    swapped, flipped = x0 < x1, y0 < y1
    sides = np.where(swapped, x0, x1), np.where(flipped, y0, y1), np.where(swapped, x1, x0), np.where(flipped, y1, y0)
    return np.stack(sides, axis=1), pens


def _chars(raw: RawLayer, codes: Numbers, fonts: Numbers) -> tuple[Chars, Flags]:
    """Each glyph's character, and whether it means something."""
    kinds, kind_of = np.unique(codes, return_inverse=True)
    known = [(" ", True) if code < 0 else raw_layer.character(code) for code in kinds.tolist()]
    chars = np.array([char for char, _ in known], dtype="<U1")[kind_of]
    is_text = np.array([means for _, means in known], dtype=bool)[kind_of]
    for index in np.flatnonzero(~is_text).tolist():
        meant = symbols_of(raw.fonts[fonts[index]][0]).get(int(codes[index]))
        if meant:
            chars[index], is_text[index] = meant, True
    return chars, is_text


def _sizes(sizes: Floats, owners: Numbers, heights: Floats) -> Floats:
    """Each glyph's font size: its paint's, until a glyph of that paint is far taller."""
    found = sizes[owners]
    unsure = np.unique(owners[heights > _TALLEST * found])
    for index in np.flatnonzero(np.isin(owners, unsure)).tolist() if len(unsure) else ():
        owner = owners[index]
        if heights[index] > _TALLEST * sizes[owner]:
            sizes[owner] = min(heights[index], FAR)
        found[index] = sizes[owner]
    return found


def _advances(raw: RawLayer, codes: Numbers, fonts: Numbers, stretches: Floats) -> Floats:
    """How far the pen moves for each glyph, in pixels; 0 where unknown."""
    keys = fonts.astype(np.int64) << 32 | codes
    kinds, kind_of = np.unique(keys, return_inverse=True)
    widths = {font << 32 | code: width for font, code, width in raw.widths}
    with np.errstate(invalid="ignore"):
        advances = np.array([widths.get(key, 0.0) for key in kinds.tolist()])[kind_of] * stretches
    advances = np.where(np.isfinite(advances) & (np.abs(advances) < FAR), advances, 0.0)
    return np.where((codes >= FIRST_SQUARE) & (codes <= LAST_SQUARE), stretches, advances)
