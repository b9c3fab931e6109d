"""How many pixels of drawn pages may be in memory at once, all callers together: pages differ a hundredfold in size.

Pixels are set aside before a page is drawn: as many as its text layer says, else as the largest page may have; what it
did not take is given back. Whoever holds a page takes a further one only where nobody has to wait for that, so those
who wait, wait for somebody who gets on: nothing can lock up. Who waits is served in the order of coming, so that large
pages are not overtaken for ever. Pages ahead of their turn leave half of all for those whose turn it is, since whoever
is slow in taking his answer keeps them meanwhile.
"""

from __future__ import annotations

import sys
from collections import deque
from threading import Condition

from function.reading.caller import Caller
from function.telemetry import metrics

#: How often a waiting caller is asked whether it is still there, in seconds.
_GLANCE = 0.25


class Share:
    """The pixels of one page; given back once."""

    def __init__(self, budget: PixelBudget, pixels: int) -> None:
        self._budget, self._pixels = budget, pixels

    def settle(self, pixels: int) -> None:
        """What the page really has, now that it is drawn."""
        self._budget.give(self._pixels - pixels)
        self._pixels = pixels

    def give_back(self) -> None:
        """The page is gone; harmless when said twice."""
        self.settle(0)


class PixelBudget:
    """Shares pixels out; used from many threads.

    Args:
        pixels: at once. A single page that has more is drawn when nobody holds any.
        largest: a page can have.
    """

    def __init__(self, pixels: int = sys.maxsize, largest: int = sys.maxsize) -> None:
        self._all = self._free = pixels
        self._largest = largest
        self._waiting: deque[object] = deque()
        self._changed = Condition()

    @property
    def held(self) -> int:
        """How many are set aside or drawn."""
        return self._all - self._free

    def try_take(self, pixels: int) -> Share | None:
        """A share for a page ahead of its turn, or None where there is no room to spare.

        Args:
            pixels: that the page has; 0 where that is not known.
        """
        aside = self._aside(pixels)
        with self._changed:
            room = not self._waiting and self._free - aside >= self._all // 2
            return self._taken(aside) if room else None

    def take(self, pixels: int, caller: Caller) -> Share:
        """A share for a page whose turn it is, as `try_take`; only for who holds none.

        Raises:
            DeadlineExceeded, CallerGone: while waiting.
        """
        aside, ticket = self._aside(pixels), object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or self._free < aside:
                    self._changed.wait(_GLANCE)
                    caller.check()
                return self._taken(aside)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def give(self, pixels: int) -> None:
        """Back; negative where a page has more than was set aside."""
        with self._changed:
            self._free += pixels
            metrics.queue_pixels.set(self.held)
            self._changed.notify_all()

    def _aside(self, pixels: int) -> int:
        return min(pixels or self._largest, self._largest, self._all)

    def _taken(self, aside: int) -> Share:
        self._free -= aside
        metrics.queue_pixels.set(self.held)
        return Share(self, aside)
