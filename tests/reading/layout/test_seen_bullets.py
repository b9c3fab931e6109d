"""Bullets that stand on a page are put before the lines whose recogniser missed them, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from function.page import Pixels, ReadLine
from function.reading.layout import with_bullets
from tests.typesetting import line

#: A line's height and step, and where its letters begin.
_HEIGHT, _STEP, _LEFT = 40, 50, 200


def _page(*, spot: int | None = 11, gap: int = 20, ring: bool = False, count: int = 3) -> Pixels:
    """Lines of letters, each with a spot of this size so far before it."""
    page = np.full((600, 800, 3), 255, np.uint8)
    for at in range(count):
        y = 100 + at * _STEP
        for letter in range(12):
            x = _LEFT + 18 * letter
            page[y + 8 : y + 32, x : x + 4] = page[y + 20 : y + 32, x + 8 : x + 12] = 0
        if spot is not None:
            centre = (_LEFT - gap - spot // 2, y + 21)
            cv2.circle(page, centre, spot // 2, (0, 0, 0), 2 if ring else -1)
    return page


def _lines(*texts: str, left: float = _LEFT - 6) -> list[ReadLine]:
    return [line(text, left, 100 + at * _STEP, size=_HEIGHT, width=230) for at, text in enumerate(texts)]


def _texts(page: Pixels, lines: list[ReadLine]) -> list[str]:
    return [entry.text for entry in with_bullets(page, lines)]


@pytest.mark.parametrize("left", [_LEFT - 6, _LEFT - 38], ids=["beside the box", "within it"])
@pytest.mark.parametrize("ring", [False, True])
def test_a_bullet_that_was_not_read_is_seen(left: float, ring: bool) -> None:
    """Whether the detector found it or not; the line then begins where it stands."""
    lines = with_bullets(_page(ring=ring), _lines("one", "two", "three", left=left))

    assert [entry.text for entry in lines] == ["• one", "• two", "• three"]
    assert all(entry.box[0] <= _LEFT - 30 for entry in lines)


@pytest.mark.parametrize("read", ["。one", "o one", "° one", ". one", "0 one"])
def test_what_was_read_for_a_bullet_gives_way_to_it(read: str) -> None:
    """Recognisers know few signs."""
    assert _texts(_page(ring=True), _lines(read, "two", "three", left=_LEFT - 38))[0] == "• one"


def test_a_bullet_that_was_read_stays_as_it_is() -> None:
    """And is a peer of one that was not."""
    lines = _lines("• one", "two", left=_LEFT - 38)

    assert _texts(_page(count=2), lines) == ["• one", "• two"]


def test_words_are_no_bullets() -> None:
    """Where nothing small stands apart before them, the text stays, even where it begins as a bullet may be read."""
    assert _texts(_page(spot=None), _lines("o one", "two", "three")) == ["o one", "two", "three"]


@pytest.mark.parametrize(("spot", "gap"), [(2, 20), (20, 20), (11, 6), (11, 90)])
def test_specks_blots_and_what_stands_too_near_or_far_are_no_bullets(spot: int, gap: int) -> None:
    """A speck of dust, a picture, a letter, a mark in the margin."""
    assert _texts(_page(spot=spot, gap=gap), _lines("one", "two", "three")) == ["one", "two", "three"]


def test_a_single_spot_may_be_anything() -> None:
    """Bullets of one list stand below each other."""
    assert _texts(_page(count=1), _lines("one")) == ["one"]


def test_lines_of_a_text_layer_stay_as_they_are() -> None:
    """Its bullets are glyphs already."""
    lines = [replace(entry, font_size=30.0) for entry in _lines("one", "two", "three")]

    assert with_bullets(_page(), lines) == lines


def test_a_page_without_anything_around_a_line_is_no_trouble() -> None:
    """Boxes may reach beyond it, or be no boxes at all."""
    page = np.full((600, 800, 1), 255, np.uint8)
    lines = [line("nowhere", -300, -400, size=_HEIGHT), line("unknown", float("nan"), 10, size=_HEIGHT)]
    lines += [
        line("one", -30, 100, size=_HEIGHT),
        line("two", 790, 580, size=_HEIGHT),
        line("three", 900, 700, size=40),
    ]

    assert [entry.text for entry in with_bullets(page, lines)] == [entry.text for entry in lines]
