"""Documents made on the spot, no two pages alike, their text known: what throughput and memory are measured on."""

from __future__ import annotations

import io
import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont

#: English words of two or three syllables, which every reader knows.
WORDS = tuple(
    """
harbour invoice amount delivered station quarter window report number lantern garden signal account
weather copper paper meeting bridge season letter market engine summer record yellow credit winter ballot
border thunder history reason planet silver travel method object second bottle stream valley police
thirty total machine nothing picture science village culture general language measure morning nature
office payment quality
""".split()
)
#: Width and height in pixels, size of the letters: a letter page, a small note, a wide slide, a narrow receipt.
_SHAPES = ((1240, 1650, 26), (900, 640, 24), (1600, 900, 34), (620, 1300, 22))
#: In turn, with what Pillow is told for each; the first two hold several pages.
_KINDS: dict[str, dict[str, Any]] = {
    "PDF": {"resolution": 150.0, "quality": 85},
    "JPEG": {"quality": 85},
    "TIFF": {"compression": "tiff_deflate"},
    "PNG": {"compress_level": 1},
}
_SEVERAL = ("PDF", "TIFF")


@dataclass(frozen=True)
class Synthetic:
    """A document with its text.

    Attributes:
        name: with the extension of its kind.
        content: its bytes.
        pages: its text, page by page, a line a line.
    """

    name: str
    content: bytes
    pages: tuple[str, ...]


#: Pixels: sides of pages whose sizes are drawn at random, and of their letters.
_SIDES, _SIZES = (300, 4000), (14, 60)


def documents(seed: int, *, fill: float = 1.0, any_size: bool = False) -> Iterator[Synthetic]:
    """Ever more documents, the same for the same seed.

    In turn a PDF of pictures, a JPEG, a TIFF and a PNG; every page is of one of four shapes.

    Args:
        seed: where chance begins.
        fill: how much of each page is written on, 0..1.
        any_size: no two pages are of one size, from a label to a poster: what keeps something for each shape shows.
    """
    chance = random.Random(seed)
    for number, kind in enumerate(itertools.cycle(_KINDS)):
        pages = chance.choice((2, 3, 4)) if kind in _SEVERAL else 1
        yield _document(chance, f"{seed}-{number}", kind, pages, fill, any_size)


def images(seed: int, *, fill: float = 1.0) -> Iterator[Synthetic]:
    """As `documents`, but pictures of one page alone, which every reader takes."""
    return (document for document in documents(seed, fill=fill) if not document.name.endswith(("pdf", "tiff")))


def _document(chance: random.Random, name: str, kind: str, count: int, fill: float, any_size: bool) -> Synthetic:
    drawn = [_page(chance, f"document {name} page {page + 1}", fill, any_size) for page in range(count)]
    first, *others = [image for _, image in drawn]
    several = {"save_all": True, "append_images": others} if kind in _SEVERAL else {}
    buffer = io.BytesIO()
    first.save(buffer, kind, **several, **_KINDS[kind])
    return Synthetic(f"{name}.{kind.lower()}", buffer.getvalue(), tuple(text for text, _ in drawn))


def _any_shape(chance: random.Random) -> tuple[int, int, int]:
    width, height = (round(math.exp(chance.uniform(*map(math.log, _SIDES)))) for _ in range(2))
    return width, height, min(chance.randint(*_SIZES), width // 16, height // 8)


def _page(chance: random.Random, title: str, fill: float, any_size: bool) -> tuple[str, Image.Image]:
    width, height, size = _any_shape(chance) if any_size else chance.choice(_SHAPES)
    image = Image.new("RGB", (width, height), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    margin, step = 2 * size, int(size * 1.7)
    lines = [title]
    for _ in range(1, max(2, int((height - 2 * margin) // step * fill))):
        lines.append(_line(chance, draw, font, width - 2 * margin))
    for index, line in enumerate(lines):
        draw.text((margin, margin + index * step), line, fill=(20, 20, 20), font=font)
    return "\n".join(lines), image


def _line(
    chance: random.Random, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> str:
    """Words and a number, some length up to the page's width, so that lines differ in length too."""
    wanted = width * chance.uniform(0.4, 1.0)
    line = str(chance.randint(1000, 9999))
    while True:
        longer = f"{line} {chance.choice(WORDS)}"
        if draw.textlength(longer, font=font) > wanted:
            return line
        line = longer
