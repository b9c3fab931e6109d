"""Drawn cells hold what stands in them, however close to each other their texts are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from function.page import Box, ReadLine
from function.reading.layout import arrange, find_rulings
from function.results.model import Block
from tests.typesetting import line, turned


def _drawn(xs: list[float], ys: list[float]) -> list[Box]:
    """A grid whose lines all run through."""
    lying = [(xs[0], y, xs[-1], y + 2) for y in ys]
    return [*lying, *((x, ys[0], x + 2, ys[-1]) for x in xs)]


def _blocks(lines: list[ReadLine], rulings: list[Box]) -> list[Block]:
    return arrange(lines, width=1000, height=1400, rulings=rulings)


def _row(texts: list[str], xs: list[float], y: float) -> list[ReadLine]:
    return [line(text, x + 10, y) for text, x in zip(texts, xs, strict=False) if text]


def test_cells_read_as_one_line_are_parted_where_a_line_stands_between_them() -> None:
    """At a blank, a sign or a change of script; each part has its own share of the box."""
    xs, ys = [50.0, 250.0, 400.0, 500.0, 700.0], [190.0, 230.0, 270.0, 310.0]
    lines = [
        *_row(["Item", "2023", "Rate", "Why"], xs, 200),
        line("cash", 60, 240),
        line("8,000,266.00 833.09%主要是配售", 270, 240, width=330),
        line("debt", 60, 280),
        line("-1,908,346.00-92.7%", 270, 280, width=200),
    ]

    (block,) = _blocks(lines, _drawn(xs, ys))

    assert block.rows is not None
    assert block.rows[1:] == [
        ["cash", "8,000,266.00", "833.09%", "主要是配售"],
        ["debt", "-1,908,346.00", "-92.7%", ""],
    ]
    assert [entry.bbox[2] <= 402 for entry in block.lines if "266" in entry.text] == [True]


def test_words_that_a_line_only_touches_stay_whole() -> None:
    """Where no two texts meet, the line runs into one of them."""
    xs, ys = [50.0, 250.0, 400.0, 600.0], [190.0, 230.0, 270.0]
    lines = [*_row(["Item", "One", "Two"], xs, 200), line("cash", 60, 240), line("incomprehensibilities", 270, 240)]

    (block,) = _blocks(lines, _drawn(xs, ys))

    assert block.rows == [["Item", "One", "Two"], ["cash", "incomprehensibilities", ""]]


def test_tables_drawn_as_one_are_several_with_the_text_between_them() -> None:
    """Each has its own columns, so that amounts stand below their own heads."""
    upper, lower = [50.0, 250.0, 450.0, 850.0], [50.0, 430.0, 850.0]
    rulings = [(50.0, y, 850.0, y + 2) for y in (190.0, 230.0, 270.0, 310.0, 350.0, 390.0)]
    rulings += [(x, 190.0, x + 2, 270.0) for x in upper] + [(x, 310.0, x + 2, 390.0) for x in lower]
    rulings += [(x, 270.0, x + 2, 310.0) for x in (50.0, 850.0)]
    lines = [
        *_row(["Name", "Kind", "Share"], upper, 200),
        *_row(["Ada", "owner", "5%"], upper, 240),
        line("Shares that may be sold", 300, 280),
        *_row(["Owner", "Number"], lower, 320),
        line("Ada", 60, 360),
        line("1,234", 460, 360),
    ]

    first, between, second = _blocks(lines, rulings)

    assert first.rows == [["Name", "Kind", "Share"], ["Ada", "owner", "5%"]]
    assert between.text == "Shares that may be sold"
    assert second.rows == [["Owner", "Number"], ["Ada", "1,234"]]


def test_a_cell_is_one_although_a_line_of_another_row_stands_above_its_text() -> None:
    """Whether its text begins on this or that side of where another row is parted."""
    rulings = [(50.0, y, 850.0, y + 2) for y in (190.0, 230.0, 270.0, 310.0)]
    rulings += [(x, 190.0, x + 2, 310.0) for x in (50.0, 450.0, 850.0)]
    rulings += [(600.0, 190.0, 602.0, 270.0), (625.0, 270.0, 627.0, 310.0)]
    lines = [
        *_row(["Item", "2023", "2024"], [50.0, 450.0, 650.0], 200),
        *_row(["cash", "99", "1,234"], [50.0, 450.0, 598.0], 240),
        *_row(["debt", "12", "7"], [50.0, 450.0, 650.0], 280),
    ]

    (block,) = _blocks(lines, rulings)

    assert block.rows is not None
    assert block.rows[:2] == [["Item", "2023", "2024", ""], ["cash", "99", "1,234", ""]]


def test_standing_lines_that_end_together_beyond_the_last_lying_one_have_one_more_row_between_them() -> None:
    """Some tables have no line around them, or none that is seen below a dark head."""
    rulings = [(50.0, y, 850.0, y + 2) for y in (230.0, 270.0)]
    rulings += [(x, 190.0, x + 2, 310.0) for x in (250.0, 450.0)]
    texts = [["Name", "Kind", "Share"], ["Ada", "owner", "5%"], ["Max", "heir", "7%"]]
    lines = [entry for at, row in enumerate(texts) for entry in _row(row, [50.0, 250.0, 450.0], 200 + at * 40)]

    (block,) = _blocks(lines, rulings)

    assert block.rows == texts


def test_a_head_without_lines_that_has_a_text_for_each_column_is_the_table_s() -> None:
    """As one in white letters on a dark ground; a line of text is none."""
    xs, ys = [50.0, 250.0, 450.0, 650.0], [230.0, 270.0, 310.0]
    rows = [["Ada", "owner", "5%"], ["Max", "heir", "7%"]]
    lines = [entry for at, row in enumerate(rows) for entry in _row(row, xs, 240 + at * 40)]

    (block,) = _blocks([*_row(["Name", "Kind", "Share"], xs, 200), *lines], _drawn(xs, ys))
    above, _ = _blocks([line("Owners and their shares in the house", 60, 200), *lines], _drawn(xs, ys))

    assert block.rows == [["Name", "Kind", "Share"], *rows]
    assert above.text == "Owners and their shares in the house"


@pytest.mark.parametrize("skew", [-8.0, -3.0, -0.8, -0.3, 0.8, 2.0, 5.0])
def test_cells_of_a_page_scanned_askew_stay_apart(skew: float) -> None:
    """The lines drawn on it are found where its text stands on the levelled page; two cells were read as one."""
    xs, ys = [50.0, 200.0, 290.0, 440.0, 590.0], [100.0, 134.0, 168.0, 202.0]
    texts = [["Item", "Units", "Price", "Sum"], ["Lamps", "2", "89.50", "1,079.00"], ["Total", "", "", "1,079.00"]]
    lines = [entry for row, y in zip(texts, ys, strict=False) for entry in _row(row, xs, y + 8)]
    lines[6:8] = [line("89.50 1,079.00", 350, 142, width=200)]
    lines.append(line("Disks follow when the rooms are dry again, and lamps after them.", 50, 260))
    page = np.full((1400, 1000), 255, np.uint8)
    for x0, y0, x1, y1 in np.array(_drawn(xs, ys), int).tolist():
        page[y0:y1, x0:x1] = 0
    turn = cv2.getRotationMatrix2D((500, 700), -skew, 1.0)
    scan = np.asarray(cv2.warpAffine(page, turn, (1000, 1400), borderValue=(255,)), np.uint8)

    table, _ = _blocks(turned(lines, skew), find_rulings(scan, turned(lines, skew + 0.1)))

    assert table.rows == texts


@pytest.mark.parametrize("more", [0, 1])
def test_drawn_tables_side_by_side_are_read_from_left_to_right_each_below_its_title(more: int) -> None:
    """Although the right one may be lower and so has its middle higher up."""
    left, right, ys = [50.0, 200.0, 300.0], [500.0, 650.0, 750.0], [240.0, 280.0, 320.0, 360.0]
    lower = ys[: len(ys) - more]
    names = ["Fruit", "Plums", "Pears"], ["Day", "Monday", "Friday"]
    lines = [line("In stock", 60, 200), line("On duty", 510, 200)]
    for texts, xs, heights in ((names[0], left, ys), (names[1], right, lower)):
        for text, y in zip(texts, heights[:-1], strict=False):
            lines += _row([text, "12"], xs, y + 10)

    blocks = _blocks(lines, [*_drawn(left, ys), *_drawn(right, lower)])

    assert [block.rows[0][0] if block.rows else block.text for block in blocks] == [
        "In stock",
        "Fruit",
        "On duty",
        "Day",
    ]


def test_a_title_over_drawn_tables_comes_before_them_all() -> None:
    """Also where it stands above one of them."""
    ys = [240.0, 280.0, 320.0, 360.0]
    lines, rulings = [line("Tables, continued", 460, 150)], list[Box]()
    for at, x in enumerate([50.0, 400.0, 750.0]):
        xs = [x, x + 100, x + 200]
        rulings += _drawn(xs, ys)
        lines += [piece for y in ys[:-1] for piece in _row([f"Row {at}", "12"], xs, y + 10)]

    blocks = _blocks(lines, rulings)

    assert [block.rows[0][0] if block.rows else block.text for block in blocks] == [
        "Tables, continued",
        "Row 0",
        "Row 1",
        "Row 2",
    ]
