"""What was found and could not be read is told on the page."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

pytest.importorskip("cv2")

from function.engines.rapid.engine import RapidEngine
from function.engines.rapid.unread import warnings
from function.page import PageImage, PageReading, ReadLine
from tests.engines.drawing import page_of

VIETNAMESE = (
    "Tất cả mọi người sinh ra đều được tự do",
    "và bình đẳng về nhân phẩm và quyền lợi.",
    "Mọi con người đều được tạo hóa ban cho",
    "lý trí và lương tâm và cần phải đối xử",
)
RUSSIAN = (
    "Все люди рождаются свободными",
    "и равными в своем достоинстве",
    "и правах. Они наделены разумом",
    "и совестью и должны поступать",
)
POLISH = (
    "Wszyscy ludzie rodzą się wolni i równi",
    "pod względem swej godności i swych praw.",
    "Są oni obdarzeni rozumem i sumieniem",
    "i powinni postępować wobec innych",
)


def _line(text: str, confidence: float, width: float = 300.0) -> ReadLine:
    return ReadLine(box=(0.0, 0.0, width, 20.0), text=text, confidence=confidence)


SOUND = _line("a line of sound print", 0.98)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], ""),
        ([SOUND] * 20, ""),
        ([SOUND] * 20 + [_line("", 0.0, 25)], ""),
        ([SOUND] * 9 + [_line("s0me d0ubt", 0.85)], ""),
        ([SOUND] * 4 + [_line("m0st in d0ubt", 0.85)] * 6, "6 of 10 lines"),
        ([SOUND] * 4 + [_line("", 0.0)], "1 of 5 lines"),
        ([SOUND] * 4 + [_line("guesswork", 0.6)], "1 of 5 lines"),
        ([_line(".", 0.97)], "1 of 1 lines"),
        ([_line("", 0.0, 25)], ""),
    ],
    ids=[
        "blank page",
        "sound",
        "a stamp",
        "a line in doubt",
        "most in doubt",
        "unread",
        "guessed",
        "one dot for a line",
        "a blot",
    ],
)
def test_a_page_tells_when_much_of_it_was_not_read(lines: list[ReadLine], told: str) -> None:
    """Weighed by what the lines have room for."""
    found = warnings(lines)

    assert [warning.startswith(told) for warning in found] == ([True] if told else [])


@pytest.fixture(scope="module")
def dejavu() -> ImageFont.FreeTypeFont:
    """A font of many scripts, where the machine has it."""
    try:
        return ImageFont.truetype("DejaVuSans.ttf", 30)
    except OSError:
        pytest.skip("the font DejaVu Sans is not installed (apt-get install fonts-dejavu-core)")


def _read(engine: RapidEngine, font: ImageFont.FreeTypeFont, lines: tuple[str, ...]) -> PageReading:
    image = Image.new("RGB", (1000, 400), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((50, 50 + number * 70), line, font=font, fill="black")
    pixels = np.asarray(image)[:, :, ::-1].copy()
    [(_, reading)] = engine.read([PageImage(1, pixels)])
    assert isinstance(reading, PageReading), reading
    return reading


def test_a_script_that_is_not_known_is_told(rapid: RapidEngine, dejavu: ImageFont.FreeTypeFont) -> None:
    """Of Russian nearly nothing is read, and that must not look like an empty page."""
    reading = _read(rapid, dejavu, RUSSIAN)

    [warning] = reading.warnings
    assert warning.startswith("4 of 4 lines found on the page were not read, or with doubt")


def test_letters_that_are_not_known_cost_a_line_its_confidence(
    rapid: RapidEngine, dejavu: ImageFont.FreeTypeFont
) -> None:
    """Of Vietnamese some are passed over; of Polish, which is known, none is."""
    vietnamese, polish = _read(rapid, dejavu, VIETNAMESE), _read(rapid, dejavu, POLISH)

    assert max(line.confidence for line in vietnamese.lines) < 0.95
    assert len(vietnamese.warnings) == 1
    assert min(line.confidence for line in polish.lines) > 0.95
    assert polish.warnings == []


def test_sound_print_bears_no_warning(rapid: RapidEngine) -> None:
    """The usual case."""
    [(_, reading)] = rapid.read([PageImage(1, page_of())])

    assert isinstance(reading, PageReading)
    assert reading.warnings == []
