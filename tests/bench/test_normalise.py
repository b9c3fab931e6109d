from __future__ import annotations

import pytest

from bench.accuracy import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ａｂｃ　１２３", "Abc 123"),
        ("ﬁnd the oﬃce", "find the office"),
        ("a  b\t c\r\n\n d", "a b c d"),
        ("zero\u200bwidth", "zerowidth"),
        ("Geſchicht\u0364e", "Geschichẗe"),
        ("u\u0364ber", "über"),
    ],
    ids=["full width", "ligatures", "white space", "invisible", "long s", "e above as umlaut"],
)
def test_writings_of_the_same_text_become_equal(text: str, expected: str) -> None:
    """How a text is encoded is no error of reading."""
    assert normalise.flat(text) == normalise.flat(expected)


def test_a_word_broken_at_a_line_end_is_mended() -> None:
    """A reader that mends hyphenation and one that keeps it are measured alike."""
    assert (
        normalise.flat("the govern-\nment of Baden-\u00adWürt\u00ad\ntemberg") == "the government of Baden-Württemberg"
    )


@pytest.mark.parametrize("text", ["12-\n34", "well-known", "a - \nb", "- item\n- item"])
def test_other_hyphens_stay(text: str) -> None:
    """Only a letter, a hyphen and a line end make a broken word."""
    assert normalise.flat(text).count("-") == text.count("-")


def test_dot_leaders_and_rules_are_drawings_not_text() -> None:
    """A table of contents is not judged by how many of its dots were seen; an ellipsis is text."""
    assert (
        normalise.flat("Preface ........ 3\nIntroduction . . . . . 7\n-----\nwait...")
        == "Preface 3 Introduction 7 wait..."
    )


@pytest.mark.parametrize(
    ("text", "unspaced"),
    [
        ("第一章 概述 Java 手册", True),
        ("日本語のテキスト", True),
        ("한국어 신문", False),
        ("plain English, one 字", False),
        ("", False),
    ],
)
def test_a_script_without_spaces_is_recognised(text: str, unspaced: bool) -> None:
    """Chinese, Japanese and Thai are compared without white space; Korean writes it."""
    assert normalise.is_unspaced(text) is unspaced


def test_words_are_runs_of_letters_and_digits_and_single_cjk_characters() -> None:
    """Punctuation separates, except a point or comma within a number; vowel signs belong to their letter."""
    found = normalise.words("Total: 1,234.50 EUR, naïve (हिन्दी) 中文ab.")

    assert found == ["Total", "1,234.50", "EUR", "naïve", "हिन्दी", "中", "文", "ab"]


def test_statements_are_looked_up_whatever_the_quotes_and_the_markup() -> None:
    """Curly quotes, dashes, Markdown's emphasis and escapes make no difference; case does unless told."""
    assert normalise.loose("“**Bold**” – it\\_is") == '"Bold" - it_is'
    assert normalise.loose("ABC", fold_case=True) == "abc"
