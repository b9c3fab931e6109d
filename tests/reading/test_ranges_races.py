"""A split document ends in exactly one right result, whoever is killed at which request, in any order of steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from function.errors import OcrError
from tests.reading.interleaving import Killed, Program, every_order, run_in_order
from tests.reading.splitting import NAME, Pod, World, told, undivided

LINES = ("one", "bad two", "three", "four", "five")
OTHER = ("other one", "other two", "other three")


@cache
def whole(*lines: str) -> Mapping[str, bytes | None]:
    """As one process reads it."""
    return undivided(*lines)


def program(world: World, event: Event | DocumentUploaded, *, dies_at: int | None, after: bool) -> Program:
    """A pod that gets one delivery, and is killed at one of its requests."""
    return Program(lambda view: Pod(world, view).deliver(event), world.store, dies_at=dies_at, after=after)


def seen_through(world: World, upload: DocumentUploaded) -> None:
    """As a broker does: everything that was ever said is delivered until it is handled, and twice for good measure."""
    Pod(world).deliver(upload)
    for _ in range(3):
        for event in world.requested():
            Pod(world).deliver(event)


def judge(world: World, lines: Sequence[str]) -> None:
    """One right result, and no garbage; who asks again hears the same."""
    assert told(world) == whole(*lines)
    assert world.keys() == [f"{NAME}.json", f"{NAME}.md"]
    ids = {event.id for event in world.sent if event.type == ours.PARSED}
    assert ids <= {json.loads(world.result() or b"")["id"]}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_each_request_of_each_delivery_leaves_work_that_redelivery_finishes(after: bool) -> None:
    """Of the one that splits, of each range, and of the join; before and after the store did it."""
    kills = 0
    for victim in range(4):
        for step in range(1, 60):
            world = World()
            upload = world.upload(*LINES)
            deliveries: list[Event | DocumentUploaded] = [upload]
            for number in range(4):
                running = program(world, deliveries[number], dies_at=step if number == victim else None, after=after)
                run_in_order([running], [])
                if number == victim and not isinstance(running.outcome, Killed):
                    break
                if number == 0:
                    if isinstance(running.outcome, Killed):
                        Pod(world).deliver(upload)
                    deliveries += world.requested()
                kills += number == victim
            else:
                seen_through(world, upload)
                judge(world, LINES)
                continue
            break
    assert kills > 40


def test_two_that_find_all_partials_at_once_write_one_result() -> None:
    """Both read their ranges, both may join, in every order of steps with one change of who is next."""

    def run(order: Sequence[int]) -> list[int]:
        world = World()
        upload = world.upload(*LINES)
        Pod(world).deliver(upload)
        first, *rest = world.requested()
        Pod(world).deliver(first)
        programs = [program(world, event, dies_at=None, after=False) for event in rest]
        choices = run_in_order(programs, order)
        assert any(isinstance(one.outcome, Event) for one in programs)
        seen_through(world, upload)
        judge(world, LINES)
        return choices

    assert len(list(every_order(run, switches=1))) > 20


def test_a_document_replaced_at_any_step_is_never_mixed() -> None:
    """A range of the old one is read, and joined, while the new one comes, is split, read and joined."""

    def run(order: Sequence[int]) -> list[int]:
        world = World()
        Pod(world).deliver(world.upload(*LINES))
        *rest, last = world.requested()
        for event in rest:
            Pod(world).deliver(event)

        def replacing(view: Any) -> str:
            view.head("inbox", "in/a.pdf")
            upload = world.upload(*OTHER)
            before = {event.id for event in world.sent}
            Pod(world, view).deliver(upload)
            for event in [event for event in world.sent if event.id not in before]:
                Pod(world).deliver(event)
            return "done"

        older = program(world, last, dies_at=None, after=False)
        choices = run_in_order([older, Program(replacing, world.store)], order)
        for event in world.requested():
            Pod(world).deliver(event)
        assert told(world) == whole(*OTHER)
        return choices

    assert len(list(every_order(run, switches=2))) > 50


_DELIVERY = st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(1, 25)), st.booleans())


@given(
    deliveries=st.lists(_DELIVERY, min_size=2, max_size=5),
    order=st.lists(st.integers(0, 4), max_size=80),
    given_up=st.sets(st.integers(0, 2), max_size=1),
)
def test_any_mix_of_repeats_kills_and_dead_letters_ends_in_the_whole_result(
    deliveries: list[tuple[int, int | None, bool]], order: list[int], given_up: set[int]
) -> None:
    """Several pods at once; a range that was given up too early comes again by a replay."""
    world = World()
    upload = world.upload(*LINES)
    Pod(world).deliver(upload)
    work: list[Event | DocumentUploaded] = [*world.requested(), upload]
    programs = [program(world, work[number], dies_at=dies_at, after=after) for number, dies_at, after in deliveries]
    run_in_order(programs, order)
    for number in given_up:
        asked = ours.from_event(world.requested()[number])
        assert isinstance(asked, ours.PagesRequested)
        Pod(world).deliveries.give_up(asked, "it was given up")
    assert not [one.outcome for one in programs if isinstance(one.outcome, OcrError)]
    seen_through(world, upload)

    assert told(world) == whole(*LINES)
    assert world.keys() == [f"{NAME}.json", f"{NAME}.md"]
