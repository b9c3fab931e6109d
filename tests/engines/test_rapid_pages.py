"""The fast rung on whole pages: turned, skewed, spaced, wide, and the same on every runtime."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from function.engines.rapid.engine import RapidEngine
from function.page import PageImage, PageReading, Pixels
from tests.engines.drawing import LINES, page_of, skewed, strip_of

HAN_FONTS = [
    path
    for folder in ("/usr/share/fonts", "/usr/local/share/fonts")
    for pattern in ("**/wqy*.tt[cf]", "**/NotoSansCJK*.tt[cf]", "**/NotoSerifCJK*.tt[cf]", "**/NotoSansCJK*.otf")
    for path in sorted(Path(folder).glob(pattern))
]
CAT = "吾輩は猫である名前はまだ無いどこで生れたかとんと見当がつかぬ何でも薄暗い所で泣いていた事だけは記憶している"


def _read(engine: RapidEngine, pixels: Pixels) -> PageReading:
    [(_, reading)] = engine.read([PageImage(1, pixels)])
    assert isinstance(reading, PageReading), reading
    return reading


def _texts(reading: PageReading) -> list[str]:
    return [line.text for line in reading.lines]


def test_words_keep_their_spaces(rapid: RapidEngine) -> None:
    """Line by line, letter by letter, on both runtimes."""
    assert _texts(_read(rapid, page_of())) == list(LINES)


@pytest.mark.parametrize(
    ("turned", "lines"),
    [
        *((90, 1), (180, 3), (270, 5)),
        *(
            pytest.param(*rest, marks=pytest.mark.long)
            for rest in ((180, 1), (270, 1), (90, 3), (270, 3), (90, 5), (180, 5))
        ),
    ],
)
def test_a_turned_page_reads_like_the_upright_one(rapid: RapidEngine, turned: int, lines: int) -> None:
    """The reading says how to turn it, and its boxes are those of the upright page."""
    upright = page_of(LINES[:lines])

    reading = _read(rapid, np.rot90(upright, -turned // 90))

    assert _texts(reading) == list(LINES[:lines])
    assert reading.rotation == (360 - turned) % 360
    assert (reading.width, reading.height) == (900, 500)
    assert reading.lines == _read(rapid, upright).lines


@pytest.mark.parametrize("degrees", [-5, 2, *(pytest.param(long, marks=pytest.mark.long) for long in (-2, 5))])
def test_a_skewed_page_is_read_and_its_slope_told(rapid: RapidEngine, degrees: int) -> None:
    """Up to five degrees either way; clockwise is positive."""
    reading = _read(rapid, skewed(page_of(), degrees))

    assert _texts(reading) == list(LINES)
    assert [line.angle for line in reading.lines] == pytest.approx([degrees] * len(LINES), abs=1)


def test_a_line_down_the_margin_of_an_upright_page_is_read(rapid: RapidEngine) -> None:
    """It says that it runs downwards; the page stays as it is."""
    page = page_of(height=700)
    page[20:680, 850:890] = np.rot90(cv2.resize(strip_of("A note down the margin of the page"), (660, 40)), -1)

    reading = _read(rapid, page)

    assert reading.rotation == 0
    [note] = [line for line in reading.lines if line.box[0] > 800]
    assert note.text == "A note down the margin of the page"
    assert note.angle == pytest.approx(90, abs=1)
    assert not note.vertical


def test_a_tiny_image_is_read(rapid: RapidEngine) -> None:
    """Twelve pixels of height are enough."""
    assert _texts(_read(rapid, cv2.resize(page_of(LINES[:2], height=160), (270, 48), interpolation=cv2.INTER_AREA)))


def test_a_line_much_wider_than_the_model_takes_loses_nothing(rapid: RapidEngine) -> None:
    """It is read in pieces, cut between words."""
    text = " ".join([*LINES, *LINES[:3]])

    [(read, confidence)] = rapid.recognise([strip_of(text)])

    assert read == text
    assert confidence > 0.9


def test_empty_strips_read_as_nothing(rapid: RapidEngine) -> None:
    """A sampled line may have been clipped away."""
    empty = [np.zeros((0, 10, 3), np.uint8), np.zeros((10, 0, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)]
    assert rapid.recognise(empty) == [("", 0.0)] * 3


@pytest.fixture
def han() -> ImageFont.FreeTypeFont:
    """A font with Han and kana, where the machine has one."""
    if not HAN_FONTS:
        pytest.skip("no font with Han characters is installed")
    return ImageFont.truetype(str(HAN_FONTS[0]), 40)


def _columns(font: ImageFont.FreeTypeFont, text: str, rows: int) -> Pixels:
    """East Asian columns, from right to left."""
    image = Image.new("RGB", (640, 100 + rows * 46), "white")
    pen = ImageDraw.Draw(image)
    for number, character in enumerate(text):
        pen.text((550 - number // rows * 90, 50 + number % rows * 46), character, font=font, fill="black")
    return np.asarray(image)[:, :, ::-1].copy()


def test_east_asian_columns_stay_upright(rapid: RapidEngine, han: ImageFont.FreeTypeFont) -> None:
    """They look like a page on its side, but the characters stand."""
    reading = _read(rapid, _columns(han, CAT[:48], 12))

    assert reading.rotation == 0
    assert [line.vertical for line in reading.lines] == [True] * 4
    by_column = sorted(reading.lines, key=lambda line: -line.box[0])
    assert "".join(line.text for line in by_column) == CAT[:48]


@pytest.mark.parametrize("turned", [90, 180, *(pytest.param(long, marks=pytest.mark.long) for long in (0, 270))])
def test_a_turned_east_asian_page_is_set_upright(rapid: RapidEngine, han: ImageFont.FreeTypeFont, turned: int) -> None:
    """Rows, not columns: the characters lie when the page does."""
    image = Image.new("RGB", (800, 500), "white")
    for row in range(4):
        ImageDraw.Draw(image).text((40, 50 + row * 90), CAT[row * 12 : row * 12 + 12], font=han, fill="black")
    pixels = np.asarray(image)[:, :, ::-1]

    reading = _read(rapid, np.rot90(pixels, -turned // 90))

    assert reading.rotation == (360 - turned) % 360
    assert "".join(_texts(reading)) == CAT[:48]
