"""A split document, and an engine that is elsewhere: who it is, is learnt from its first answer."""

from __future__ import annotations

import pytest

from function.engines.base import UNKNOWN_VERSION
from function.errors import NotReady
from function.reading.options import Options
from function.reading.whole import ReadBy
from function.results.model import EngineInfo
from tests.reading.splitting import Pod, TextReader, World, told

LINES = ["one", "two", "three", "four", "five"]


class Asking(TextReader):
    """Its engine is elsewhere.

    Args:
        version: as far as it is known.
    """

    def __init__(self, version: str) -> None:
        super().__init__()
        self.version = version

    def engine_info(self, _: Options) -> EngineInfo:
        """As far as it is known."""
        return EngineInfo("one", self.version, "")

    def engines(self) -> dict[str, ReadBy]:
        """One."""
        return {"fast": ReadBy(self.engine_info(Options()), [])}


def pod(world: World, version: str, monkeypatch: pytest.MonkeyPatch) -> Pod:
    """An instance that knows so much of its engine."""
    monkeypatch.setattr("tests.reading.splitting.TextReader", lambda _: Asking(version))
    return Pod(world)


def test_who_has_not_heard_yet_reads_the_ranges_of_who_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the other way round: nothing is read twice because a pod has just started."""
    for first, others in ((UNKNOWN_VERSION, "1.6"), ("1.6", UNKNOWN_VERSION)):
        world = World()
        pod(world, first, monkeypatch).deliver(world.upload(*LINES))
        ranges = world.requested()
        for event in ranges:
            pod(world, others, monkeypatch).deliver(event)

        assert len(world.requested()) == len(ranges) == 3
        assert told(world)["md"]


def test_two_that_are_known_to_differ_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine behind was replaced in the middle of a document."""
    world = World()
    pod(world, "1.5", monkeypatch).deliver(world.upload(*LINES))
    [first, *_] = world.requested()

    with pytest.raises(NotReady):
        pod(world, "1.6", monkeypatch).deliver(first)
