"""Exactly one right result, under every order of two writers' steps, and whoever is killed where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.reading.uploads.commit import SOURCE_ETAG, Upload
from function.stores.base import Replaced
from function.stores.memory import MemoryStore
from tests.reading.deliveries import KEY, NAME, answer, commit, content, deliver, upload
from tests.reading.interleaving import Killed, Program, every_order, run_in_order


@dataclass
class Race:
    """An old upload that has been read, and a new one that comes meanwhile, with its own delivery.

    `first` was refused before both, and its refusal stands.
    """

    old: str
    new: str
    first: str = ""
    versioned: bool = False
    formats: Sequence[str] = ()
    dies_at: int | None = None
    after: bool = False

    def run(self, order: Sequence[int]) -> list[int]:
        """In this order of steps; then whatever was killed is delivered again, and the outcome judged."""
        store = MemoryStore(["inbox", "results"], versioned=self.versioned)
        if self.first:
            deliver(store, upload(store, self.first))
        event = upload(store, self.old)
        writing = commit(store, event)
        head = writing.start()

        def older(view: Any) -> str:
            return answer(view, commit(view, event), head, formats=self.formats)

        def newer(view: Any) -> str:
            view.put("inbox", KEY, self.new.encode(), media_type="application/pdf")
            return deliver(view, self.newest(store), formats=self.formats)

        programs = [Program(older, store, dies_at=self.dies_at, after=self.after), Program(newer, store)]
        choices = run_in_order(programs, order)
        self.deliver_again(store, event, programs[0].outcome)
        judge(store, self.new, self.formats)
        return choices

    def newest(self, store: MemoryStore) -> Upload:
        """As its event tells."""
        head = store.head("inbox", KEY)
        assert head
        return Upload("inbox", KEY, head.version, head.etag)

    def deliver_again(self, store: MemoryStore, event: Upload, outcome: object) -> None:
        """As a broker does with what was killed; with what ended well it does so now and then."""
        if isinstance(outcome, str | Replaced):
            return
        assert isinstance(outcome, Killed)
        with pytest.raises(Replaced):
            deliver(store, event, formats=self.formats)


def judge(store: MemoryStore, current: str, formats: Sequence[str]) -> None:
    """Exactly one right result: of the current upload, in every format, or its refusal."""
    if current.startswith("bad"):
        assert content(store, "error.json") == current
        return
    assert content(store, "json") == current
    assert content(store, "error.json") is None
    assert [content(store, suffix) for suffix in formats] == [current] * len(formats)
    assert store.head("results", f"{NAME}.json").metadata[SOURCE_ETAG] == store.head("inbox", KEY).etag


@pytest.mark.parametrize(
    ("old", "new", "versioned"),
    [
        ("old", "new", False),
        ("old", "new", True),
        ("old", "bad new", False),
        ("bad old", "new", False),
        ("bad old", "bad new", True),
    ],
)
def test_the_newest_upload_wins_in_every_order_of_steps(old: str, new: str, versioned: bool) -> None:
    """Two writers, each pair of their steps in both orders."""
    orders = list(every_order(Race(old, new, versioned=versioned).run))

    assert len(orders) > 100


@pytest.mark.parametrize("new", ["new", "bad new"])
def test_a_result_removes_older_refusals_only(new: str) -> None:
    """The refusal of an upload that came meanwhile stays, in every order of steps."""
    orders = list(every_order(Race("old", new, first="bad first").run))

    assert len(orders) > 100


@pytest.mark.parametrize("old", ["old", "bad old"])
def test_the_newest_upload_wins_with_several_formats(old: str) -> None:
    """Up to four changes from one writer to the other, for every place of each."""
    orders = list(every_order(Race(old, "new", formats=["md"]).run, switches=4))

    assert len(orders) > 100


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 9))
@pytest.mark.parametrize("old", ["old", "bad old"])
def test_a_kill_at_any_step_leaves_work_that_a_redelivery_finishes(old: str, dies_at: int, after: bool) -> None:
    """Before or after the store did it, whatever the other writer does meanwhile."""
    race = Race(old, "new", formats=["md"], dies_at=dies_at, after=after)

    assert list(every_order(race.run, switches=2))


_DELIVERY = st.tuples(
    st.integers(0, 2), st.sampled_from(["e1", "e2"]), st.one_of(st.none(), st.integers(1, 14)), st.booleans()
)


@given(
    texts=st.lists(
        st.sampled_from(["one", "two", "three", "bad four", "bad five"]), min_size=3, max_size=3, unique=True
    ),
    deliveries=st.lists(_DELIVERY, min_size=1, max_size=4),
    order=st.lists(st.integers(0, 5), max_size=60),
    versioned=st.booleans(),
)
def test_any_mix_of_uploads_repeats_and_kills_ends_in_one_right_result(
    texts: list[str], deliveries: list[tuple[int, str, int | None, bool]], order: list[int], versioned: bool
) -> None:
    """Three uploads of one key, each delivered, some more than once, by differing engines, killed anywhere."""
    store = MemoryStore(["inbox", "results"], versioned=versioned)
    events: list[Upload] = []

    def uploading(view: Any) -> str:
        for text in texts:
            view.head("inbox", KEY)
            events.append(upload(store, text))
        return "done"

    def delivering(number: int, engine: str) -> Any:
        def run(view: Any) -> str:
            while len(events) <= number:
                view.head("inbox", KEY)
            return f"{number} {deliver(view, events[number], engine=engine)}"

        return run

    programs = [Program(uploading, store)]
    programs += [Program(delivering(*one[:2]), store, dies_at=one[2], after=one[3]) for one in deliveries]
    run_in_order(programs, order)
    replies = [str(program.outcome) for program in programs[1:] if isinstance(program.outcome, str)]
    for number, event in enumerate(events):
        for _ in range(2):
            try:
                replies.append(f"{number} {deliver(store, event, engine='e3')}")
            except Replaced:
                continue

    judge(store, texts[-1], ["md"])
    assert texts[-1].startswith("bad") or len({reply for reply in replies if reply.startswith("2")}) == 1
