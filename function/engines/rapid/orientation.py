"""Which way is up, found with the two models that are there anyway.

Upright lines are wider than tall, so the shapes that the detector found tell level pages from those lying on a side.
Which of the two ways is up, the recogniser tells: a line upside down loses two characters of three and the rest is
doubtful (measured over 40 pages: confidence 0.99 and 0.6), so a few lines read both ways settle it. On pages that read
well as they are, that costs nothing.

East Asian columns look like lines of a page that lies on its side, and read as well when turned. There the characters
themselves are asked: cut out one by one and put side by side, they are a readable line only when they stand upright.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from function.engines.rapid import crops
from function.engines.rapid.columns import characters_in_a_row
from function.engines.rapid.crops import Quad
from function.engines.rapid.lines import TALL, turn
from function.engines.rapid.script import mostly_east_asian
from function.page import Pixels

#: Reads strips at the same time, in order.
Readers: TypeAlias = Callable[[Sequence[Pixels]], list[tuple[str, float]]]

#: How many lines testify.
PROBES = 5
#: Mean confidence below which a page is looked at from the other side.
DOUBTFUL = 0.85
#: What the other side must reach, and how many times more text it must give.
CONVINCING, TIMES = 0.75, 1.5
#: A probe longer than this × its height costs much and tells no more.
LONG = 20.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What reading a few strips one way gave.

    Attributes:
        confidence: mean over the characters, 0..1.
        weight: characters × confidence, summed.
        text: of all strips.
    """

    confidence: float
    weight: float
    text: str

    def beats(self, other: Evidence) -> bool:
        """Whether this way up is right and the other wrong, without a doubt."""
        return self.confidence >= CONVINCING and self.weight >= TIMES * other.weight


def testimony(readings: Sequence[tuple[str, float]]) -> Evidence:
    """Weigh what a few strips read."""
    weight = sum(len(text) * confidence for text, confidence in readings)
    characters = sum(len(text) for text, _ in readings)
    return Evidence(weight / max(1, characters), weight, "".join(text for text, _ in readings))


def lies_on_its_side(quads: Sequence[Quad]) -> bool:
    """Whether more of the text runs down the page than across it, by length."""
    across = down = 0.0
    for width, height in map(crops.sides, quads):
        if height > TALL * width:
            down += height
        elif width > TALL * height:
            across += width
    return down > across


def probes(quads: Sequence[Quad], *, tall: bool) -> list[int]:
    """The lines that tell most: the longest that are not too long to be read quickly, the best first."""

    def length(index: int) -> float:
        short, long = sorted(crops.sides(quads[index]))
        fits = (crops.sides(quads[index])[1] == long) == tall
        return (min(long, LONG * short) if long <= LONG * short else LONG * short / 2) if fits else 0.0

    ranked = sorted(range(len(quads)), key=length, reverse=True)
    return [index for index in ranked[:PROBES] if length(index) > 0]


def turn_of_level_page(strips: Sequence[Pixels], upright: Evidence, read: Readers) -> int:
    """0 or 180: how a page whose lines are level must be turned, given what its probes said as they are."""
    return 180 if testimony(read([turn(strip, 180) for strip in strips])).beats(upright) else 0


def turn_of_page_on_its_side(strips: Sequence[Pixels], read: Readers) -> int:
    """0, 90, 180 or 270: how a page whose lines run downwards must be turned clockwise; 0 where nothing reads well."""
    both = read([turn(strip, degrees) for degrees in (90, 270) for strip in strips])
    by_90, by_270 = testimony(both[: len(strips)]), testimony(both[len(strips) :])
    if by_90.beats(by_270):
        return _unless_columns(strips, by_90, 90, read)
    if by_270.beats(by_90):
        return _unless_columns(strips, by_270, 270, read)
    return 0


def _unless_columns(strips: Sequence[Pixels], evidence: Evidence, rotation: int, read: Readers) -> int:
    """The turn itself, or, for East Asian columns (which read when turned by 270), the turn that makes them stand."""
    if not mostly_east_asian(evidence.text):
        return rotation
    standing = (rotation + 90) % 360
    rows = [row for strip in strips if (row := characters_in_a_row(turn(strip, standing))) is not None]
    if not rows:
        return rotation
    asked = testimony(read([row for row, _ in rows]))
    characters = sum(count for _, count in rows)
    stands = asked.confidence >= CONVINCING and asked.weight >= characters / TIMES
    return standing if stands else rotation
