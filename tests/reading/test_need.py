"""Signs that a page needs the accurate rung: each fires on what it is for and on nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from function.page import PageReading, ReadLine
from function.reading.accurate.formulas import is_formula
from function.reading.accurate.need import Signs, Thresholds, legibility, structure
from function.reading.layout import arrange

WHITE = 255


def page(lines: int = 12) -> tuple[np.ndarray, list[ReadLine]]:
    """A page of printed lines, 1000 × 1400, and what was read of them, all well."""
    pixels = np.full((1400, 1000, 3), WHITE, dtype=np.uint8)
    read = []
    for index in range(lines):
        base = 122 + 60 * index
        cv2.putText(pixels, "mumble " * 7, (100, base), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2, cv2.LINE_AA)
        read.append(ReadLine((98, base - 24, 990, base + 2), "mumble " * 6 + "mumble", 0.99))
    return pixels, read


def signs(pixels: np.ndarray, lines: list[ReadLine], rotation: int = 0) -> Signs:
    """Of a page that stands upright after a turn."""
    height, width = np.rot90(pixels, k=-rotation // 90).shape[:2]
    return legibility(PageReading(lines, width, height, rotation), pixels)


def test_a_page_that_was_read_well_gives_no_sign() -> None:
    """Neither does an empty one."""
    pixels, lines = page()

    assert Thresholds().reasons(signs(pixels, lines)) == {}
    assert Thresholds().reasons(signs(np.full((900, 600, 3), WHITE, dtype=np.uint8), [])) == {}


def test_doubt_is_the_share_of_text_that_was_read_with_it() -> None:
    """Long lines weigh more than short ones."""
    pixels, lines = page()
    lines[0] = ReadLine(lines[0].box, lines[0].text, 0.6)
    lines[1] = ReadLine((98, 158, 180, 184), "mum", 0.99)

    assert signs(pixels, lines).doubtful == pytest.approx(1 / 11, abs=0.01)


def test_a_line_with_too_few_characters_for_its_width_was_not_read_whatever_the_confidence() -> None:
    """What engines make of a script that they do not know."""
    line = ReadLine((10, 10, 1100, 80), ".", 0.99)

    assert signs(np.full((100, 1200, 3), WHITE, dtype=np.uint8), [line]).doubtful == 1.0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_ink_that_no_line_covers_is_unread_however_the_page_was_turned(rotation: int) -> None:
    """Half of the lines were read."""
    pixels, lines = page()
    turned = np.ascontiguousarray(np.rot90(pixels, k=rotation // 90))

    assert signs(turned, lines, rotation).unread == 0.0
    assert 0.4 < signs(turned, lines[::2], rotation).unread < 0.6
    assert signs(turned, [], rotation).unread == 1.0


def test_a_picture_without_words_is_not_unread_text() -> None:
    """A photo has ink, too."""
    y, x = np.mgrid[0:900, 0:1200]
    photo = np.repeat((128 + 100 * np.sin(x / 90) * np.cos(y / 70)).astype(np.uint8)[:, :, None], 3, axis=2)

    assert signs(photo, []).unread == 0.0


def test_small_print_is_told_by_its_height() -> None:
    """Of a fifth of the text, so that a page number says nothing."""
    pixels, lines = page()
    small = [ReadLine((98, 10 * index, 882, 10 * index + 7), line.text, 0.99) for index, line in enumerate(lines)]

    assert signs(pixels, lines).height == 26
    assert signs(pixels, [*lines, small[0]]).height == 26
    assert signs(pixels, [*lines, *small]).height == 7


def test_cells_of_tables_are_counted_by_their_text() -> None:
    """As the layout finds tables: rows that line up."""
    rows = [("Oak", "21 m", "1893"), ("Beech", "27 m", "1910"), ("Birch", "16 m", "1978"), ("Yew", "9 m", "1854")]
    lines = [
        ReadLine((100 + 250 * column, 100 + 40 * row, 180 + 250 * column, 125 + 40 * row), text, 0.99)
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
    ]

    assert structure(arrange(lines, width=1000, height=600)).cells == 12


@pytest.mark.parametrize(
    "text",
    [
        "λg = ∑ c(g, R)",
        "eiπ + 1 = 0",
        "a²+ b² = c²",
        "∫ f(x) dx = F (b) − F (a)",
        "∇·B=0",
        "E = mc2",
        "where s ∈ R",
        "p(x|z) ≤ q ∼ N",
        "X =",
    ],
)
def test_what_an_engine_makes_of_a_formula_is_known(text: str) -> None:
    """By signs, single Greek letters, equations without words."""
    assert is_formula(text)


@pytest.mark.parametrize(
    "text",
    [
        "The meeting is open to everybody aged ≥ 18 years.",
        "Total = 5 apples and 3 pears",
        "int count = 0;",
        "if a == b: return x",
        "self.x = y.find(z)",
        "5 μm, 10 kΩ, 3 MΩ",
        "η γλώσσα και ο κόσμος",
        "temperature −5 to −3, 20 × 30 cm",
        "2019 = 100",
        "",
    ],
)
def test_prose_code_units_and_greek_are_no_formulas(text: str) -> None:
    """Or every invoice would wake the GPU."""
    assert not is_formula(text)


def test_a_threshold_at_its_end_never_wakes_anything() -> None:
    """1 for shares, 0 for counts and sizes; the script alone still counts."""
    never = Thresholds(doubtful=1, unread=1, cells=0, formulas=0, height=0)
    worst = Signs(doubtful=1, unread=1, cells=500, formulas=90, height=2)

    assert never.reasons(worst) == {}
    assert set(Thresholds().reasons(worst)) == {"doubtful", "unread", "cells", "formulas", "height"}
    assert set(never.reasons(Signs(foreign=True))) == {"foreign"}
