"""Drawn cells hold what stands in them, however close to each other their texts are."""

from __future__ import annotations

from function.page import Box, ReadLine
from function.reading.layout import arrange
from function.results.model import Block
from tests.typesetting import line


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
