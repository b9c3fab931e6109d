"""A drawn page as a small picture for the screen."""

from __future__ import annotations

import io

from PIL import Image

from function.page import Pixels

#: Longest side in pixels: an A4 page at 140 dpi; images come at their own size, however large that is.
LONGEST = 1640
_QUALITY = 80


def picture(pixels: Pixels) -> bytes:
    """Encode BGR pixels (height × width × 3) as JPEG, made smaller where they are more than a screen can show."""
    drawn = Image.fromarray(pixels[:, :, ::-1])
    drawn.thumbnail((LONGEST, LONGEST), reducing_gap=2.0)
    written = io.BytesIO()
    drawn.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
