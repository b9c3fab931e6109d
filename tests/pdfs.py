"""PDFs made by hand, for tests: text in the standard fonts, pictures, turned pages, and layers that hide or lie.

    pdf = Pdf()
    page = pdf.page(rotate=90)
    page.text(72, 700, "Hello", size=12)
    page.picture(pixels, (72, 72, 300, 200))
    with opened(pdf.build()) as document:
        document.text_layer(1, 200.0)

Coordinates are PDF's own: points, origin at the bottom left, before the page is turned.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2

from function.documents.canvas import pixels_of
from function.documents.layer_columns import layer_of
from function.documents.text_layer import extract
from function.page import Box, PageImage, TextLayer

A4 = (595.0, 842.0)


@dataclass
class Page:
    """One page under construction; later things are painted over earlier ones."""

    pdf: Pdf
    size: tuple[float, float] = A4
    rotate: int = 0
    crop: tuple[float, float, float, float] | None = None
    content: list[str] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12.0,
        font: str = "Helvetica",
        mode: int = 0,
        grey: float = 0.0,
        alpha: float = 1.0,
        turn: Sequence[float] = (1, 0, 0, 1),
    ) -> None:
        """Draw one string of Latin-1 text.

        Args:
            x: of its origin, in points.
            y: of its baseline.
            text: Latin-1.
            size: of the font.
            font: one of the standard fonts, or a name given to `Pdf.lying_font`.
            mode: text render mode; 3 is invisible.
            grey: 0 black … 1 white.
            alpha: 0 transparent … 1.
            turn: the first four numbers of the text matrix.
        """
        hexed = text.encode("latin-1").hex()
        matrix = " ".join(f"{value:g}" for value in (*turn, x, y))
        name = self.pdf.font(font)
        state = self.pdf.transparency(alpha)
        self.raw(f"q /{state} gs BT /{name} {size:g} Tf {mode} Tr {grey:g} g {matrix} Tm <{hexed}> Tj ET Q")

    def lines(
        self, texts: Sequence[str], *, x: float = 72.0, top: float = 770.0, step: float = 16.0, **how: Any
    ) -> None:
        """Draw lines one below the other; the rest as in `text`."""
        for index, text in enumerate(texts):
            self.text(x, top - index * step, text, **how)

    def rectangle(self, x: float, y: float, width: float, height: float, *, grey: float = 0.0) -> None:
        """Fill a rectangle."""
        self.raw(f"q {grey:g} g {x:g} {y:g} {width:g} {height:g} re f Q")

    def picture(self, pixels: np.ndarray, box: tuple[float, float, float, float]) -> None:
        """Draw height × width × 3 (red, green, blue) or height × width (grey) pixels into (x0, y0, x1, y1)."""
        number = self.pdf.image(pixels)
        self.pictures.append(number)
        x0, y0, x1, y1 = box
        self.raw(f"q {x1 - x0:g} 0 0 {y1 - y0:g} {x0:g} {y0:g} cm /P{number} Do Q")

    def raw(self, operators: str) -> None:
        """Any operators."""
        self.content.append(operators)


class Pdf:
    """A document under construction."""

    def __init__(self) -> None:
        self._objects: list[bytes] = [b"", b""]
        self._pages: list[Page] = []
        self._fonts: dict[str, tuple[str, int]] = {}
        self._states: dict[float, tuple[str, int]] = {}
        self._bytes: bytes | None = None

    def page(self, size: tuple[float, float] = A4, **how: Any) -> Page:
        """Add a page; `rotate` and `crop` (x0, y0, x1, y1) as in PDF."""
        page = Page(self, size, **how)
        self._pages.append(page)
        return page

    def font(self, name: str) -> str:
        """The resource name of a font, registered at first use."""
        if name not in self._fonts:
            entry = f"<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>"
            self._fonts[name] = (f"F{len(self._fonts)}", self._add(entry.encode()))
        return self._fonts[name][0]

    def lying_font(self, name: str, says: Mapping[str, str], base: str = "Helvetica") -> str:
        """Register a font that draws one letter and tells programs another.

        Args:
            name: to give to `Page.text`.
            says: for each letter drawn, the text that the PDF claims it to be.
            base: the standard font that draws.
        """
        pairs = "\n".join(f"<{ord(drawn):02x}> <{said.encode('utf-16-be').hex()}>" for drawn, said in says.items())
        cmap = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(says)} beginbfchar\n{pairs}\nendbfchar\n"
            "endcmap CMapName currentdict /CMap defineresource pop end end"
        )
        told = self._stream("", cmap.encode())
        entry = f"<</Type/Font/Subtype/Type1/BaseFont/{base}/Encoding/WinAnsiEncoding/ToUnicode {told} 0 R>>"
        self._fonts[name] = (f"F{len(self._fonts)}", self._add(entry.encode()))
        return name

    def transparency(self, alpha: float) -> str:
        """The resource name of a graphics state."""
        if alpha not in self._states:
            entry = f"<</Type/ExtGState/ca {alpha:g}/CA {alpha:g}>>"
            self._states[alpha] = (f"G{len(self._states)}", self._add(entry.encode()))
        return self._states[alpha][0]

    def image(self, pixels: np.ndarray) -> int:
        """Add pixels; the object's number."""
        height, width = pixels.shape[:2]
        space = "DeviceGray" if pixels.ndim == 2 else "DeviceRGB"
        head = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/{space}/BitsPerComponent 8"
        return self._stream(f"{head}/Filter/FlateDecode", zlib.compress(np.ascontiguousarray(pixels).tobytes()))

    def build(self) -> bytes:
        """The file; the document cannot be added to any more."""
        if self._bytes is None:
            kids = " ".join(f"{self._page(page)} 0 R" for page in self._pages)
            self._objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
            self._objects[1] = f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>".encode()
            self._bytes = self._file()
        return self._bytes

    def _page(self, page: Page) -> int:
        content = self._stream("", "\n".join(page.content).encode("latin-1"))
        fonts = "".join(f"/{name} {number} 0 R" for name, number in self._fonts.values())
        states = "".join(f"/{name} {number} 0 R" for name, number in self._states.values())
        pictures = "".join(f"/P{number} {number} 0 R" for number in page.pictures)
        crop = "" if page.crop is None else "/CropBox[{:g} {:g} {:g} {:g}]".format(*page.crop)
        return self._add(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {page.size[0]:g} {page.size[1]:g}]{crop}"
            f"/Rotate {page.rotate}/Contents {content} 0 R"
            f"/Resources<</Font<<{fonts}>>/ExtGState<<{states}>>/XObject<<{pictures}>>>>>>".encode()
        )

    def _add(self, body: bytes) -> int:
        self._objects.append(body)
        return len(self._objects)

    def _stream(self, entries: str, data: bytes) -> int:
        return self._add(f"<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream")

    def _file(self) -> bytes:
        out, offsets = bytearray(b"%PDF-1.7\n"), []
        for number, body in enumerate(self._objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj" % number + body + b"endobj\n"
        table = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, table)
        return bytes(out)


