"""Ruled lines are found on drawn pages, and letters are not taken for them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from function.reading.layout import find_rulings, rulings


def _page(height: int = 1400, width: int = 1000, channels: int = 3) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((height, width, channels), 255, np.uint8)


@pytest.mark.parametrize(("channels", "scale"), [(1, 1), (3, 1), (3, 2)])
def test_lines_of_either_direction_are_found_where_they_are(channels: int, scale: int) -> None:
    """In colour or grey, small or large, within a few pixels."""
    page = _page(1400 * scale, 1000 * scale, channels)
    page[300 * scale : 300 * scale + 3, 100 * scale : 900 * scale] = 0
    page[100 * scale : 800 * scale, 500 * scale : 500 * scale + 3] = 0

    lying, standing = find_rulings(page)

    assert lying == pytest.approx((100 * scale, 300 * scale, 900 * scale, 300 * scale + 3), abs=4 * scale)
    assert standing == pytest.approx((500 * scale, 100 * scale, 500 * scale + 3, 800 * scale), abs=4 * scale)


def test_a_side_of_a_low_cell_is_found_and_a_tall_letter_in_it_is_not() -> None:
    """It runs from line to line; letters end short of them."""
    page = _page()
    for y in (300, 320):
        page[y : y + 2, 100:900] = 0
    page[300:320, 500:502] = 0
    page[304:318, 600:602] = 0

    standing = find_rulings(page)[2:]

    assert standing == [pytest.approx((500, 300, 502, 322), abs=4)]


def test_pale_lines_close_to_dark_letters_are_found() -> None:
    """Letters darken the surroundings so much that a pale line is no darker; what lies right beside it tells it."""
    page = _page()
    for y in range(300, 421, 30):
        page[y : y + 1, 100:900] = 238
    for x in (100, 300, 500, 900):
        page[300:421, x : x + 1] = 238
    for y in range(304, 420, 30):
        for x in {*range(104, 890, 10)} - {294, 494}:
            page[y : y + 22, x : x + 3] = 0
            page[y : y + 3, x : x + 7] = 0

    found = find_rulings(page)

    lying, standing = [box for box in found if box[2] - box[0] > 100], [box for box in found if box[3] - box[1] > 100]
    assert [box[1] for box in lying] == [300, 330, 360, 390, 420]
    assert [round(box[0], -1) for box in sorted(standing)] == [100, 300, 500, 900]
    assert len(found) == len(lying) + len(standing)


def test_letters_bars_and_empty_paper_are_no_rulings() -> None:
    """Short strokes and thick ones are something else."""
    page = _page()
    for x in range(100, 900, 14):
        page[200:220, x : x + 3] = 0
    page[600:660, 100:900] = 0

    assert [box for box in find_rulings(page) if box[1] < 400] == []
    assert find_rulings(_page()) == []


def test_hatching_and_tiny_pictures_give_nothing() -> None:
    """More lines than any table has are a picture."""
    page = _page(3000, 1000)
    page[::6] = 0

    assert find_rulings(page) == []
    assert find_rulings(_page(8, 8)) == []


@pytest.mark.parametrize("size", [(90, 70), (20, 200)])
def test_ink_is_what_is_darker_than_its_surroundings(size: tuple[int, int]) -> None:
    """Pixel by pixel what OpenCV's own adaptive threshold gives, the edges of the page included."""
    page = np.random.default_rng(3).integers(0, 256, size, np.uint8)
    page[:, 30:50] //= 4

    assert np.array_equal(
        rulings._ink(page),
        cv2.adaptiveThreshold(page, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12),
    )


@pytest.mark.parametrize("ground", [0, 60, 130])
def test_the_ground_between_light_letters_is_no_line(ground: int) -> None:
    """It is darker than their mean, and runs between them across and down; a table's cells would be cut there."""
    page = _page()
    page[200:900, 100:900] = ground
    for y in range(220, 880, 26):
        for x in range(120, 880, 12):
            page[y : y + 18, x : x + 3] = 255
            page[y : y + 3, x : x + 8] = 255

    assert find_rulings(page) == []
