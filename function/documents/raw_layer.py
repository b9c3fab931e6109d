"""A text layer on its way from the render child to the server: what pdfium said, in columns of plain bytes.

The child neither has numpy nor time for each glyph; `layer_columns` makes glyphs of it on the other side.
"""

from __future__ import annotations

from msgspec import Struct, field

#: In place of a code point: a blank that pdfium put in; half of a pair whose other half bears the character.
BLANK, NOTHING = -1, -2
#: Of a glyph: its font has no trustworthy character for it; it is painted over.
UNMAPPED, PAINTED_OVER = 1, 2
#: Numbers a glyph in `places`: left, right, bottom, top of its ink, x, y of its origin.
PLACE = 6
#: Bytes that no layer needs: a child that claims more has been taken over.
MOST_BYTES = 64 << 20

_REPLACEMENT = "\ufffd"
#: pdfium's own sign for a hyphen that ends a line.
_LINE_END_HYPHEN = 0x02


class RawPaint(Struct, frozen=True, array_like=True):
    """What the glyphs of one text object share.

    Attributes:
        font: its number in `RawLayer.fonts`.
        size: of the font, in pixels.
        stretch: pixels that the pen moves for a width of 1 in a font of size 1.
        angle, visible, luma: as in Glyph.
    """

    font: int
    size: float
    stretch: float
    angle: float
    visible: bool
    luma: int | None


class RawLayer(Struct, frozen=True, array_like=True):
    """One page.

    Attributes:
        grid: a, b, c, d, e, f of `page_grid.Grid`.
        width, height, dpi, problem: as in TextLayer.
        codes: int32 a glyph: its code point, BLANK or NOTHING.
        places: PLACE doubles a glyph, in the page's own space.
        owners: int32 a glyph: the number of its paint; meaningless for blanks.
        flags: a byte a glyph: UNMAPPED, PAINTED_OVER.
        paints: the text objects.
        fonts: name in lower case, and whether it is bold.
        widths: of the fonts' characters in size 1: font, code point, width.
    """

    grid: tuple[float, float, float, float, float, float] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    width: int = 0
    height: int = 0
    dpi: float = 72.0
    problem: str = ""
    codes: bytes = b""
    places: bytes = b""
    owners: bytes = b""
    flags: bytes = b""
    paints: list[RawPaint] = field(default_factory=list)
    fonts: list[tuple[str, bool]] = field(default_factory=list)
    widths: list[tuple[int, int, float]] = field(default_factory=list)


def character(code: int) -> tuple[str, bool]:
    """The character of a code point, and whether it means something by itself."""
    if code == _LINE_END_HYPHEN:
        return "-", True
    if code in (0x09, 0x0A, 0x0D):
        return " ", True
    if code < 0x20 or 0x7F <= code < 0xA0 or code > 0x10FFFF or code == 0xFFFD or code & 0xFFFE == 0xFFFE:
        return _REPLACEMENT, False
    return chr(code), not (0xE000 <= code <= 0xF8FF or code >= 0xF0000)
