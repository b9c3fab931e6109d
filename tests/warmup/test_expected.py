"""What is known of the warm-up pages, and when a reading of them is wrong."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from tests.conftest import PAGES
from warmup.expected import MOST_ERRORS, WarmupPage, WrongText, beside, edit_distance, printed
from warmup.pages import make

EXACT = WarmupPage("of a test", b"", "The lamp\nis lit.")
PRINT = WarmupPage("of a test", b"", "The lamp is lit, the reader wakes up: 26", MOST_ERRORS)


@pytest.mark.parametrize(("name", "lines"), [("page", make.START), ("strip", make.STRIP)])
def test_a_printed_page_and_its_text_are_what_their_maker_draws(name: str, lines: object) -> None:
    """The file, the text beside it and the source cannot drift apart."""
    page = printed(name)

    assert page.data == make.start_page(name)
    assert page.text == make.text_of_lines(lines)
    assert (PAGES / "start" / f"{name}.pdf").stat().st_size < 4000


def test_spaces_and_lines_do_not_count() -> None:
    """How words are set is arranging, not reading."""
    assert EXACT.check("Thelamp is\n\nlit.") == 0.0


def test_one_wrong_letter_is_told_with_page_expected_and_found() -> None:
    """Whoever reads the log must see what was read."""
    with pytest.raises(WrongText) as raised:
        EXACT.check("The lump is lit.")

    said = str(raised.value)
    assert "page of a test" in said
    assert "'The lamp is lit.'" in said
    assert "'The lump is lit.'" in said
    assert "python -m warmup verify" in said


def test_engines_that_read_print_may_err_a_little_and_no_more() -> None:
    """One character of forty passes, noise does not, nor does nothing at all."""
    assert PRINT.check("The lamp is lit, the reader wakes up: 28") == pytest.approx(1 / 32)
    for wrong in ("", "x" * 40, "e lmap si til het eardre skaew pu 62"):
        with pytest.raises(WrongText, match="was read wrongly"):
            PRINT.check(wrong)


def test_the_distance_between_texts_is_that_of_the_books() -> None:
    """Against an implementation that many use."""
    chance = random.Random(7)
    texts = ["".join(chance.choices("abcd", k=chance.randrange(12))) for _ in range(60)]

    for one, other in zip(texts, reversed(texts), strict=True):
        assert edit_distance(one, other) == Levenshtein.distance(one, other)


def test_weights_of_ones_own_may_bring_their_page(tmp_path: Path) -> None:
    """Page and text beside each other; either alone is nothing."""
    assert beside(tmp_path) is None
    (tmp_path / "warmup").mkdir()
    (tmp_path / "warmup" / "page.png").write_bytes(b"png")
    assert beside(tmp_path) is None
    (tmp_path / "warmup" / "page.txt").write_text("what stands there")

    page = beside(tmp_path)

    assert page is not None
    assert (page.data, page.check("what stands there")) == (b"png", 0.0)
    with pytest.raises(WrongText, match=r"page\.png"):
        page.check("something else entirely")
