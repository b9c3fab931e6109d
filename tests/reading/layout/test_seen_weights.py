"""Bold lines of a picture are told by their strokes, and become headings as those of a text layer do."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from function.page import Pixels, ReadLine
from function.reading.layout import arrange, with_weights
from tests.typesetting import line

_TEXTS = ["Opening hours", *["The museum opens at ten"] * 5]
_STEP, _LEFT, _SIZE = 50, 60, 24


def _page(strokes: list[int], *, blur: float = 0, sizes: list[int] | None = None) -> tuple[Pixels, list[ReadLine]]:
    """Letters like an H for those of the texts, in strokes so thick, and the lines that they are."""
    page = np.full((60 + _STEP * len(_TEXTS), 900, 3), 245, np.uint8)
    lines: list[ReadLine] = []
    for at, (text, stroke) in enumerate(zip(_TEXTS, strokes, strict=True)):
        size, y = (sizes or [_SIZE] * len(_TEXTS))[at], 40 + at * _STEP
        step = 0.75 * size
        for letter in (index for index, character in enumerate(text) if character != " "):
            x = round(_LEFT + letter * step)
            page[y : y + size, x : x + stroke] = page[y : y + size, x + size // 2 : x + size // 2 + stroke] = 20
            page[y + size // 2 : y + size // 2 + stroke, x : x + size // 2] = 20
        margin = size // 4
        lines.append(line(text, _LEFT - margin, y - margin, size=size + 2 * margin, width=len(text) * step + margin))
    return (cv2.GaussianBlur(page, (0, 0), blur) if blur else page), lines


def _bold(page: Pixels, lines: list[ReadLine]) -> list[bool]:
    return [entry.bold for entry in with_weights(page, lines)]


@pytest.mark.parametrize("blur", [0, 1.0], ids=["sharp", "blurred"])
def test_a_line_with_thicker_strokes_is_bold(blur: float) -> None:
    """However sharp the picture is."""
    assert _bold(*_page([5, 3, 3, 3, 3, 3], blur=blur)) == [True, False, False, False, False, False]


def test_a_larger_line_of_the_same_weight_is_not_bold() -> None:
    """Its strokes are thicker, but so are its letters larger."""
    assert not any(_bold(*_page([5, 3, 3, 3, 3, 3], sizes=[40, *[_SIZE] * 5])))


def test_small_print_is_not_bold_for_its_blur() -> None:
    """Its strokes are thick for its size, but no thicker than the text's."""
    assert not any(_bold(*_page([3] * 6, sizes=[18, *[30] * 5])))


def test_few_lines_tell_no_weight() -> None:
    """Nothing says what is usual."""
    page, lines = _page([5, 3, 3, 3, 3, 3])

    assert not any(_bold(page, lines[:4]))


def test_a_bold_line_of_the_texts_size_is_a_heading() -> None:
    """As it is where the font is known."""
    page, lines = _page([5, 3, 3, 3, 3, 3])

    heading, text = arrange(with_weights(page, lines), width=page.shape[1], height=page.shape[0])

    assert (heading.type, heading.text, text.type) == ("heading", "Opening hours", "paragraph")
