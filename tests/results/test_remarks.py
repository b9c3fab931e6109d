"""What a careful reader should know of a result, in one list."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from function.results.model import Cost, DocumentInfo, DocumentResult, EngineInfo, PageError, PageResult
from function.results.remarks import remarks, warned


def pages(warnings: Mapping[int, list[str]], *, bad: int = 0) -> list[PageResult]:
    """As many as there are numbers; one of them could perhaps not be read."""
    error = PageError("urn:x", "Title", "it is damaged", "Mend it.")
    return [
        PageResult(number, 1, 1, None, "fast", "", 0, [], "", error if number == bad else None, warnings=told or None)
        for number, told in warnings.items()
    ]


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([], []),
        ([3], ["page 3 bears warnings: see pages[].warnings"]),
        ([3, 7, 8, 9], ["pages 3, 7-9 bear warnings: see pages[].warnings"]),
        ([1, 2], ["pages 1-2 bear warnings: see pages[].warnings"]),
    ],
)
def test_pages_with_warnings_are_named_in_one_sentence(numbers: list[int], told: list[str]) -> None:
    """However many warnings each has."""
    assert warned(pages({number: ["a", "b"] * (number in numbers) for number in range(1, 10)})) == told


def test_the_sentence_stays_short_whatever_the_document() -> None:
    """What is left out is counted."""
    [sentence] = warned(pages({number: ["a"] * (number % 3 > 0) for number in range(1, 3001)}))

    assert sentence.startswith("pages 1-2, 4-5, ")
    assert "58-59 and 1960 more bear" in sentence


def test_remarks_are_of_pages_and_then_of_the_document_without_pointing_back_at_pages() -> None:
    """Errors with their remedy, warnings as they are."""
    read = pages({1: ["cut"], 2: []}, bad=2)
    result = DocumentResult(
        DocumentInfo("", "", "", 2),
        EngineInfo("", "", ""),
        read,
        "",
        {},
        Cost(0, 0),
        ["a frame is gone", *warned(read)],
    )

    assert remarks(result) == ["page 1: cut", "page 2: it is damaged. Mend it.", "a frame is gone"]
