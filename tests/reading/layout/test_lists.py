"""What lines of lists begin with, and what only looks like it."""

from __future__ import annotations

import pytest

from function.reading.layout import arrange
from tests.typesetting import column, prose


@pytest.mark.parametrize(
    "texts",
    [
        ["+ 21 °C reading room", "- 5 °C cellar", "– 18 °C freezer"],
        ["120.00 booked twice", "- 45.00 discount", "- 1.250,50 returned goods"],
        ["- 3 %", "+ 2 %", "- 0.5 %"],
        ["- 120 EUR", "– 80 EUR"],
    ],
    ids=["temperatures", "amounts", "shares", "sums"],
)
def test_signs_of_numbers_are_no_bullets(texts: list[str]) -> None:
    """A plus would even become a minus; the lines stay lines."""
    _, block, _ = arrange(
        [*column(prose(3, 80), 60, 100), *column(texts, 60, 220), *column(prose(3, 80), 60, 400)],
        width=1000,
        height=1400,
    )

    assert (block.type, block.text) == ("paragraph", "\n".join(texts))


@pytest.mark.parametrize(
    "texts",
    [
        ["- 5 apples", "- 2 litres of milk", "- bread"],
        ["- 50 % wool", "- 50 % cotton"],
        ["– 2019 to 2021: Bath", "– 2022: Bristol"],
        ["+ a lamp", "+ a chair"],
    ],
)
def test_dashes_before_numbers_of_things_are_bullets(texts: list[str]) -> None:
    """As in lists of what is to be bought, or was."""
    (block,) = arrange(column(texts, 60, 220), width=1000, height=1400)

    assert (block.type, block.text) == ("list", "\n".join(texts))
