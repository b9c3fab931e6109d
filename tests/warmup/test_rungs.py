"""Rungs: in order, side by side, once, timed; and what happens where one breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import pytest

from warmup.phases import Start
from warmup.rungs import Rung, RungFailed, Waking

SECONDS = 30


def waking(*rungs: Rung) -> Waking:
    """Since a start that just began."""
    return Waking(rungs, Start(age=0.0))


def nothing() -> None:
    """Work that is none."""


def state(climbed: Waking) -> dict[str, str]:
    """Of each rung."""
    return {phase.name: phase.state for phase in climbed.phases()}


def test_a_rung_begins_when_those_it_stands_on_are_done() -> None:
    """However the threads run: the roof comes last, the ground first."""
    order: list[str] = []

    def note(name: str) -> Callable[[], None]:
        return lambda: order.append(name)

    roof = Rung("roof", note("roof"), after=["left", "right"])
    walls = [Rung(side, note(side), after=["ground"]) for side in ("left", "right")]
    waking(roof, *walls, Rung("ground", note("ground"))).start().result(SECONDS)

    assert order[0] == "ground"
    assert order[-1] == "roof"
    assert sorted(order) == ["ground", "left", "right", "roof"]


def test_rungs_that_need_not_wait_for_each_other_run_side_by_side() -> None:
    """Each of these ends only when both have begun."""
    both = threading.Barrier(2, timeout=SECONDS)

    def meet() -> None:
        both.wait()

    climbed = waking(Rung("one", meet), Rung("other", meet))

    climbed.start().result(SECONDS)

    assert state(climbed) == {"one": "done", "other": "done"}


def test_every_rung_is_timed_and_may_tell_what_else_it_measured() -> None:
    """Offsets count from the process's beginning; a rung starts after what it stands on has ended."""
    climbed = waking(Rung("read", lambda: {"bytes": 7}), Rung("load", nothing, after=["read"]))
    climbed.start().result(SECONDS)

    read, load = climbed.phases()

    assert read.facts == {"bytes": 7}
    assert 0 <= read.start <= read.start + read.seconds <= load.start
    assert load.seconds >= 0


def test_a_failing_rung_is_named_and_nothing_that_stands_on_it_runs() -> None:
    """Nor anything that would begin later."""
    ran: list[str] = []

    def fail() -> None:
        raise OSError("the disk is gone")

    climbed = waking(
        Rung("weights", fail), Rung("engine", lambda: ran.append("engine"), after=["weights"]),
        Rung("page", lambda: ran.append("page"), after=["engine"]),
    )  # fmt: skip
    done = climbed.start()

    with pytest.raises(RungFailed, match="weights: the disk is gone") as raised:
        done.result(SECONDS)
    assert raised.value.rung == "weights"
    assert isinstance(raised.value.__cause__, OSError)
    assert ran == []
    assert state(climbed) == {"weights": "failed", "engine": "waiting", "page": "waiting"}


def test_a_failure_is_told_at_once_while_another_rung_still_runs() -> None:
    """A server that cannot come up should not wait for the rest; two failures are still one end."""
    gate = threading.Event()

    def late() -> None:
        assert gate.wait(SECONDS)
        raise ValueError("late")

    def fail() -> None:
        raise OSError("early")

    climbed = waking(Rung("slow", late), Rung("quick", fail))

    with pytest.raises(RungFailed, match="quick: early"):
        climbed.start().result(SECONDS)
    gate.set()
    with pytest.raises(RungFailed, match="quick: early"):
        climbed.done.result(0)


def test_what_runs_is_seen_running_and_stopping_begins_nothing_more() -> None:
    """Whoever asks meanwhile waits for no rung."""
    begun, gate, ran = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        assert gate.wait(SECONDS)

    climbed = waking(Rung("first", work), Rung("second", lambda: ran.append("second"), after=["first"]))
    climbed.start()
    assert begun.wait(SECONDS)
    seen = state(climbed)
    climbed.stop()
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "rung-first":
            thread.join(SECONDS)

    assert seen == {"first": "running", "second": "waiting"}
    assert state(climbed) == {"first": "done", "second": "waiting"}
    assert ran == []
    assert not climbed.done.done()


def test_no_rungs_are_climbed_at_once() -> None:
    """A role that reads nothing has none."""
    assert waking().start().done()


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"a": ["b"]}, "a stands on b, which does not exist"),
        ({"a": ["a"]}, "stand on each other: a -> a"),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "stand on each other"),
    ],
)
def test_rungs_that_can_never_be_climbed_are_refused_before_any_begins(
    after: Mapping[str, list[str]], said: str
) -> None:
    """Otherwise a start would wait for ever."""
    with pytest.raises(ValueError, match=said):
        waking(*(Rung(name, nothing, after=below) for name, below in after.items()))


def test_two_rungs_of_one_name_are_refused() -> None:
    """One of them would be lost."""
    with pytest.raises(ValueError, match="two rungs have one name"):
        waking(Rung("a", nothing), Rung("a", nothing))
