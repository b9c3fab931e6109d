"""When a document is split and into what; and the copy of it that its ranges share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.documents.sources import StoredSource, from_bytes
from function.errors import StoreUnavailable
from function.reading.splitting.copies import Copies
from function.reading.splitting.manifest import divided
from function.reading.splitting.page_costs import PageCosts
from function.reading.splitting.split import SplitRules


@given(numbers=st.sets(st.integers(1, 5000), min_size=1), most=st.integers(1, 60))
def test_ranges_hold_every_page_once_and_are_of_equal_length(numbers: set[int], most: int) -> None:
    """Whatever pages were asked for; none is longer than allowed, and lengths differ by one at most."""
    asked = sorted(numbers)
    ranges = divided(asked, most)
    held = [[number for number in asked if first <= number <= last] for first, last in ranges]
    lengths = [len(pages) for pages in held]

    assert [number for pages in held for number in pages] == asked
    assert max(lengths) <= most
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize(
    ("pages", "seconds", "took", "expected"),
    [
        (0, 0.0, 1.0, 0),  # splitting is off
        (20, 0.0, None, 20),
        (100, 0.0, None, 0),  # it has no more
        (0, 60.0, None, 0),  # nobody knows yet what a page takes
        (0, 60.0, 2.0, 30),
        (0, 60.0, 0.5, 0),  # 50 s in all
        (20, 60.0, 10.0, 6),  # the shorter ranges
        (20, 60.0, 1.0, 20),
        (0, 60.0, 600.0, 1),
    ],
)
def test_a_document_is_split_by_pages_and_by_what_pages_cost(
    pages: int, seconds: float, took: float | None, expected: int
) -> None:
    """One of 100 pages."""
    costs = PageCosts()
    if took is not None:
        costs.note("auto", 10, {"total": 10 * took})

    assert SplitRules(pages, seconds, costs).pages_a_range(100, "auto") == expected


def test_costs_of_one_tier_say_nothing_of_another() -> None:
    """And later documents weigh in little by little."""
    costs = PageCosts()
    costs.note("fast", 1, {"total": 1.0})
    costs.note("fast", 1, {"total": 2.0})

    assert costs.of_a_page("accurate") is None
    assert costs.of_a_page("fast") == pytest.approx(1.1)


def fetching(log: list[bytes], data: bytes) -> Callable[[], StoredSource]:
    """Fetches, and remembers that it did."""

    def fetch() -> StoredSource:
        log.append(data)
        return from_bytes(data)

    return fetch


def test_a_copy_is_fetched_once_and_the_oldest_unused_ones_go_first() -> None:
    """By their bytes; one in use stays whatever it weighs."""
    fetched: list[bytes] = []
    copies = Copies(max_bytes=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        with copies.copy(name, fetching(fetched, name.encode())) as source:
            assert source.size == 1
    with copies.copy("large", fetching(fetched, b"large")), copies.copy("large", fetching(fetched, b"large")) as same:
        assert same.size == 5

    assert fetched == [b"a", b"b", b"c", b"b", b"large"]


def test_a_copy_that_could_not_be_fetched_is_fetched_by_the_next() -> None:
    """The store was out of reach."""
    copies, fetched = Copies(max_bytes=10), list[bytes]()

    def failing() -> StoredSource:
        raise StoreUnavailable("the store does not answer")

    with pytest.raises(StoreUnavailable), copies.copy("a", failing):
        pass
    with copies.copy("a", fetching(fetched, b"a")) as source:
        assert source.size == 1
