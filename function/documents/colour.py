"""Any of Pillow's pixel modes to 8-bit grey or colour, as a reader of text would want them."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from function.errors import Corrupt

#: Largest values that scanners and cameras write: 8 to 16 bits, and floats from 0 to 1.
_FULL_SCALES = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
#: A range between these shares of the full scale is faint writing, and stretched; less is the noise of blank paper.
_BLANK, _FAINT = 0.02, 0.25
_DEEP = ("I", "F")
#: What is lighter than this on white is not seen; nothing that is seen at all is less opaque than that.
_LIGHT, _OPAQUE = 230, 128


def plain(image: Image.Image) -> Image.Image:
    """The picture in mode L or RGB: deep grey scaled to its range, transparency laid on what it can be seen on.

    The result may be `image` itself.

    Raises:
        Corrupt: its values are no numbers.
    """
    if image.mode in _DEEP or image.mode.startswith("I;16"):
        return _scaled(image)
    if image.mode == "LAB":
        return image.getchannel("L")  # lightness is all that text needs; Pillow has no way to RGB without profiles
    if "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info:
        return _on_paper(image)
    if image.mode == "CMYK" and _is_plain_cmyk_jpeg(image):
        image = ImageChops.invert(image)
    return image if image.mode in {"L", "RGB"} else image.convert("L" if image.mode == "1" else "RGB")


def _on_paper(image: Image.Image) -> Image.Image:
    """On white; on black where all of it is so light that nobody would see it there."""
    if image.mode == "La":
        image = image.convert("LA")
    layered = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = layered.getchannel("A")
    opaque = alpha.point(lambda value: 255 if value >= _OPAQUE else 0)
    seen = layered.convert("L").histogram(opaque)
    page = Image.new("RGB", image.size, "white" if any(seen[:_LIGHT]) or not any(seen) else "black")
    page.paste(layered, mask=alpha)
    return page


def _is_plain_cmyk_jpeg(image: Image.Image) -> bool:
    """Pillow turns every CMYK JPEG around, as Adobe writes them; those without Adobe's marker are the right way."""
    return image.format in {"JPEG", "MPO"} and "adobe" not in image.info


def _scaled(image: Image.Image) -> Image.Image:
    """Deep grey to 8 bits: by the smallest usual full scale that holds it, stretched where that would be flat.

    A 12-bit scan in 16-bit samples is black when shifted by eight bits, and white when clipped.
    """
    grey = image if image.mode in _DEEP else image.convert("I")
    low, high = _extremes(grey)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Corrupt("the picture holds values that are no numbers", remedy="Save it with 8 bits a channel.")
    full = next((scale for scale in _FULL_SCALES if high <= scale), high)
    if low < 0 or high > _FULL_SCALES[-1] or _BLANK * full < high - low < _FAINT * full:
        bottom, top = low, high
    else:
        bottom, top = 0.0, full
    factor = 255.0 / ((top - bottom) or 1.0)
    scaled = grey.point(lambda value: value * factor - bottom * factor).convert("L")
    return ImageChops.invert(scaled) if _white_is_zero(image) else scaled


def _extremes(image: Image.Image) -> tuple[float, float]:
    """Least and greatest value; of whole numbers, `1` means 8 bits and not the full scale of floats."""
    low, high = image.getextrema()
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    return float(low), max(float(high), 2.0) if image.mode == "I" else float(high)


def _white_is_zero(image: Image.Image) -> bool:
    """Whether a TIFF counts up to black (PhotometricInterpretation 0); Pillow heeds that up to 8 bits only."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(262) == 0
