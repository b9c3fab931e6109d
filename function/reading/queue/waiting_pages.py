"""The pages that wait for the engine: in a fair order, and no page read twice of those that are equal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from function.page import PageImage, PageReading
from function.reading.caller import Caller
from function.reading.queue.fair_queue import FairQueue
from function.results.model import EngineInfo


@dataclass(frozen=True, slots=True)
class EngineReading:
    """A page's reading, and the processor seconds of the whole process since the page before it was finished.

    Pages of a batch overlap, so one page's figure means little; the sum over pages is what reading them cost, plus
    whatever other threads did meanwhile.
    """

    reading: PageReading
    cpu_seconds: float


@dataclass(slots=True, eq=False)
class WaitingPage:
    """One page on its way to the engine.

    Attributes:
        key: of all that its reading depends on, where readings are kept; else empty.
        engine: that the key tells of.
        shares: it may be answered with an equal page's reading, and an equal page with its own.
        waits: it is still in the queue.
        settled: its equal's reading is its answer.
    """

    image: PageImage
    caller: Caller
    key: str = ""
    engine: EngineInfo | None = None
    shares: bool = False
    future: Future[EngineReading] = field(default_factory=Future)
    queued: float = field(default_factory=time.monotonic)
    waits: bool = False
    settled: bool = False

    @property
    def pixels(self) -> int:
        """How many it has."""
        return self.image.width * self.image.height


class WaitingPages:
    """To be used under a lock.

    Each of several equal pages has a place of its own, so that none waits for the turn of another's tenant; the first
    that is read answers all. While it is read, equals whose turn comes stand aside; if it fails, they go back.

    Args:
        weights: of tenants.
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self._queue: FairQueue[WaitingPage] = FairQueue(weights)
        self._equals: dict[str, list[WaitingPage]] = {}
        self._aside: dict[str, list[WaitingPage]] = {}
        self._since = 0.0
        self.pixels = 0

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def since(self) -> float:
        """When the first of them came; monotonic seconds."""
        return self._since

    @property
    def documents(self) -> int:
        """How many documents have pages here."""
        return self._queue.documents

    def put(self, page: WaitingPage) -> None:
        """Queue a page."""
        if not self._queue:
            self._since = page.queued
        page.waits = True
        self.pixels += page.pixels
        self._queue.put(page, tenant=page.caller.tenant, document=id(page.caller), cost=max(1, page.pixels))
        if page.shares:
            equals = self._equals.setdefault(page.key, [])
            if page not in equals:
                equals.append(page)

    def head(self) -> WaitingPage:
        """Whose turn it is. There is one."""
        return self._queue.head()

    def take(self) -> WaitingPage:
        """The head, to be read; `ended` is to follow."""
        page = self._left(self._queue.pop())
        if page.shares:
            self._aside.setdefault(page.key, [])
        return page

    def drop(self) -> None:
        """The head is not to be read: nobody waits for it, or it was answered with its equal."""
        page = self._left(self._queue.pop(served=False))
        self._forget(page)

    def put_aside(self) -> bool:
        """Whether the head's equal is being read; then the head stands aside."""
        page = self.head()
        if not page.shares or page.key not in self._aside:
            return False
        self._aside[page.key].append(self._left(self._queue.pop(served=False)))
        return True

    def ended(self, page: WaitingPage, *, shared: bool) -> list[WaitingPage]:
        """The page was read, or failed; what stood aside for it goes back into the queue unless it is answered now.

        Args:
            page: which `take` gave.
            shared: its reading answers its equals.

        Returns:
            Those to be answered.
        """
        if not page.shares:
            return []
        self._forget(page)
        aside = self._aside.pop(page.key, [])
        if shared:
            equals = self._equals.pop(page.key, [])
            for other in equals:
                other.settled = True
            return equals
        for other in aside:
            self.put(other)
        return []

    def clear(self) -> list[WaitingPage]:
        """Everything that waits or stands aside; nothing does any more."""
        left = [page for pages in self._aside.values() for page in pages]
        while self._queue:
            left.append(self._left(self._queue.pop(served=False)))
        self._equals.clear()
        self._aside.clear()
        return left

    def _left(self, page: WaitingPage) -> WaitingPage:
        page.waits = False
        self.pixels -= page.pixels
        return page

    def _forget(self, page: WaitingPage) -> None:
        equals = self._equals.get(page.key, [])
        if page in equals:
            equals.remove(page)
            if not equals:
                del self._equals[page.key]
