"""Options: what callers may ask for, and what they hear when they ask wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.errors import BadRequest
from function.reading.options import Options


def test_nothing_asked_for_means_everything_by_the_cheapest_sound_rung() -> None:
    """The defaults of the contract."""
    options = Options.parse({})

    assert (options.tier, options.ocr, options.numbers(3)) == ("auto", "auto", [1, 2, 3])


@pytest.mark.parametrize(
    ("pages", "count", "expected"),
    [
        ("1-3,7", 9, [1, 2, 3, 7]),
        ("7,1-3,2", 9, [1, 2, 3, 7]),
        ("8-", 9, [8, 9]),
        ("-2", 9, [1, 2]),
        ("2-100", 4, [2, 3, 4]),
        (" 1 , 3 ", 4, [1, 3]),
    ],
)
def test_pages_are_chosen_by_numbers_and_ranges(pages: str, count: int, expected: list[int]) -> None:
    """Ascending, each once, whatever the order asked for."""
    assert Options.parse({"pages": pages}).numbers(count) == expected


@pytest.mark.parametrize("pages", ["0", "a", "1-", "3-1", "1,,2", "1;2", "²", "1-2-3", "9" * 30, "-"])
def test_a_selection_that_makes_no_sense_is_refused_naming_it(pages: str) -> None:
    """`1-` alone is sensible; everything else here is not."""
    if pages == "1-":
        assert Options.parse({"pages": pages}).numbers(2) == [1, 2]
        return
    with pytest.raises(BadRequest, match="pages="):
        Options.parse({"pages": pages})


def test_a_page_beyond_the_last_is_refused_with_the_page_count() -> None:
    """Silently giving nothing would look like an empty page."""
    with pytest.raises(BadRequest, match="the document has 4"):
        Options.parse({"pages": "5"}).numbers(4)


@pytest.mark.parametrize(("name", "value"), [("tier", "best"), ("ocr", "yes"), ("language", "e!"), ("dpi", "300")])
def test_a_wrong_option_is_refused_by_name(name: str, value: str) -> None:
    """A typo that is ignored costs its user an afternoon."""
    with pytest.raises(BadRequest, match=name):
        Options.parse({name: value})


@pytest.mark.parametrize(
    ("given_", "detail", "remedy"),
    [
        ({"tier": "Fats"}, "did you mean fast?", "one of auto, fast, accurate"),
        ({"ocr": "newer"}, "did you mean never?", "one of auto, always, never"),
        ({"page": "1"}, "did you mean pages?", "tier, ocr, pages, language, charts"),
        ({"pages": "one"}, "'one'", "1-3,7,9-"),
        ({"language": "english"}, "'english'", "en, ja"),
    ],
)
def test_a_wrong_option_is_told_what_it_may_be(given_: dict[str, str], detail: str, remedy: str) -> None:
    """And what was probably meant."""
    with pytest.raises(BadRequest) as caught:
        Options.parse(given_)

    assert detail in caught.value.detail
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("tag", ["en", "EN", "zh-Hant", "zh_CN", "de-AT-1996", "deu", "haw"])
def test_a_language_is_taken_by_its_tag(tag: str) -> None:
    """As BCP 47 writes it, in any case; an underscore is a common habit."""
    assert Options.parse({"language": tag}).language == tag


@pytest.mark.parametrize("tag", ["jp", "cn", "german", "e", "en-", "en-waytoolongpart", "én", "en us"])
def test_what_names_no_language_is_refused(tag: str) -> None:
    """A country's letters, a language's name in words, and typing errors."""
    with pytest.raises(BadRequest, match="language="):
        Options.parse({"language": tag})


@given(st.text(max_size=30), st.integers(1, 50))
def test_any_selection_ends_in_page_numbers_of_the_document_or_a_refusal(pages: str, count: int) -> None:
    """Never a crash, never a number out of range, never nothing."""
    try:
        numbers = Options.parse({"pages": pages}).numbers(count)
    except BadRequest:
        return
    assert numbers
    assert numbers == sorted(set(numbers))
    assert 1 <= numbers[0] <= numbers[-1] <= count
