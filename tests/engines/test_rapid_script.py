"""Which script a text is in, and what of it was taken for another."""

from __future__ import annotations

import pytest

from function.engines.rapid.script import without_look_alikes


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ("Tel. 十49 30 901820", "Tel. +49 30 901820"),
        ("yes 一 or no", "yes — or no"),
        ("a 丨 b", "a | b"),
        ("十", "十"),
        ("一、", "一、"),
        ("第十章 Index", "第十章 Index"),
        ("十月 2024", "十月 2024"),
    ],
    ids=["plus", "dash", "bar", "a number alone", "an item's number", "among Han", "a month"],
)
def test_signs_taken_for_han_become_signs_again(read: str, told: str) -> None:
    """Only within a line of Latin letters or digits that has no other East Asian letter."""
    assert without_look_alikes(read) == told
