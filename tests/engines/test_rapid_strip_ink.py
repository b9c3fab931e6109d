"""What was read of a strip against its ink: lost blanks come back, signs that were passed over are counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("cv2")

from function.engines.rapid.strip_ink import StripInk

HEIGHT = 50


def _ink(text: str, signs: Sequence[tuple[int, int]], centres: Sequence[float], top: int = 10) -> StripInk:
    """A strip with black signs from one pixel to another along it."""
    strip = np.full((HEIGHT, 400, 3), 255, np.uint8)
    for start, end in signs:
        strip[top:40, start:end] = 0
    return StripInk(strip, text, np.array(centres, np.float64))


def _row(text: str, gaps: Sequence[int]) -> StripInk:
    """Signs 20 pixels wide, so far apart, each with a character of the text in its middle."""
    starts = [10 + 20 * place + sum(gaps[:place]) for place in range(len(gaps) + 1)]
    return _ink(text, [(start, start + 20) for start in starts], [start + 10 for start in starts])


@pytest.mark.parametrize(
    ("text", "gaps", "told"),
    [
        ("#INVOICE", (30, 4, 4, 4, 4, 4, 4), "# INVOICE"),
        ("INVOICE", (4, 4, 4, 4, 4, 4), "INVOICE"),
        ("NOTE:x", (4, 4, 4, 4, 25), "NOTE: x"),
        ("S P A C E"[::2], (25, 25, 25, 25), "SPACE"),
        ("10,134", (4, 4, 25, 4, 4), "10,134"),
        ("plan.", (4, 4, 4, 30), "plan."),
        ("it第一", (4, 30, 4), "it第一"),
    ],
    ids=["lost", "none", "behind a colon", "spaced print", "within a number", "before a full stop", "East Asian"],
)
def test_a_lost_blank_comes_back_where_the_gap_is_wide(text: str, gaps: Sequence[int], told: str) -> None:
    """Wide for the height and for the line, and only where people write blanks."""
    assert _row(text, gaps).text_with_blanks() == told


def test_a_blank_that_was_read_is_not_doubled() -> None:
    """The gap belongs to it."""
    ink = _ink("ab cd", [(10, 30), (34, 54), (90, 110), (114, 134)], [20, 44, 72, 100, 124])

    assert ink.text_with_blanks() == "ab cd"


def test_signs_without_a_character_are_counted() -> None:
    """Two of five were passed over; a character may stand a little beside its sign."""
    signs = [(10, 30), (40, 60), (70, 90), (100, 120), (130, 150)]

    assert _ink("abc", signs, [20, 80, 128]).passed_over() == 2
    assert _ink("abcde", signs, [20, 50, 80, 110, 140]).passed_over() == 0


def test_blanks_do_not_stand_for_signs() -> None:
    """As for unknown scripts, of which the recogniser gives nothing but those."""
    assert _ink("a b", [(10, 30), (40, 60), (70, 90)], [20, 50, 80]).passed_over() == 1


def test_specks_and_accents_are_no_signs() -> None:
    """Narrow ink and flat ink, such as a dash, do not count."""
    narrow = _ink("a", [(10, 30), (60, 64)], [20])
    flat = _ink("a", [(10, 30), (60, 90)], [20], top=36)

    assert (narrow.passed_over(), flat.passed_over()) == (0, 0)


def test_other_ink_than_the_letters_tells_nothing() -> None:
    """A coloured cell's frame, found instead of the pale letters in it."""
    ink = _ink("SKU-88", [(0, 14), (200, 230)], [20, 50, 80, 110, 140, 170])

    assert (ink.text_with_blanks(), ink.passed_over()) == ("SKU-88", 0)
