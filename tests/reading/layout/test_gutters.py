"""How close columns may stand, and still be columns."""

from __future__ import annotations

import pytest

from function.reading.layout import arrange
from function.results.text import page_text
from tests.typesetting import line, prose


def _read(gutter: float, font_size: float | None) -> str:
    """Two justified columns, so far apart."""
    sides = [(60, prose(12)), (60 + 400 + gutter, prose(12, seed=11))]
    lines = [
        line(text, x, 200 + 26 * at, width=400, font_size=font_size)
        for x, texts in sides
        for at, text in enumerate(texts)
    ]
    return " ".join(page_text(arrange(lines, width=1000, height=1400)).split())


@pytest.mark.parametrize(("gutter", "font_size"), [(8, None), (11, 20.0)])
def test_columns_set_close_are_read_one_after_the_other(gutter: float, font_size: float | None) -> None:
    """Boxes of what was read are wider than their text, so that less is left between them."""
    assert _read(gutter, font_size) == " ".join([*prose(12), *prose(12, seed=11)])
