"""Private codes of known symbol fonts have a meaning."""

from __future__ import annotations

import pytest

from function.documents.symbol_fonts import symbols_of


@pytest.mark.parametrize(
    ("font", "code", "char"),
    [
        ("Symbol", 0xF0B7, "•"),
        ("ABCDEF+SymbolMT", 0xF061, "α"),
        ("Symbol", 0xF0A3, "≤"),
        ("Symbol", 0xF0DE, "⇒"),
        ("Wingdings", 0xF0FC, "✓"),
        ("Wingdings-Regular", 0xF0FE, "☑"),
        ("XYZABC+Wingdings 2", 0xF052, "☑"),
        ("Calibri", 0xF0B7, "•"),
    ],
)
def test_symbols_are_known_by_font(font: str, code: int, char: str) -> None:
    """The same code is a letter in one font and a tick in another; bullets are bullets everywhere."""
    assert symbols_of(font)[code] == char


def test_fonts_without_a_chart_stay_private() -> None:
    """Rather no meaning than a wrong one."""
    assert not symbols_of("Webdings")
