"""A text layer's lines, and what the engine saw beside them."""

from __future__ import annotations

from dataclasses import replace

from function.page import Box, PageReading, ReadLine
from function.reading.text_layer.merging import merge


def _reading(*lines: tuple[str, Box], rotation: int = 0, size: tuple[int, int] = (400, 600)) -> PageReading:
    return PageReading([ReadLine(box, text, 0.9) for text, box in lines], *size, rotation)


def _texts(reading: PageReading) -> list[str]:
    return [line.text for line in reading.lines]


def test_lines_that_the_layer_has_are_not_repeated() -> None:
    """Also where the engine reads them wrongly, higher, or as one with their neighbour."""
    layer = _reading(("first line", (10, 10, 150, 20)), ("its neighbour", (170, 10, 300, 20)))
    read = _reading(("flrst 1ine its neighbour", (8, 6, 303, 25)))

    assert merge(layer, read) == layer


def test_lines_that_the_layer_lacks_are_added() -> None:
    """With the engine's text, box and confidence."""
    layer = _reading(("first line", (10, 10, 150, 20)))
    read = _reading(("first line", (10, 9, 150, 21)), ("a stamp", (200, 300, 260, 320)))

    merged = merge(layer, read)

    assert merged.lines == [*layer.lines, read.lines[1]]


def test_what_the_engine_doubts_is_not_added() -> None:
    """Leaves of a tree in a photograph."""
    read = PageReading([ReadLine((1, 1, 9, 9), "WvW", 0.3)], 400, 600)

    assert merge(_reading(), read).lines == []


def test_words_in_a_gap_of_a_line_are_added_there() -> None:
    """A layer may lack a few words in the middle of a line."""
    layer = _reading(("1) ", (10, 10, 25, 20)), (". Remove whatever is not needed", (120, 10, 390, 20)))
    read = _reading(("1) Keep it simple. Remove whatever is not needed", (9, 8, 391, 22)))

    first, second, third = merge(layer, read).lines

    assert [first, second] == layer.lines
    assert third.text == "Keep it simple"
    assert third.box == (25.0, 8.0, 120.0, 22.0)


def test_readings_of_differently_turned_pages_meet() -> None:
    """The engine may have turned the page otherwise than the layer's text runs; boxes end in the layer's page."""
    layer = _reading(("upright", (10, 10, 90, 20)), rotation=0, size=(400, 600))
    read = _reading(("stamp", (100, 50, 200, 70)), rotation=90, size=(600, 400))

    merged = merge(layer, read)

    assert _texts(merged) == ["upright", "stamp"]
    assert merged.lines[1].box == (50.0, 400.0, 70.0, 500.0)
    assert replace(merged, lines=[]) == replace(layer, lines=[])


def test_readings_of_another_size_meet() -> None:
    """Should the page have been drawn coarser."""
    layer = _reading(size=(400, 600))
    read = _reading(("stamp", (10, 20, 30, 40)), size=(200, 300))

    assert merge(layer, read).lines[0].box == (20.0, 40.0, 60.0, 80.0)
