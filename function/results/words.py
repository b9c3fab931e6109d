"""Where words stand: results tell it of lines only, so words get shares of them, by how wide letters usually are.

Formats that place text on a page (hOCR, ALTO, the searchable PDF) need it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from function.results.model import Block, Line

#: Widths in shares of a letter's height, as proportional fonts have them.
_NARROW, _USUAL, _CAPITAL, _BROAD, _FULL = 0.28, 0.52, 0.67, 0.85, 1.0
_NARROW_LETTERS, _BROAD_LETTERS = frozenset("iIjlft.,:;'’`|!()[]{} -"), frozenset("mwMW@%—…")
#: From line to line, in heights of letters.
_LEADING = 1.3
#: A strip that is so many times higher than wide holds its text turned, whatever nobody said of it.
_TALL = 2.5
#: Of the height of a line, what hangs below its baseline.
DESCENT = 0.2


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or one run of East Asian characters.

    Attributes:
        text: without spaces.
        bbox: x0, y0, x1, y1 in pixels of the upright page.
        start: x, y of where its baseline begins.
        length: of its baseline, in pixels.
        height: of its line, in pixels.
        angle: of its baseline, in degrees, clockwise positive.
        confidence: of its line.
        ends: a space follows, or the line's end.
    """

    text: str
    bbox: tuple[float, float, float, float]
    start: tuple[float, float]
    length: float
    height: float
    angle: float
    confidence: float
    ends: bool


def words(line: Line) -> list[Word]:
    """A line's words, in the order they are written in; of right-to-left text the first one stands at the right."""
    pieces = list(_pieces(line.text))
    total = sum(_width(text) + _width(" ") * ends for text, ends in pieces) - _width(" ") or 1.0
    strip = _Strip.of(line)
    backwards, placed, begin = is_right_to_left(line.text), [], 0.0
    for text, ends in pieces:
        end = begin + _width(text)
        first, last = (total - end, total - begin) if backwards else (begin, end)
        placed.append(strip.word(text, first / total, last / total, line.confidence, ends=ends))
        begin = end + _width(" ") * ends
    return placed


def lines_of(block: Block) -> Sequence[Line]:
    """A block's lines; where an engine tells none, as they probably run within its box."""
    if block.lines or not block.text.strip():
        return [line for line in block.lines if line.text.strip()]
    x0, y0, x1, y1 = block.bbox
    rows = block.rows or [row.split("\t") for row in _wrapped(block)]
    if not rows:
        return []
    high = (y1 - y0) / len(rows)
    lines = []
    for number, row in enumerate(rows):
        top, wide = y0 + high * number, (x1 - x0) / len(row)
        for at, cell in enumerate(row):
            if cell.strip():
                left = x0 + wide * at
                lines.append(Line([left, top, left + wide, top + high], cell, block.confidence))
    return lines


def is_right_to_left(text: str) -> bool:
    """Whether most of its letters belong to a script that runs so."""
    kinds = [unicodedata.bidirectional(char) for char in text]
    return sum(kind in {"R", "AL"} for kind in kinds) > sum(kind == "L" for kind in kinds)


@dataclass(frozen=True, slots=True)
class _Strip:
    """A line as a rectangle that is turned by `angle` around `centre`."""

    centre: tuple[float, float]
    width: float
    height: float
    angle: float

    @classmethod
    def of(cls, line: Line) -> _Strip:
        """From the upright box around it: W = w·|cos| + h·|sin| and H = w·|sin| + h·|cos|, solved for w and h."""
        x0, y0, x1, y1 = line.bbox
        wide, high = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
        angle = _angle(line, high / wide)
        cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
        spread = cos * cos - sin * sin
        if abs(spread) > 0.2:
            height = (high * cos - wide * sin) / spread
        else:  # near 45 degrees the box tells the sum of both only
            height = (wide + high) / (cos + sin) / (1 + _width(line.text))
        height = min(max(height, 0.2 * min(wide, high), 1.0), max(wide, high))
        width = max((wide - height * sin) / cos if cos > sin else (high - height * cos) / sin, 1.0)
        return cls(((x0 + x1) / 2, (y0 + y1) / 2), width, height, angle)

    def word(self, text: str, first: float, last: float, confidence: float, *, ends: bool) -> Word:
        """What stands between two shares of its length."""
        corners = [self._at(share, side) for share in (first, last) for side in (0.0, 1.0)]
        xs, ys = zip(*corners, strict=True)
        bbox = (min(xs), min(ys), max(xs), max(ys))
        start, length = self._at(first, 1 - DESCENT), (last - first) * self.width
        return Word(text, bbox, start, length, self.height, self.angle, confidence, ends)

    def _at(self, along: float, down: float) -> tuple[float, float]:
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        x, y = (along - 0.5) * self.width, (down - 0.5) * self.height
        return self.centre[0] + x * cos - y * sin, self.centre[1] + x * sin + y * cos


def _angle(line: Line, slimness: float) -> float:
    """Of vertical writing the way down; of a tall strip that nobody explained, up, as stamps in margins run."""
    if line.vertical:
        return 90.0 + line.angle
    if line.angle or slimness < _TALL or len(line.text.strip()) < 3:
        return line.angle
    return 90.0 if _full(line.text) > 0.5 else -90.0


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Words, East Asian runs apart from others; and whether a space (or the end) follows each."""
    for word in text.split():
        begin = 0
        for at in range(1, len(word)):
            if _is_full(word[at]) != _is_full(word[at - 1]) and not unicodedata.combining(word[at]):
                yield word[begin:at], False
                begin = at
        yield word[begin:], True


def _width(text: str) -> float:
    return sum(map(_letter_width, text))


def _letter_width(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if _is_full(char):
        return _FULL
    if char in _NARROW_LETTERS:
        return _NARROW
    if char in _BROAD_LETTERS:
        return _BROAD
    return _CAPITAL if char.isupper() else _USUAL


def _is_full(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _full(text: str) -> float:
    return sum(map(_is_full, text)) / max(len(text), 1)


def _wrapped(block: Block) -> list[str]:
    """A block's text broken into as many lines as fit its box best; a break of its own stays one."""
    given = [row for row in block.text.split("\n") if row.strip()]
    if block.type in {"table", "chart", "code"} or any("\t" in row for row in given):
        return given
    x0, y0, x1, y1 = block.bbox
    wide, high = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
    # n lines of height high / (n · leading), each wide / that many letters long, hold all of it.
    count = max(len(given), math.ceil(math.sqrt(sum(map(_width, given)) * high / (wide * _LEADING)) - 0.3))
    longest = wide * count * _LEADING / high
    return [part for row in given for part in _filled(row, longest)]


def _filled(row: str, longest: float) -> Iterator[str]:
    units = row.split(" ") if _full(row) < 0.5 else list(row)
    gap = " " if _full(row) < 0.5 else ""
    current = ""
    for unit in units:
        longer = f"{current}{gap}{unit}" if current else unit
        if current and _width(longer) > longest:
            yield current
            longer = unit
        current = longer
    if current.strip():
        yield current
