"""Draws pages of text for engines to read, with the one font that comes with Pillow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from function.page import Pixels

LINES = (
    "The quick brown fox jumps over a lazy dog",
    "while seven owls watch from an old oak and",
    "count 1234567890 leaves before winter comes.",
    "Every word of this page stays where it was,",
    "and no space between two words is lost.",
)


def page_of(lines: Sequence[str] = LINES, *, width: int = 900, height: int = 500, size: int = 30) -> Pixels:
    """Black text on white paper, a line of text a line."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    for number, line in enumerate(lines):
        pen.text((size, size + number * size * 2), line, font=font, fill="black")
    return np.asarray(image)[:, :, ::-1].copy()


def strip_of(text: str, *, size: int = 30) -> Pixels:
    """One line, cut out closely."""
    font = ImageFont.load_default(size)
    box = font.getbbox(text)
    image = Image.new("RGB", (int(box[2]) + 8, int(box[3]) + 8), "white")
    ImageDraw.Draw(image).text((4, 4), text, font=font, fill="black")
    return np.asarray(image)[:, :, ::-1].copy()


def skewed(pixels: Pixels, degrees: float) -> Pixels:
    """As a careless hand would lay it on the scanner: clockwise by so many degrees, on a larger sheet."""
    image = Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    return np.asarray(image).copy()
