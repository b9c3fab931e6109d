"""One answer in the making for all who ask the same at the same moment.

The first who asks reads; the others wait for what comes of it. If the first fails or leaves, the next of them takes
over. An answer that is nobody else's (a page of it failed, say) sends all who wait on their own ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

from function.reading.caller import Caller

T = TypeVar("T")

#: How often a waiting caller is asked whether it is still there, in seconds.
_GLANCE = 0.25


@dataclass(slots=True)
class Flight(Generic[T]):
    """What one caller has of it.

    Attributes:
        found: somebody else's answer; None where the caller is to read.
        answer: what the caller makes of it, for those who wait; left None where it is nobody else's.
        ended: the caller came to an answer, its own or for all.
    """

    found: T | None = None
    answer: T | None = None
    ended: bool = False


@dataclass(slots=True)
class _Asked(Generic[T]):
    """One question under way."""

    answer: T | None = None
    flying: bool = True
    everybody_for_himself: bool = False


@dataclass(slots=True)
class Flights(Generic[T]):
    """By question; used from many threads."""

    _under_way: dict[str, _Asked[T]] = field(default_factory=dict)
    _changed: Condition = field(default_factory=Condition)

    @contextmanager
    def flight(self, question: str, caller: Caller) -> Iterator[Flight[T]]:
        """Wait where somebody else is at the same question.

        Raises:
            DeadlineExceeded, CallerGone: while waiting.
        """
        asked, mine = self._board(question, caller)
        flight = Flight(asked.answer)
        try:
            yield flight
        finally:
            if mine:
                self._land(question, asked, flight)

    def _board(self, question: str, caller: Caller) -> tuple[_Asked[T], bool]:
        """The question, and whether this caller is the one who reads for all."""
        with self._changed:
            asked = self._under_way.get(question)
            if asked is None:
                asked = self._under_way[question] = _Asked()
                return asked, True
            while asked.flying:
                self._changed.wait(_GLANCE)
                caller.check()
            if asked.answer is None and not asked.everybody_for_himself:
                asked.flying = True
                self._under_way[question] = asked
                return asked, True
            return asked, False

    def _land(self, question: str, asked: _Asked[T], flight: Flight[T]) -> None:
        with self._changed:
            asked.answer, asked.flying = flight.answer, False
            asked.everybody_for_himself = flight.ended and flight.answer is None
            if self._under_way.get(question) is asked:
                del self._under_way[question]
            self._changed.notify_all()
