"""Whose page is next: tenants in turn, and the documents of each, so that a thousand pages starve no single one.

Each has a virtual time: what it was served so far, divided by its weight. Whoever is served least goes next, and who
comes anew begins at the time of the one served last: nothing is owed for the time away (start-time fair queueing, which
gives the shares of a deficit round robin, and lets a newcomer in at once instead of at the end of a round).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
_Waiting = TypeVar("_Waiting")


@dataclass(slots=True)
class _Member(Generic[_Waiting]):
    """One of those that take turns, and what waits for it."""

    waiting: _Waiting
    weight: float
    time: float = 0.0
    last_turn: int = 0


class _Ring(Generic[_Waiting]):
    """Members that take turns; those for whom nothing waits have none."""

    def __init__(self) -> None:
        self._members: dict[Hashable, _Member[_Waiting]] = {}
        self._now = 0.0
        self._turns = 0

    def __bool__(self) -> bool:
        return any(member.waiting for member in self._members.values())

    def waiting(self) -> list[_Waiting]:
        """What waits, member by member."""
        return [member.waiting for member in self._members.values() if member.waiting]

    def join(self, name: Hashable, weight: float, make: Callable[[], _Waiting]) -> _Waiting:
        """What waits for that member, who is new or was away."""
        member = self._members.get(name)
        if member is None:
            self._forget()
            member = self._members[name] = _Member(make(), weight)
        if not member.waiting:
            member.time = max(member.time, self._now)
        return member.waiting

    def first(self) -> _Member[_Waiting]:
        """Whose turn it is; of equals, whose last turn is the longest ago."""
        waiting = (member for member in self._members.values() if member.waiting)
        return min(waiting, key=lambda member: (member.time, member.last_turn))

    def charge(self, member: _Member[_Waiting], cost: float) -> None:
        """The member was served."""
        self._turns += 1
        self._now, member.last_turn = member.time, self._turns
        member.time += cost / member.weight
        if not self:  # nobody competes any more
            self._members.clear()

    def _forget(self) -> None:
        """Those who are away and owe nothing, so that names do not gather."""
        away = [name for name, member in self._members.items() if not member.waiting and member.time <= self._now]
        for name in away:
            del self._members[name]


class FairQueue(Generic[T]):
    """Items by tenant and document; to be used under a lock.

    Args:
        weights: of tenants; who is not named has 1. A tenant of weight 2 is served twice as much as one of 1.
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self._weights = weights or {}
        self._tenants: _Ring[_Ring[deque[tuple[T, float]]]] = _Ring()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def documents(self) -> int:
        """How many documents have something waiting."""
        return sum(len(documents.waiting()) for documents in self._tenants.waiting())

    def put(self, item: T, *, tenant: str, document: Hashable, cost: float) -> None:
        """Behind the other items of its document.

        Args:
            item: what waits.
            tenant: whose it is; may be empty.
            document: of the tenant; its items keep their order.
            cost: of serving it, in whatever unit, above 0.
        """
        documents: _Ring[deque[tuple[T, float]]]
        documents = self._tenants.join(tenant, self._weights.get(tenant, 1.0), _Ring)
        documents.join(document, 1.0, deque).append((item, cost))
        self._length += 1

    def head(self) -> T:
        """Whose turn it is, left where it is. The queue is not empty."""
        return self._tenants.first().waiting.first().waiting[0][0]

    def pop(self, *, served: bool = True) -> T:
        """Take the head away.

        Args:
            served: False where it cost nothing after all, and its tenant is to have another turn.
        """
        tenant = self._tenants.first()
        document = tenant.waiting.first()
        item, cost = document.waiting.popleft()
        self._length -= 1
        tenant.waiting.charge(document, cost if served else 0.0)
        self._tenants.charge(tenant, cost if served else 0.0)
        return item
