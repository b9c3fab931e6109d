"""Makes glyphless.ttf, the font of invisible text; to be run again only where that is to change. Needs fontTools.

    python -m function.documents.glyphless_maker

Two glyphs without outlines: .notdef, and one that stands for every character, half as wide as high.
"""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph

TARGET = Path(__file__).with_name("glyphless.ttf")
#: Moves with every run otherwise; seconds since 1904.
_DAY = 0
_NAME = "ZeropageGlyphless"


def make() -> None:
    """Write the font."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "any"])
    builder.setupCharacterMap({0x20: "any"})
    builder.setupGlyf({".notdef": Glyph(), "any": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "any": (500, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": _NAME, "styleName": "Regular", "psName": _NAME, "fullName": _NAME})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.updateHead(created=_DAY, modified=_DAY)
    builder.font.recalcTimestamp = False
    builder.save(TARGET)


if __name__ == "__main__":
    make()
