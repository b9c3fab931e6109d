"""From a PDF page's own space to the pixels of the drawn page: turned, cropped and scaled as pdfium draws it."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw

from function.page import Box

#: Points between the corners that the map is measured at, and the enlargement that makes up for whole numbers.
_SPAN = 1000.0
_ENLARGED = 256
_POINTS_PER_INCH = 72.0


@dataclass(frozen=True, slots=True)
class Grid:
    """The affine map x' = a x + c y + e, y' = b x + d y + f, and the size of the drawn page in pixels."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    width: int
    height: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page, in pixels."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def vector(self, x: float, y: float) -> tuple[float, float]:
        """A direction of the page, in pixels, y down."""
        return self.a * x + self.c * y, self.b * x + self.d * y

    def back(self) -> tuple[float, float, float, float, float, float]:
        """The map from pixels to the page's own space: a, b, c, d, e, f in the same sense."""
        area = self.a * self.d - self.b * self.c or 1.0
        a, b, c, d = self.d / area, -self.b / area, -self.c / area, self.a / area
        return a, b, c, d, -(a * self.e + c * self.f), -(b * self.e + d * self.f)

    def box(self, left: float, right: float, bottom: float, top: float) -> Box:
        """A rectangle of the page, in pixels; exact, since pages turn by quarters only."""
        x0, y0 = self.a * left + self.c * bottom + self.e, self.b * left + self.d * bottom + self.f
        x1, y1 = self.a * right + self.c * top + self.e, self.b * right + self.d * top + self.f
        return (x0 if x0 < x1 else x1), (y0 if y0 < y1 else y1), (x1 if x0 < x1 else x0), (y1 if y0 < y1 else y0)


def grid_of(page: pdfium.PdfPage, dpi: float) -> Grid:
    """The grid of `page` drawn at `dpi`, of the size that pypdfium2's `render(scale=dpi / 72)` gives (rounded up)."""
    scale = dpi / _POINTS_PER_INCH
    width, height = (max(1, math.ceil(side * scale)) if math.isfinite(side) else 1 for side in page.get_size())
    return grid_of_size(page, width, height)


def grid_of_size(page: pdfium.PdfPage, width: int, height: int) -> Grid:
    """The grid of `page` drawn in so many pixels."""
    origin, right, up = (_device(page, width, height, *corner) for corner in ((0, 0), (_SPAN, 0), (0, _SPAN)))
    return Grid(
        a=(right[0] - origin[0]) / _SPAN,
        b=(right[1] - origin[1]) / _SPAN,
        c=(up[0] - origin[0]) / _SPAN,
        d=(up[1] - origin[1]) / _SPAN,
        e=origin[0],
        f=origin[1],
        width=width,
        height=height,
    )


def _device(page: pdfium.PdfPage, width: int, height: int, x: float, y: float) -> tuple[float, float]:
    """A point in pixels by pdfium itself, which knows the page's boxes and turn."""
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(
        page.raw, 0, 0, width * _ENLARGED, height * _ENLARGED, 0, x, y, ctypes.byref(across), ctypes.byref(down)
    )
    return across.value / _ENLARGED, down.value / _ENLARGED
