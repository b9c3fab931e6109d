"""Sets texts as lines on a page, as an engine would have read them, for tests of the layout."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin
from typing import Any

from function.page import Box, ReadLine

#: Pixels: a line's height, from line to line, and how wide a character is.
HEIGHT, STEP, CHARACTER = 20.0, 26.0, 10.0

# fmt: off
WORDS = (
    "the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "seven", "wise", "owls",
    "watch", "from", "an", "old", "oak", "and", "count", "every", "leaf", "that", "falls", "before", "winter",
    "comes", "to", "cover", "all", "their", "woods", "in", "white",
)
# fmt: on


def line(text: str, x: float, y: float, *, size: float = HEIGHT, width: float | None = None, **more: Any) -> ReadLine:
    """A line whose upper left corner is at x, y; characters are half as wide as it is tall."""
    wide = width if width is not None else len(text) * size / 2
    return ReadLine(box=(x, y, x + wide, y + size), text=text, confidence=more.pop("confidence", 0.9), **more)


def column(texts: Sequence[str], x: float, y: float, *, step: float = STEP, **more: Any) -> list[ReadLine]:
    """Lines one below the other, the first at x, y."""
    return [line(text, x, y + at * step, **more) for at, text in enumerate(texts)]


def prose(lines: int, characters: int = 40, *, seed: int = 0, end: str = ".") -> list[str]:
    """Running text, broken into so many lines of about so many characters; only the last ends a sentence."""
    texts: list[str] = []
    at = seed
    for _ in range(lines):
        text = WORDS[at % len(WORDS)]
        at += 1
        while len(text) + 1 + len(WORDS[at % len(WORDS)]) <= characters:
            text += " " + WORDS[at % len(WORDS)]
            at += 1
        texts.append(text)
    texts[-1] += end
    return texts


def turned(lines: Sequence[ReadLine], degrees: float, centre: tuple[float, float] = (500.0, 700.0)) -> list[ReadLine]:
    """The same lines on a page scanned askew: boxes are the upright ones around the turned lines."""
    angle = radians(degrees)

    def turn(x: float, y: float) -> tuple[float, float]:
        right, down = x - centre[0], y - centre[1]
        return (
            centre[0] + right * cos(angle) - down * sin(angle),
            centre[1] + right * sin(angle) + down * cos(angle),
        )

    def around(box: Box) -> Box:
        x0, y0, x1, y1 = box
        corners = [turn(x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return (min(xs), min(ys), max(xs), max(ys))

    return [ReadLine(around(old.box), old.text, old.confidence, degrees) for old in lines]
