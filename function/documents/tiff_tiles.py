"""TIFFs that Pillow opens and then unpacks wrongly: it neither fails nor warns, it draws noise."""

from __future__ import annotations

import PIL
from PIL import Image, TiffImagePlugin

_BITS_PER_SAMPLE, _PLANAR, _SEPARATE = 258, 284, 2
_COLOURED = ("RGB", "RGBA", "CMYK")
#: Unpackers of big-endian signed and float samples, by those of this machine's order.
_NATIVE = {"I;16BS": "I;16NS", "I;32BS": "I;32NS", "F;32BF": "F;32NF"}
#: Up to Pillow 12 the decoder by libtiff is told the compression, too.
_TOLD_COMPRESSION = int(PIL.__version__.partition(".")[0]) < 13


def mend(image: Image.Image) -> None:
    """Before a frame of a TIFF is loaded, correct how its samples are unpacked.

    libtiff turns samples into this machine's byte order, after which Pillow turns big-endian signed ones and floats
    once more. Planes of 16 bits that are not packed it takes for planes of 8; by libtiff, it reads them as they are.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or not image.tile:
        return
    first = image.tile[0]
    if not isinstance(first.args, tuple):
        return
    if first.codec_name == "libtiff" and first.args[0] in _NATIVE:
        image.tile = [first._replace(args=(_NATIVE[first.args[0]], *first.args[1:]))]
    elif first.codec_name == "raw" and image.mode in _COLOURED and _has_deep_planes(image):
        image.use_load_libtiff = True
        compression = ("raw",) if _TOLD_COMPRESSION else ()
        args = (f"{image.mode};16N", *compression, False, image.tag_v2.offset)
        image.tile = [first._replace(codec_name="libtiff", extents=(0, 0, *image.size), offset=0, args=args)]


def _has_deep_planes(image: TiffImagePlugin.TiffImageFile) -> bool:
    return image.tag_v2.get(_PLANAR) == _SEPARATE and set(image.tag_v2.get(_BITS_PER_SAMPLE, ())) == {16}
