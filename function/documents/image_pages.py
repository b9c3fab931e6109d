"""Pictures as pages of a PDF, inside a child: a JPEG by its own bytes, others by their pixels, without loss."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream
from PIL import Image

#: Longest side in points where a picture does not say how finely it was scanned: A4's.
_USUAL_POINTS = 842.0
#: No viewer need show longer pages (PDF 1.7, Annex C).
_MOST_POINTS, _LEAST_POINTS = 14_400.0, 3.0
#: From the unit square that a picture fills to the page, by EXIF's orientation: where its two sides and corner go.
UPRIGHT = {1: (1, 0, 0, 1, 0, 0), 3: (-1, 0, 0, -1, 1, 1), 6: (0, -1, 1, 0, 0, 1), 8: (0, 1, -1, 0, 1, 0)}
#: Of what lost something when it was written, little more is lost; else it would grow many times larger.
_JPEG_QUALITY = 92
_SPACES = {1: Name.DeviceGray, 3: Name.DeviceRGB}


def add_page(
    pdf: pikepdf.Pdf, picture: Stream, size: tuple[int, int], dpi: float | None, orientation: int = 1
) -> tuple[float, float]:
    """Add a page that shows a picture, and nothing else.

    Args:
        pdf: gets the page as its last.
        picture: from one of the functions below.
        size: of the upright page, in pixels.
        dpi: of the picture, where it says so.
        orientation: EXIF's, one of UPRIGHT.

    Returns:
        Width and height of the page, in points.
    """
    longest = max(size)
    points = longest * 72.0 / dpi if dpi else _USUAL_POINTS
    scale = min(max(points, _LEAST_POINTS), _MOST_POINTS) / longest
    width, height = size[0] * scale, size[1] * scale
    pdf.add_blank_page(page_size=(width, height))
    page = pdf.pages[-1]
    name = page.add_resource(picture, Name.XObject, prefix="Im")
    a, b, c, d, e, f = UPRIGHT[orientation]
    matrix = (a * width, b * height, c * width, d * height, e * width, f * height)
    page.Contents = Stream(pdf, f"q {' '.join(f'{value:.4f}' for value in matrix)} cm {name} Do Q\n".encode())
    return width, height


def as_it_is(pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], mode: str) -> Stream:
    """A JPEG's own bytes; mode L or RGB."""
    return Stream(pdf, data, _about(size, 3 if mode == "RGB" else 1, 8, Filter=Name.DCTDecode))


def as_jpeg2000(pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int]) -> Stream:
    """A JPEG 2000's own bytes, which tell colour space and depth themselves."""
    return Stream(
        pdf,
        data,
        Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1], Filter=Name.JPXDecode),
    )


def encoded(pdf: pikepdf.Pdf, image: Image.Image, *, lossy: bool) -> Stream:
    """A picture in mode 1, L or RGB: as JPEG, or else by a PNG's pixels, which PDF reads as they are packed."""
    out = io.BytesIO()
    if lossy and image.mode != "1":
        image.save(out, "JPEG", quality=_JPEG_QUALITY)
        return as_it_is(pdf, out.getvalue(), image.size, image.mode)
    image.save(out, "PNG")
    colors, bits = 3 if image.mode == "RGB" else 1, 1 if image.mode == "1" else 8
    how = Dictionary(Predictor=15, Colors=colors, BitsPerComponent=bits, Columns=image.width)
    packed = b"".join(data for kind, data in _chunks(out.getvalue()) if kind == b"IDAT")
    return Stream(pdf, packed, _about(image.size, colors, bits, Filter=Name.FlateDecode, DecodeParms=how))


def _about(size: tuple[int, int], colors: int, bits: int, **how: Any) -> Dictionary:
    return Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1], ColorSpace=_SPACES[colors],
        BitsPerComponent=bits, **how,
    )  # fmt: skip


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        yield kind, png[at + 8 : at + 8 + size]
        at += 12 + size
