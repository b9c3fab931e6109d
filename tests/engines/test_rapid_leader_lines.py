"""Rows of dots: found on a page, painted over, and put back behind the text that they lead from."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

pytest.importorskip("cv2")

from function.engines.rapid.dot_rows import DotRow, find_dot_rows
from function.engines.rapid.engine import RapidEngine
from function.engines.rapid.leader_lines import parted, with_leaders, without_leaders
from function.page import PageImage, PageReading, Pixels, ReadLine

ROW = DotRow(x0=100, y0=28, x1=300, y1=28, pitch=10, size=3)


def page_with(rows: list[tuple[str, str]], *, dots: int = 60, mark: str = ".") -> Pixels:
    """A title, dots every 9 pixels up to 700, and what they lead to, row by row."""
    image = Image.new("RGB", (900, 1100), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(24)
    for number, (title, value) in enumerate(rows):
        y = 60 + 50 * number
        pen.text((60, y), title, font=font, fill="black")
        for dot in range(dots):
            if 700 - 9 * dot > 70 + pen.textlength(title, font=font):
                pen.text((700 - 9 * dot, y), mark, font=font, fill="black")
        pen.text((720, y), value, font=font, fill="black")
    return np.asarray(image)[:, :, ::-1].copy()


def line(text: str, x0: float, x1: float) -> ReadLine:
    """Between 8 and 36, so that the row of dots lies on its baseline."""
    return ReadLine(box=(x0, 8, x1, 36), text=text, confidence=1.0)


def test_rows_of_dots_are_found_with_their_ends_and_numbers() -> None:
    """Dark on light as well as light on dark."""
    page = page_with([("Introduction", "1")])

    for pixels in (page, 255 - page):
        [row] = find_dot_rows(pixels)
        assert row.pitch == pytest.approx(9, abs=0.3)
        assert 200 < row.x0 < 225
        assert row.x1 == pytest.approx(703, abs=3)
        assert row.dots == round((row.x1 - row.x0) / 9) + 1


@pytest.mark.parametrize(
    "page",
    [
        page_with([("He waited... and waited", "")], dots=0),
        page_with([("www.example.org/a.b.c.d.e.f", "")], dots=0),
        page_with([("1.2.3.4.5.6.7.8", "3.5")], dots=5),
        page_with([("Total", "12")], mark="-"),
        page_with([("Total", "12")], mark="="),
        page_with([("Total", "12")])[78:],
        np.full((400, 300, 3), 255, np.uint8),
    ],
    ids=["ellipsis", "address", "few", "dashes", "double rule", "edge of the paper", "blank"],
)
def test_what_is_no_row_of_dots_stays(page: Pixels) -> None:
    """The very same pixels are read."""
    clean, rows = without_leaders(page)
    assert rows == []
    assert clean is page


def test_dots_are_painted_over_and_letters_are_not() -> None:
    """What is left is the page without them."""
    rows = [("Introduction", "1"), ("Index", "128")]
    clean, found = without_leaders(page_with(rows))
    assert len(found) == 2
    assert np.array_equal(clean, page_with(rows, dots=0))


def test_dots_go_behind_the_text_that_they_begin_at() -> None:
    """Its box then ends where they end."""
    title, number = with_leaders([line("Introduction", 10, 98), line("7", 304, 320)], [ROW])
    assert (title.text, title.box) == ("Introduction " + 21 * ".", (10, 8, 300, 36))
    assert number.text == "7"


def test_dots_without_a_title_go_before_what_they_lead_to() -> None:
    """Close to it, for a dotted rule may end anywhere."""
    assert with_leaders([line("7", 304, 320)], [ROW])[0].text == 21 * "." + " 7"
    assert with_leaders([line("7", 340, 360)], [ROW])[0].text == "7"


def test_a_dotted_rule_between_lines_says_nothing() -> None:
    """It stands on no baseline."""
    above = ReadLine(box=(10, 0, 98, 30), text="above", confidence=1.0)
    assert with_leaders([above], [ROW]) == [above]


def test_a_line_found_across_dots_is_cut_there() -> None:
    """Both parts keep its height."""
    quad = np.array([[10, 8], [330, 8], [330, 36], [10, 36]], np.float32)
    left, right = parted([quad], [ROW])
    assert left.tolist() == [[10, 8], [100, 8], [100, 36], [10, 36]]
    assert right.tolist() == [[300, 8], [330, 8], [330, 36], [300, 36]]


def test_a_table_of_contents_keeps_titles_and_numbers(rapid: RapidEngine) -> None:
    """Also the single digits, which are not found behind dots."""
    entries = [("Introduction", "1"), ("Setting up the workshop", "3"), ("Joints", "31"), ("Index", "128")]

    [(_, reading)] = rapid.read([PageImage(1, page_with(entries))])

    assert isinstance(reading, PageReading)
    assert sorted(read.text.rstrip(". ") for read in reading.lines) == sorted(
        part for entry in entries for part in entry
    )
    assert all(read.text.endswith("....") for read in reading.lines if read.text[0].isalpha())
