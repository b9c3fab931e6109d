"""Boxes to be ticked: seen by their frames, told by what is in them, put beside their labels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

pytest.importorskip("cv2")

from function.engines.rapid.check_boxes import CheckBox, cut_at, find_check_boxes, with_check_boxes
from function.engines.rapid.engine import RapidEngine
from function.page import PageImage, PageReading, Pixels, ReadLine

SIDE = 24


def form(*rows: tuple[str, str], frame: int = 2, out: int = 0, gap: int = 12) -> Pixels:
    """A box and a label a row; the box is drawn by a word: empty, cross, tick, full, letter, none."""
    image = Image.new("RGB", (1000, 1400), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(28)
    for number, (kind, label) in enumerate(rows):
        x, y = 80, 80 + 70 * number
        if kind != "none":
            pen.rectangle(
                (x, y, x + SIDE, y + SIDE), outline="black", width=frame, fill="black" if kind == "full" else None
            )
        if kind == "cross":
            near, far = 4 - out, SIDE - 4 + out
            pen.line((x + near, y + near, x + far, y + far), fill="black", width=2)
            pen.line((x + near, y + far, x + far, y + near), fill="black", width=2)
        if kind == "tick":
            pen.line((x + 5, y + 12, x + 10, y + 18, x + 19 + out, y + 5 - out), fill="black", width=3)
        if kind == "letter":
            pen.text((x + 7, y + 2), "A", font=ImageFont.load_default(16), fill="black")
        pen.text((x + SIDE + gap, y - 4), label, font=font, fill="black")
    return np.asarray(image)[:, :, ::-1].copy()


def line(text: str, x0: float, x1: float) -> ReadLine:
    """Between 0 and 40."""
    return ReadLine(box=(x0, 0, x1, 40), text=text, confidence=1.0)


def box(x0: float, sign: str = "☐") -> CheckBox:
    """In the middle of such a line."""
    return CheckBox((x0, 8, x0 + SIDE, 8 + SIDE), sign)


@pytest.mark.parametrize("out", [0, 7], ids=["within", "jutting out"])
def test_boxes_are_told_by_what_is_in_them(out: int) -> None:
    """Nothing, a cross, a tick; also where the pen went over the frame."""
    page = form(("empty", "Yes"), ("cross", "No"), ("tick", "Perhaps"), out=out)
    assert [found.sign for found in find_check_boxes(page)] == ["☐", "☒", "☑"]
    assert [found.sign for found in find_check_boxes(255 - page)] == ["☐", "☒", "☑"]


def test_letters_bullets_and_cells_are_no_boxes() -> None:
    """Round, full, framed letters; squares within a word; the cells of a table."""
    letters = [("none", text) for text in ("O D Q 0 8 B E H", "o n u e a", "DOODAD")]
    assert not find_check_boxes(form(*letters))
    assert not find_check_boxes(form(("full", "Item"), ("letter", "Key")))
    word = form(("empty", "mm"), gap=4)
    word[76:106, 50:74] = word[76:106, 110:134]
    assert not find_check_boxes(word)
    table = np.full((1400, 1000, 3), 255, np.uint8)
    table[100:103, 100:500] = table[130:133, 100:500] = 0
    for x in range(100, 501, 30):
        table[100:133, x : x + 3] = 0
    assert not find_check_boxes(table)


def test_a_box_goes_before_the_label_behind_it() -> None:
    """Else behind the one before it; alone in its row, it is a line of its own."""
    yes, no = with_check_boxes([line("Yes", 40, 90), line("No", 160, 200)], [box(10), box(130, "☒")])
    assert (yes.text, no.text) == ("☐ Yes", "☒ No")
    assert list(yes.box) == [10, 0, 90, 40]
    assert with_check_boxes([line("Yes", 40, 90)], [box(96)])[0].text == "Yes ☐"
    far = with_check_boxes([line("Yes", 40, 90)], [box(400)])
    assert [said.text for said in far] == ["Yes", "☐"]


def test_a_box_without_text_in_its_row_is_nothing() -> None:
    """Nor is one that is larger or smaller than letters."""
    below = CheckBox((10, 200, 34, 224), "☐")
    small = CheckBox((10, 15, 20, 25), "☐")
    assert with_check_boxes([line("Yes", 40, 90)], [below, small]) == [line("Yes", 40, 90)]


def test_a_line_found_with_its_boxes_is_cut_there() -> None:
    """The boxes themselves are not read."""
    quad = np.array([[0, 0], [300, 0], [300, 40], [0, 40]], np.float32)
    first, second = cut_at([quad], [box(4), box(130)])
    assert [first[0].tolist(), first[1].tolist()] == [[28, 0], [130, 0]]
    assert [second[0].tolist(), second[1].tolist()] == [[154, 0], [300, 0]]


def test_a_form_is_read_with_its_boxes(rapid: RapidEngine) -> None:
    """Which is ticked is what matters."""
    page = form(("empty", "I agree to the terms"), ("tick", "Send me the letter"), ("cross", "I pay by card"))

    [(_, reading)] = rapid.read([PageImage(1, page)])

    assert isinstance(reading, PageReading)
    assert [read.text for read in reading.lines] == [
        "☐ I agree to the terms",
        "☑ Send me the letter",
        "☒ I pay by card",
    ]
