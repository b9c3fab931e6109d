"""What all disasters have in common; `tests/faults.py` has a class for each."""

from __future__ import annotations

import os
import random
import signal
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import ClassVar

from tests.chaos.world import Pod, World


class Fault(ABC):
    """A disaster; every choice is made from `chance` when it is drawn.

    Attributes:
        costs: what users may notice, besides waiting.
        strikes: what is not what it was meanwhile; two that strike the same do not overlap.
        seconds: how long it lasts.
    """

    costs: ClassVar[str] = "nothing but time"
    strikes: ClassVar[str] = ""
    longest: ClassVar[float] = 3.0

    def __init__(self, chance: random.Random) -> None:
        self.seconds = chance.uniform(0.2, self.longest)
        self.number = chance.randrange(1 << 16)

    @property
    def name(self) -> str:
        """For the report."""
        return f"{type(self).__name__} for {self.seconds:.1f} s"

    def target(self, world: World) -> str:
        """What it strikes here; each is another one where nothing is named."""
        return self.strikes or self.name

    @classmethod
    def missing(cls, world: World) -> str:
        """Why it cannot be tried here; empty where it can."""
        return ""

    @abstractmethod
    def begin(self, world: World) -> None:
        """Disaster strikes."""

    @abstractmethod
    def end(self, world: World) -> None:
        """What somebody would mend is mended."""


class ServerStruck(Fault):
    """What befalls one of the servers."""

    def target(self, world: World) -> str:
        """That server."""
        return self._victim(world).name

    def _victim(self, world: World) -> Pod:
        return world.pods[self.number % len(world.pods)]


def signalled(pod: Pod, number: signal.Signals) -> None:
    """All that run now; a child that starts meanwhile waits for its parent anyway."""
    with suppress(ProcessLookupError):
        os.killpg(pod.server.pid, number)
    for pid in pod.remember():
        with suppress(ProcessLookupError):
            os.kill(pid, number)
