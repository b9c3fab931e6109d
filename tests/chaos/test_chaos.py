"""One short run of disasters, and what a seed promises; `make chaos` and `make test-long` have more and longer ones."""

from __future__ import annotations

import pytest

from tests.chaos.__main__ import play
from tests.chaos.run import Plan, planned
from tests.chaos.world import World
from tests.faults import FAULTS

pytestmark = pytest.mark.long


def test_uploads_survive_a_few_disasters() -> None:
    """Every upload has one right result or one refusal, nothing else stands, and nothing leaks."""
    report = play(1, seconds=5, every=0.5, pods=2, queue=False)

    assert report.findings == [], str(report)
    assert report.uploads > 8
    assert len(report.recovered) >= 1


def test_a_seed_repeats_every_choice(world: World) -> None:
    """The same uploads, disasters and pauses; another seed has others."""
    first, again, other = (told(planned(seed, world, seconds=30, every=0.5)) for seed in (7, 7, 8))

    assert first == again
    assert first != other


def test_all_kinds_of_disasters_come_before_one_comes_again(world: World) -> None:
    """A run that is long enough has each that can be tried here."""
    plan = planned(1, world, seconds=2 * len(FAULTS), every=10)
    drawn = {type(fault) for turn in plan.faults for fault in turn}

    assert drawn == {kind for kind in FAULTS if not kind.missing(world)}


def told(plan: Plan) -> list[object]:
    """What can be compared of a plan."""
    return [plan.arrivals, plan.pauses, [[(fault.name, fault.number) for fault in turn] for turn in plan.faults]]
