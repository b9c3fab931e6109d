"""How finely an image was scanned, where it says so and can be believed."""

from __future__ import annotations

from PIL import Image

#: Dots per inch that scanners and fax machines really have.
_LEAST, _MOST = 50.0, 2400.0
#: Nothing larger comes out of a scanner (ISO A0); a 12-megapixel photograph that says 72 dpi would be 1.4 m wide.
_LONGEST_INCHES = 47.0
#: Fax: 204 × 98 dots per inch (standard), 204 × 196 (fine, near enough to square).
_OBLONG_FROM, _OBLONG_TO = 1.5, 3.0


def resolution(image: Image.Image) -> float | None:
    """Dots per inch of a loaded image; the larger where it differs by direction; None where it does not say."""
    pair = _pair(image)
    return None if pair is None else round(max(pair), 2)


def square(page: Image.Image, image: Image.Image, max_pixels: int) -> Image.Image:
    """`page` with square pixels: faxes have about half as many lines as columns an inch, and look squashed.

    Args:
        page: the picture in mode L or RGB, upright.
        image: the loaded image that it was made from.
        max_pixels: never made larger than this.
    """
    pair = _pair(image)
    if pair is None or page.size != image.size:
        return page
    ratio = pair[0] / pair[1]
    if not _OBLONG_FROM <= max(ratio, 1 / ratio) <= _OBLONG_TO:
        return page
    width, height = page.width * max(1.0, 1 / ratio), page.height * max(1.0, ratio)
    if width * height > max_pixels:
        return page
    return page.resize((round(width), round(height)), Image.Resampling.BICUBIC)


def _pair(image: Image.Image) -> tuple[float, float] | None:
    """Horizontal and vertical dots per inch, if both can be believed."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not all(_LEAST <= value <= _MOST for value in (across, down)):
        return None
    inches = max(image.width / across, image.height / down)
    return (across, down) if inches <= _LONGEST_INCHES else None
