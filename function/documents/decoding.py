"""Loading a picture's pixels, wholly if possible, in part where its data ends early or is damaged."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator

from PIL import Image, ImageFile

from function.documents import allocation
from function.errors import Corrupt

#: What Pillow's readers raise on damaged data.
DAMAGE = (OSError, ValueError, SyntaxError, IndexError, TypeError, KeyError, EOFError, OverflowError, zlib.error)


@contextlib.contextmanager
def lenient(allowed: bool = True) -> Iterator[None]:
    """Whether Pillow overlooks data that ends early or does not fit its checksum."""
    ImageFile.LOAD_TRUNCATED_IMAGES = allowed
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def load(image: Image.Image) -> bool:
    """Decode; whether all of it could be.

    Raises:
        MemoryError: a library was refused memory.
    """
    try:
        with allocation.watched():
            image.load()
    except DAMAGE:
        return False
    return True


def load_partly(image: Image.Image, number: int) -> None:
    """Decode a freshly opened picture as far as it goes.

    Raises:
        Corrupt: nothing of it could be read, or what was read is one flat colour, which nobody meant.
    """
    try:
        with lenient(), allocation.watched():
            # libtiff reports a bad strip after it has decoded what it could: asking again gives that.
            with contextlib.suppress(OSError):
                image.load()
            image.load()
        flat = _is_flat(image)
    except DAMAGE as problem:
        raise Corrupt(f"page {number}: the picture's data is damaged ({problem})") from problem
    if flat:
        raise Corrupt(f"page {number}: the picture's data is damaged, nothing of it could be read")


def _is_flat(image: Image.Image) -> bool:
    extremes = image.getextrema()
    bands = extremes if isinstance(extremes[0], tuple) else (extremes,)
    return all(low == high for low, high in bands)
