"""PDFs, through pdfium, inside a child.

No script, action or link is ever run: pypdfium2's pdfium is built without a JavaScript engine, and the calls that
would start a document's or page's actions are never made.
"""

from __future__ import annotations

import ctypes
import math
import mmap
from collections.abc import Sequence
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium

from function.documents import allocation, laid_upon, memory
from function.documents.base import Limits, PageWords
from function.documents.canvas import Canvas, Drawing, pixels_of
from function.documents.kinds import PDF
from function.documents.raw_layer import RawLayer
from function.errors import Corrupt, Encrypted, TooManyPages
from function.page import Box

POINTS_PER_INCH = 72.0
#: Longest side in pixels; OpenCV and image formats stop at 65,535.
MAX_SIDE = 65_000
#: pdfium keeps what it has parsed until the document is closed; after this many bytes it is opened anew.
STALE_BYTES = 128 << 20
_WHITE = (255, 255, 255, 255)
_MENDING = "Open it in a viewer and print it to a new PDF, or mend it (qpdf IN OUT), then send that."


class PdfFile:
    """An open PDF; pages are loaded one at a time.

    Args:
        descriptor: of the file.
        size: of the file, in bytes.
        limits: of the pool.

    Raises:
        Encrypted: it wants a password that is not empty.
        Corrupt: pdfium cannot open it, or it has no pages.
        TooManyPages: more than `limits.max_pages`.
    """

    media_type = PDF.media_type

    def __init__(self, descriptor: int, size: int, limits: Limits) -> None:
        self._limits, self._descriptor = limits, descriptor
        # A private mapping: pdfium takes a pointer, ctypes wants it writable, and nobody's file is ever written to.
        self._map = mmap.mmap(descriptor, size, access=mmap.ACCESS_COPY)
        self._document = self._opened()
        self._page: tuple[int, pypdfium2.PdfPage] | None = None
        self._fresh_bytes = memory.anonymous_bytes()
        self.pages = self._counted()
        self.warnings = self._noticed()

    def draw(self, number: int, dpi: float, *, grey: bool, part: Box | None) -> Drawing:
        """Draw a page on white, annotations and form fields included; coarser where it would be too large."""
        page = self._loaded(number)
        points = _size(page)
        drawn_dpi = fitting_dpi(points, dpi, self._limits.max_pixels)
        width, height = (max(1, math.ceil(side * (drawn_dpi / POINTS_PER_INCH))) for side in points)
        left, top, right, bottom = pixels_of(part, width, height) if part else (0, 0, width, height)
        canvas = Canvas(right - left, bottom - top, 1 if grey else 3)
        try:
            _render(page, canvas, (-left, -top, width, height), grey=grey)
        except BaseException:
            canvas.close()
            raise
        return Drawing(canvas, drawn_dpi, [])

    def text_layer(self, number: int, dpi: float) -> RawLayer:
        """The page's own text at the dpi that `draw` would come down to."""
        from function.documents import text_layer

        page = self._loaded(number)
        return text_layer.extract(page, fitting_dpi(_size(page), dpi, self._limits.max_pixels))

    def searchable(self, pages: Sequence[PageWords], out: BinaryIO) -> None:
        """Write it anew, its pages as they are, with these words before their content."""
        from function.documents import page_grid, rewriting, searchable, text_layer

        with rewriting.opened(self._descriptor, self.pages, self._document) as pdf:
            writer = searchable.SearchablePdf(pdf)
            for words in pages:
                page = self._loaded(words.number)
                if searchable.is_said(words, text_layer.seen_text(text_layer.extract(page, POINTS_PER_INCH))):
                    continue
                grid = page_grid.grid_of_size(page, *words.drawn)
                writer.add(pdf.pages[words.number - 1], words, grid.back())
            if writer.is_changed:
                writer.write(out)
            else:
                out.write(self._map)

    def close(self) -> None:
        """Give the memory back."""
        self._drop_page()
        self._document.close()

    def _opened(self) -> pypdfium2.PdfDocument:
        # A document without pages fails without an error code, and the last one would stand: make that "bad format".
        pdfium.FPDF_LoadMemDocument64(b"-", 1, None)
        bytes_ = (ctypes.c_ubyte * len(self._map)).from_buffer(self._map)
        try:
            document = pypdfium2.PdfDocument(bytes_)
        except pypdfium2.PdfiumError as problem:
            raise _refusal(problem) from problem
        document.init_forms()
        return document

    def _counted(self) -> int:
        pages = len(self._document)
        if pages <= 0:
            raise Corrupt("the PDF has no pages", remedy=_MENDING)
        if pages > self._limits.max_pages:
            raise TooManyPages(
                f"the PDF has {pages} pages; the limit is {self._limits.max_pages} (OCR_MAX_PAGES), "
                "however few are asked for",
                remedy="Send a part of it (qpdf IN --pages . 1-20 -- OUT), or let the operator raise OCR_MAX_PAGES.",
            )
        return pages

    def _noticed(self) -> list[str]:
        if self._document.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
            return ["This is an XFA form: only the static pages that it shows without its script were read."]
        return []

    def _loaded(self, number: int) -> pypdfium2.PdfPage:
        """The page, kept until another is asked for: its text layer and its picture share one parse."""
        if self._page is not None and self._page[0] == number:
            return self._page[1]
        self._drop_page()
        self._refresh()
        try:
            with allocation.watched():
                page = laid_upon.flattened(self._document, number, self._document[number - 1])
        except pypdfium2.PdfiumError as problem:
            raise Corrupt(
                f"page {number} cannot be loaded: its objects are damaged or missing", remedy=_MENDING
            ) from problem
        self._page = (number, page)
        return page

    def _drop_page(self) -> None:
        if self._page is not None:
            self._page[1].close()
            self._page = None

    def _refresh(self) -> None:
        """Open the document anew where it has gathered too much, so that memory does not grow with its pages."""
        if memory.anonymous_bytes() - self._fresh_bytes < STALE_BYTES:
            return
        self._document.close()
        self._document = self._opened()
        self._fresh_bytes = memory.anonymous_bytes()


