"""Turns: nobody waits for the whole of another's pile, shares follow the weights, and nothing is lost or overtaken."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.reading.queue import tenants
from function.reading.queue.fair_queue import FairQueue


def filled(*piles: tuple[str, str, int], weights: dict[str, float] | None = None) -> FairQueue[str]:
    """Piles of (tenant, document, pages), put one after the other; an item is called by all three."""
    queue: FairQueue[str] = FairQueue(weights)
    for tenant, document, pages in piles:
        for number in range(pages):
            queue.put(f"{tenant} {document} {number}", tenant=tenant, document=document, cost=4e6)
    return queue


def taken(queue: FairQueue[str], most: int = 10_000) -> list[str]:
    """What comes out, in order."""
    return [queue.pop() for _ in range(min(most, len(queue)))]


def test_a_single_page_waits_for_one_other_while_a_thousand_are_queued() -> None:
    """However long the pile is that came before, and however long it has been served."""
    queue = filled(*(("bulk", f"document {number}", 25) for number in range(40)))
    taken(queue, 500)
    queue.put("the single page", tenant="small", document="letter", cost=4e6)

    assert taken(queue).index("the single page") <= 1


def test_the_single_page_of_the_same_tenant_waits_for_one_page_of_each_document() -> None:
    """Without tenants, documents still take turns."""
    queue = filled(*(("", f"document {number}", 250) for number in range(4)))
    taken(queue, 400)
    queue.put("the single page", tenant="", document="letter", cost=4e6)

    assert taken(queue).index("the single page") <= 4


def test_tenants_share_by_their_weights() -> None:
    """Four pages of one for each of the other, from the beginning on."""
    queue = filled(("paying", "a", 400), ("trial", "b", 400), weights={"paying": 4.0})

    first = Counter(item.split()[0] for item in taken(queue, 250))

    assert abs(first["paying"] - 200) <= 4


def test_large_pages_count_for_more() -> None:
    """A turn is paid in pixels: ten small pages go for one that is ten times as large."""
    queue: FairQueue[str] = FairQueue()
    for number in range(100):
        queue.put(f"large {number}", tenant="large", document=1, cost=40e6)
        queue.put(f"small {number}", tenant="small", document=2, cost=4e6)

    first = Counter(item.split()[0] for item in taken(queue, 55))

    assert abs(first["small"] - 50) <= 2


def test_who_was_away_is_owed_nothing() -> None:
    """Else a tenant could save up turns, and then starve those who were there."""
    queue = filled(("early", "a", 1), ("busy", "b", 100))
    taken(queue, 50)
    for number in range(50):
        queue.put(f"early again {number}", tenant="early", document="c", cost=4e6)

    next_ten = Counter(item.split()[0] for item in taken(queue, 10))

    assert next_ten == {"early": 5, "busy": 5}


def test_coming_back_at_once_gains_nothing() -> None:
    """Who has one page waiting at a time has no more turns than who has a pile."""
    queue = filled(("pile", "a", 100))
    turns: list[str] = []
    for _ in range(20):
        queue.put("one", tenant="single", document="b", cost=4e6)
        while not turns or turns[-1] != "one":
            turns.append(queue.pop())
        turns.append("")
    others = [turn for turn in turns if turn.startswith("pile")]

    assert 19 <= len(others) <= 21


def test_what_costs_nothing_leaves_the_turn_where_it_is() -> None:
    """A page that nobody waits for any more is thrown away, and its tenant has not been served."""
    queue = filled(("a", "x", 3), ("b", "y", 3))

    dropped = [queue.pop(served=False), queue.pop(served=False)]

    assert sorted(item[0] for item in dropped + taken(queue, 2)) == ["a", "a", "b", "b"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.booleans()), max_size=80))
def test_nothing_is_lost_and_no_document_changes_its_order(steps: list[tuple[str, str, bool]]) -> None:
    """Whatever comes and goes in whatever order; what is looked at is what is then taken."""
    queue: FairQueue[tuple[str, str, int]] = FairQueue({"a": 3.0})
    put, out = [], []
    for number, (tenant, document, takes) in enumerate(steps):
        queue.put((tenant, document, number), tenant=tenant, document=document, cost=1.0 + number % 5)
        put.append((tenant, document, number))
        if takes:
            head = queue.head()
            out.append(queue.pop())
            assert out[-1] == head
    assert queue.documents == len({item[:2] for item in put if item not in out})
    out += [queue.pop() for _ in range(len(queue))]

    assert sorted(out) == sorted(put)
    for pile in {item[:2] for item in put}:
        numbers = [item[2] for item in out if item[:2] == pile]
        assert numbers == sorted(numbers)


def test_names_do_not_gather() -> None:
    """Each of a million tenants may come once."""
    queue = filled(("always", "a", 2))
    for number in range(1000):
        queue.put("x", tenant=f"tenant {number}", document=number, cost=1.0)
        queue.put("y", tenant="always", document="a", cost=1.0)
        taken(queue, 2)

    assert len(queue._tenants._members) < 10


def test_weights_are_read_as_they_are_written() -> None:
    """Blanks do not matter."""
    assert tenants.weights(" acme=4, trial=0.5 ,") == {"acme": 4.0, "trial": 0.5}
    assert tenants.weights("") == {}


@pytest.mark.parametrize(
    "text", ["acme", "acme=", "acme=0", "acme=-1", "acme=nan", "acme=1e9", "=4", "a b=4", "a=1,a=2"]
)
def test_a_wrong_weight_is_told(text: str) -> None:
    """Nobody gets nothing by a slip."""
    with pytest.raises(ValueError, match=r"does not|twice"):
        tenants.weights(text)
