"""What a careful reader should know of a result: of the document, and of its pages; for formats without fields, too."""

from __future__ import annotations

from collections.abc import Sequence

from function.results.model import DocumentResult, PageResult

#: Stretches of pages that are told by number: a document whose pages differ a thousand times still gets one sentence.
_MOST_STRETCHES = 20


def warned(pages: Sequence[PageResult]) -> list[str]:
    """One sentence that says which pages bear warnings; none where none does."""
    numbers = [page.number for page in pages if page.warnings]
    if not numbers:
        return []
    if len(numbers) == 1:
        return [f"page {numbers[0]} bears warnings: see pages[].warnings"]
    return [f"pages {_listed(numbers)} bear warnings: see pages[].warnings"]


def remarks(result: DocumentResult) -> list[str]:
    """Every error and warning of a page, with its number, then those of the document; each once."""
    told: list[str] = []
    for page in result.pages:
        if page.error:
            told.append(f"page {page.number}: {page.error.detail}. {page.error.remedy}")
        told += [f"page {page.number}: {warning}" for warning in page.warnings or ()]
    pointers = warned(result.pages)  # where they lead to stands here
    return told + [warning for warning in result.warnings if warning not in pointers]


def _listed(numbers: Sequence[int]) -> str:
    """`3, 7-9`: neighbours as one stretch."""
    stretches: list[tuple[int, int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], number)
        else:
            stretches.append((number, number))
    told = [f"{first}-{last}" if first < last else f"{first}" for first, last in stretches[:_MOST_STRETCHES]]
    left = sum(last - first + 1 for first, last in stretches[_MOST_STRETCHES:])
    return ", ".join(told) + (f" and {left} more" if left else "")
