"""A result with a block of every kind, and with text that means harm wherever it is written."""

from __future__ import annotations

import io

from PIL import Image as Picture

from function.results.model import (
    Block,
    Cost,
    DocumentInfo,
    DocumentResult,
    EngineInfo,
    Image,
    Line,
    PageError,
    PageResult,
)

HARM = "<script>alert('&')</script> \"]]> \x0b"
SPANNING = (
    "<table><tr><td colspan=2>wide</td></tr><tr><td rowspan=2>high</td><td>a</td></tr><tr><td>b</td></tr></table>"
)


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Picture.new("RGB", (30, 20), "navy").save(out, "PNG")
    return out.getvalue()


def line(text: str, *bbox: float, angle: float = 0.0, vertical: bool = False) -> Line:
    """A line that was read with middling confidence."""
    return Line(list(bbox), text, 0.75, angle=angle, vertical=vertical)


def result(blocks: list[Block] | None = None, *, images: list[Image] | None = None) -> DocumentResult:
    """Two pages, the second of which could not be read."""
    page = PageResult(
        number=1, width=1000, height=1400, dpi=100.0, rung="fast", reason="", rotation=0,
        blocks=BLOCKS if blocks is None else blocks, markdown="![figure](fig.png)", images=images or IMAGES,
    )  # fmt: skip
    lost = PageResult(
        number=2, width=0, height=0, dpi=None, rung=None, reason="", rotation=0, blocks=[], markdown="",
        error=PageError("corrupt", "Damaged", HARM, ""),
    )  # fmt: skip
    return DocumentResult(
        document=DocumentInfo(f'scan "1" {HARM}.png', "0" * 64, "image/png", 2),
        engine=EngineInfo("stub", "1", ""),
        pages=[page, lost],
        markdown='![figure](fig.png) <img src="fig.png" alt="">',
        timings={},
        cost=Cost(0, 0),
    )


IMAGES = [Image("fig.png", "image/png", picture())]
BLOCKS = [
    Block("title", [100, 50, 900, 100], "A title", 0.9, [line("A title", 100, 50, 900, 100)]),
    Block("paragraph", [100, 120, 900, 200], HARM, 0.8,
          [line(HARM, 100, 120, 900, 160), line("and so on", 100, 160, 500, 200)]),
    Block("paragraph", [100, 210, 900, 240], "雨后的山谷 2024", 0.8, [line("雨后的山谷 2024", 100, 210, 400, 240)]),
    Block("list", [100, 250, 900, 330], "• one\n• two", 0.8,
          [line("• one", 100, 250, 300, 290), line("• two", 100, 290, 300, 330)]),
    Block("list", [100, 340, 900, 420], "3. three\n7. seven", 0.8, []),
    Block("table", [100, 430, 900, 500], "a\tb\nc\td", 0.8, [], rows=[["a", HARM], ["c", "d"]]),
    Block("table", [100, 510, 900, 600], "wide\t\nhigh\ta\n\tb", 0.8, [], html=SPANNING),
    Block("figure", [100, 610, 500, 800], "", 0.8, [], image="fig.png"),
    Block("formula", [100, 810, 900, 850], "x < y", 0.8, [], label="formula"),
    Block("code", [100, 860, 900, 900], "if a < b:\n  c", 0.8, []),
    Block("heading", [100, 910, 900, 950], "Part", 0.8, [], level=3),
    Block("caption", [100, 960, 900, 990], "Caption", 0.8, []),
    Block("footnote", [100, 1000, 900, 1030], "Note", 0.8, []),
    Block("header", [100, 0, 900, 30], "שלום עולם", 0.8, [line("שלום עולם", 100, 0, 300, 30)]),
    Block("page_number", [450, 1350, 550, 1390], "1", 0.8, []),
    Block("paragraph", [920, 50, 980, 600], "stamp in the margin", 0.8,
          [line("stamp in the margin", 920, 50, 950, 600)]),
]  # fmt: skip
