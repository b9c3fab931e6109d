"""JPEG 2000 in colour with more than 8 bits a channel, whose white Pillow makes black: pdfium draws it instead.

Pillow rounds samples to 8 bits by adding half a step, and has no room for what becomes 256: 65535 of 65535 is 0.
"""

from __future__ import annotations

import io
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from function.documents import allocation

#: Within them a file's codestream begins, after its colour profile.
_HEAD_BYTES = 1 << 20
#: Start of the codestream and of its segment SIZ (ITU-T T.800, A.4 and A.5), and where that tells the first depth.
_START, _DEPTH_AT = b"\xff\x4f\xff\x51", 42
_PLAIN_BITS, _SIGNED = 8, 0x80
_WHITE = (255, 255, 255, 255)


def is_deep(image: Image.Image, file: BinaryIO) -> bool:
    """Whether this JPEG 2000 is one of those; `file` is left somewhere else."""
    if image.mode not in {"RGB", "RGBA"}:
        return False
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    depth = head[head.find(_START) + _DEPTH_AT :][:1] if _START in head else b""
    return bool(depth) and (depth[0] & ~_SIGNED) + 1 > _PLAIN_BITS


def drawn(image: Image.Image, file: BinaryIO) -> Image.Image:
    """The same picture by pdfium, pixel by pixel, in mode RGB; it knows no transparency."""
    import pikepdf  # rarely needed

    from function.documents import image_pages

    with pikepdf.new() as made:
        file.seek(0)
        image_pages.add_page(made, image_pages.as_jpeg2000(made, file.read(), image.size), image.size, None)
        out = io.BytesIO()
        made.save(out)
    document = pypdfium2.PdfDocument(out.getvalue())
    bitmap = pypdfium2.PdfBitmap.new_native(*image.size, pdfium.FPDFBitmap_BGR)
    try:
        bitmap.fill_rect(_WHITE, 0, 0, *image.size)
        with allocation.watched():
            pdfium.FPDF_RenderPageBitmap(bitmap, document[0], 0, 0, *image.size, 0, 0)
        page: Image.Image = bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()
        document.close()
    page.info.update(image.info)
    page.info.pop("transparency", None)
    return page
