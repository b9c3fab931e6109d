"""Whether a text layer says what the engine reads: single lines, cut from the drawn page, read and compared.

Engines err, so a line counts as agreeing from a similarity that chance or another text does not reach. Numbers are
compared once more by themselves: a layer that lies about the digits alone would pass otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from function.documents.base import Document
from function.page import PageReading, Pixels, ReadLine, turned_box
from function.reading.text_layer.bidi import is_right_to_left

#: Dots per inch between which lines are cut: engines misread smaller letters, and gain nothing from larger ones.
_LOWEST_DPI, _HIGHEST_DPI = 150.0, 300.0
#: Letters and digits that a line needs to tell anything, and as many as one crop may hold.
_FEWEST_CHARACTERS, _MOST_CHARACTERS = 6, 120
#: Points; what is smaller is misread too often to accuse a layer.
_SMALLEST_POINTS = 5.5
#: Similarities (0..1) below which two readings differ; digits are fewer and misread more rarely.
_AGREEMENT, _AGREEMENT_DIGITS = 0.6, 0.5
_FEWEST_DIGITS = 5
#: The same for lines that are short or mostly signs, all characters compared.
_AGREEMENT_SHORT = 0.5
#: What engines take for each other.
_CONFUSED = str.maketrans("01l|!5８０１", "oiiiis8oi")

Recognise = Callable[[list[Pixels]], list[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One line to check: on which page, the reading it stands in, and its `weight`."""

    number: int
    reading: PageReading
    line: ReadLine
    weight: int


def weight(line: ReadLine, points: float, reads: Callable[[str], bool]) -> int:
    """How much the engine's disagreement about this line would mean: 2 much, 1 little (short, mostly signs), 0 nothing.

    Args:
        line: of a text layer.
        points: its font size in points.
        reads: whether the engine knows the script of a text.
    """
    if line.angle or points < _SMALLEST_POINTS or is_right_to_left(line.text):
        return 0
    letters = len(comparable(line.text))
    if not letters or letters > _MOST_CHARACTERS or not reads(line.text):
        return 0
    return 2 if letters >= _FEWEST_CHARACTERS and 2 * letters >= len(_plain(line.text)) else 1


def agreements(document: Document, samples: Sequence[Sample], dpi: float, recognise: Recognise) -> list[bool]:
    """Read each sample's line with the engine, and tell which ones agree.

    Args:
        document: that the samples are of.
        samples: lines that have `weight`, any number a page.
        dpi: that their boxes are given in.
        recognise: the engine's.
    """
    if not samples:
        return []
    drawn_dpi = min(max(dpi, _LOWEST_DPI), _HIGHEST_DPI)
    # Page by page: a document keeps the page that it drew last, and loading one costs more than drawing a line.
    order = sorted(range(len(samples)), key=lambda index: samples[index].number)
    crops = {index: _crop(document, samples[index], drawn_dpi) for index in order}
    read = recognise([crops[index] for index in range(len(samples))])
    return [agree(sample.line.text, text) for sample, (text, _) in zip(samples, read, strict=True)]


def agree(told: str, read: str) -> bool:
    """Whether the layer's text and the engine's are readings of the same line."""
    letters = comparable(told)
    if len(letters) < _FEWEST_CHARACTERS or 2 * len(letters) < len(_plain(told)):
        return _similarity(_plain(told), _plain(read)) >= _AGREEMENT_SHORT
    if _similarity(letters, comparable(read)) < _AGREEMENT:
        return False
    told_digits, read_digits = _digits(told), _digits(read)
    return len(told_digits) < _FEWEST_DIGITS or _similarity(told_digits, read_digits) >= _AGREEMENT_DIGITS


def comparable(text: str) -> str:
    """Letters and digits alone, without case, accents, or what engines cannot tell apart."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum()).translate(_CONFUSED)


def _plain(text: str) -> str:
    """All characters without case and blanks; dots that lead to a page number, and the like, once."""
    return re.sub(r"([^\w])\1+", r"\1", "".join(text.casefold().split()))


def _digits(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isdigit())


def _similarity(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _crop(document: Document, sample: Sample, dpi: float) -> Pixels:
    """The line, level, with a little paper around it; nothing else of its page is drawn."""
    reading = sample.reading
    x0, y0, x1, y1 = sample.line.box
    vertical = sample.line.vertical
    margin = 2 + 0.12 * (x1 - x0 if vertical else y1 - y0)
    across, down = (margin, 2 * margin) if vertical else (2 * margin, margin)
    box = x0 - across, y0 - down, x1 + across, y1 + down
    left, top, right, bottom = turned_box(box, -reading.rotation % 360, reading.width, reading.height)
    sideways = reading.rotation in {90, 270}
    width, height = (reading.height, reading.width) if sideways else (reading.width, reading.height)
    part = left / max(1, width), top / max(1, height), right / max(1, width), bottom / max(1, height)
    page = document.draw(sample.number, dpi, part=part).pixels
    on_its_side = 1 if vertical else 0  # as engines read columns
    return np.ascontiguousarray(np.rot90(page, k=on_its_side - reading.rotation // 90))
