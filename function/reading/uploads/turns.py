"""One delivery of an upload at a time: a second one waits, and then finds the first one's result.

Within one process only; across pods two deliveries of one upload may both read it, and the commit still leaves one
result. Waiting costs no slot, but a server thread, so the number that may wait is bounded.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Condition

from function.errors import NotReady
from function.reading.caller import Caller

#: How often a waiting caller is asked whether it is still there, in seconds.
_GLANCE = 0.25


class Turns:
    """Turns by name.

    Args:
        waiting: callers that may wait, all names together.
    """

    def __init__(self, waiting: int) -> None:
        self._most_waiting = waiting
        self._waiting = 0
        self._taken: set[Hashable] = set()
        self._changed = Condition()

    @contextmanager
    def turn(self, name: Hashable, caller: Caller) -> Iterator[None]:
        """Have the turn of `name`.

        Raises:
            NotReady: too many wait already.
            DeadlineExceeded, CallerGone: while waiting.
        """
        with self._changed:
            if name in self._taken:
                self._wait(name, caller)
            self._taken.add(name)
        try:
            yield
        finally:
            with self._changed:
                self._taken.discard(name)
                self._changed.notify_all()

    def _wait(self, name: Hashable, caller: Caller) -> None:
        if self._waiting >= self._most_waiting:
            raise NotReady(f"{self._waiting} deliveries of uploads that are being read wait already")
        self._waiting += 1
        try:
            while name in self._taken:
                self._changed.wait(_GLANCE)
                caller.check()
        finally:
            self._waiting -= 1