class OpenPdf:
    """A documents.base.Document without children, limits or errors of ours; `drawn` remembers (page, dpi)."""

    media_type = "application/pdf"
    warnings: Sequence[str] = ()

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self.pages = len(document)
        self.drawn: list[tuple[int, float]] = []

    def draw(self, number: int, dpi: float, *, grey: bool = False, part: Box | None = None) -> PageImage:
        """As in the contract."""
        self.drawn.append((number, dpi))
        page = self._document[number - 1]
        pixels = page.render(scale=dpi / 72, grayscale=grey, rev_byteorder=False).to_numpy()
        pixels = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)[:, :, : 1 if grey else 3].copy()
        page.close()
        if part is not None:
            left, top, right, bottom = pixels_of(part, pixels.shape[1], pixels.shape[0])
            pixels = pixels[top:bottom, left:right]
        return PageImage(number, pixels, dpi)

    def text_layer(self, number: int, dpi: float) -> TextLayer:
        """As in the contract."""
        page = self._document[number - 1]
        layer = layer_of(extract(page, dpi))
        page.close()
        return layer


@contextmanager
def opened(data: bytes) -> Iterator[OpenPdf]:
    """Open a PDF within this process."""
    document = pypdfium2.PdfDocument(data)
    try:
        yield OpenPdf(document)
    finally:
        document.close()
