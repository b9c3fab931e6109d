"""The stages of a load test: how many users, how long. Needs the standard library alone, as Locust's side does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WARM_UP, RECOVERY = "warm-up", "recovery"


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        name: as it stands in the report.
        users: at once.
        seconds: how long.
        ramp: seconds at its beginning in which users are still coming.
    """

    name: str
    users: int
    seconds: float
    ramp: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether it is part of the key figures."""
        return self.name not in (WARM_UP, RECOVERY)


def stages(
    users: Sequence[int], seconds: float, *, warm_up: float, recovery_users: int, recovery: float
) -> list[Stage]:
    """A warm-up with few users, each number of users in turn, and few again: who comes then must be served at once."""
    told = [Stage(WARM_UP, min(4, *users), warm_up)]
    told += [Stage(f"{count} users", count, seconds, ramp=min(5.0, seconds / 4)) for count in users]
    return [*told, Stage(RECOVERY, recovery_users, recovery)]


def at(plan: Sequence[Stage], seconds: float) -> tuple[Stage, float] | None:
    """The stage at a time since the beginning, and the seconds into it; None behind the last."""
    for stage in plan:
        if seconds < stage.seconds:
            return stage, seconds
        seconds -= stage.seconds
    return None