def fitting_dpi(points: tuple[float, float], dpi: float, max_pixels: int) -> float:
    """The dpi asked for, or less where the page, its sides rounded up, would go over a cap."""
    width, height = points
    # (width s + 1) (height s + 1) = max_pixels, solved for the scale s: so thin pages keep within the cap, too.
    around, area = width + height, width * height
    scale = (math.sqrt(around * around + 4 * area * (max_pixels - 1)) - around) / (2 * area)
    return min(dpi, scale * POINTS_PER_INCH, (MAX_SIDE - 1) / max(points) * POINTS_PER_INCH)


def _size(page: pypdfium2.PdfPage) -> tuple[float, float]:
    """Width and height in points, as the page is turned; never nothing."""
    width, height = (side if math.isfinite(side) and side > 0 else 1.0 for side in page.get_size())
    return width, height


def _render(page: pypdfium2.PdfPage, canvas: Canvas, place: tuple[int, int, int, int], *, grey: bool) -> None:
    """Draw the page at `place` (left, top, width, height) of the canvas; pdfium passes over what lies beside it."""
    kind = pdfium.FPDFBitmap_Gray if grey else pdfium.FPDFBitmap_BGR
    buffer = canvas.buffer()
    bitmap = pypdfium2.PdfBitmap.new_native(canvas.width, canvas.height, kind, buffer=buffer, stride=canvas.stride)
    try:
        bitmap.fill_rect(_WHITE, 0, 0, canvas.width, canvas.height)
        flags = pdfium.FPDF_ANNOT | (pdfium.FPDF_GRAYSCALE if grey else 0)
        where = (bitmap, page, *place, 0, flags)
        with allocation.watched():
            pdfium.FPDF_RenderPageBitmap(*where)
            if page.formenv:
                pdfium.FPDF_FFLDraw(page.formenv, *where)
    finally:
        bitmap.close()


def _refusal(problem: pypdfium2.PdfiumError) -> Corrupt | Encrypted:
    if problem.err_code == pdfium.FPDF_ERR_PASSWORD:
        return Encrypted("the PDF is encrypted and does not open with an empty password")
    if problem.err_code == pdfium.FPDF_ERR_SECURITY:
        return Encrypted("the PDF is encrypted in a way that cannot be opened here (for a certificate, say)")
    return Corrupt("the PDF cannot be opened: its structure is damaged beyond repair", remedy=_MENDING)
