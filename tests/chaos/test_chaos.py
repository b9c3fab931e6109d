"""One short run of disasters, and what a seed promises; `make chaos` and `make test-long` have more and longer ones."""

from __future__ import annotations

from tests.chaos.__main__ import play
from tests.chaos.run import Plan, planned
from tests.chaos.world import World
from tests.faults import FAULTS


def test_uploads_survive_a_few_disasters() -> None:
    """Every upload has one right result or one refusal, nothing else stands, and nothing leaks."""
    report = play(2, seconds=2, brief=True)

    assert report.findings == [], str(report)
    assert report.uploads > 5
    assert len(report.recovered) >= 1


def test_a_seed_repeats_every_choice(world: World) -> None:
    """The same uploads, disasters and pauses; another seed has others."""
    first, again, other = (told(planned(seed, world, seconds=6, every=0.6)) for seed in (7, 7, 8))

    assert first == again
    assert first != other


def test_all_kinds_of_disasters_come_before_one_comes_again(world: World) -> None:
    """A run that is long enough has each that can be tried here."""
    plan = planned(1, world, seconds=2 * len(FAULTS), every=100)
    drawn = {type(fault) for turn in plan.faults for fault in turn}

    assert drawn == {kind for kind in FAULTS if not kind.missing(world)}


def test_disasters_at_once_strike_different_things(world: World) -> None:
    """A server that is killed cannot be frozen besides; two harms to one line would end each other."""
    turns = [turn for seed in range(20) for turn in planned(seed, world, seconds=40, every=100).faults]

    assert any(len(turn) > 1 for turn in turns)
    assert all(len({fault.target(world) for fault in turn}) == len(turn) for turn in turns)


def told(plan: Plan) -> list[object]:
    """What can be compared of a plan."""
    return [plan.arrivals, plan.pauses, [[(fault.name, fault.number) for fault in turn] for turn in plan.faults]]
