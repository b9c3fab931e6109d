"""The pages of one document under way: the next ones started while earlier ones are read, their results told in order.

Few are read at once, so that memory does not grow with the page count. Pages that the accurate engine has are waited
for last: those behind them go on, up to a bound, so that it gets what a document has for it at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from function.reading.pages import PageWork, StartedPage
from function.results.model import PageResult

#: Seconds of silence after which a stream says that it still lives.
HEARTBEAT_SECONDS = 10.0
#: Pages behind one that the accurate engine has: results are small, pixels are not kept once a page is read.
_MOST_BEHIND = 64


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing new, but work goes on."""

    page: int
    """The page that is waited for."""


def in_order(work: PageWork, numbers: Sequence[int]) -> Iterator[Heartbeat | PageResult]:
    """Every page finished in order, the next ones started meanwhile.

    Raises:
        Outage: of the first page that has one, once those before it are told.
        CallerGone: nobody listens.
    """
    line = _Line(work)
    try:
        for number in numbers:
            page = work.start(number)
            while page.undrawn:  # what its document holds goes first
                if line.pages:
                    yield from line.first()
                work.draw(page)
            line.pages.append(page)
            line.advance()
            while line.pages and (line.pages[0].is_done or line.is_full):
                yield from line.step()
        while line.pages:
            yield from line.step()
    finally:
        for page in line.pages:
            work.release(page)


@dataclass(slots=True)
class _Line:
    """Pages in the order of the document, the first of which is told next."""

    work: PageWork
    pages: deque[StartedPage] = field(default_factory=deque)
    _told: float = field(default_factory=time.monotonic)

    @property
    def is_full(self) -> bool:
        """Whether to wait before another page is started."""
        escalated = sum(page.is_escalated for page in self.pages)
        unread = sum(not page.is_done and not page.is_escalated for page in self.pages)
        most = _MOST_BEHIND if escalated else self.work.lookahead
        room = self.work.escalation.room if self.work.escalation else 0
        return unread > self.work.lookahead or len(self.pages) > most or escalated > room

    def advance(self) -> None:
        """Go on with every page that can."""
        for page in self.pages:
            self.work.advance(page)

    def first(self) -> Iterator[Heartbeat | PageResult]:
        """Tell the first page."""
        page = self.pages[0]
        while self.pages and self.pages[0] is page:
            yield from self.step()

    def step(self) -> Iterator[Heartbeat | PageResult]:
        """Tell the first page where it is done, else wait a moment for whichever is to be done next."""
        self.advance()
        head = self.pages[0]
        if head.outage is not None:
            raise head.outage
        if head.result is not None:
            self.pages.popleft()
            yield head.result
            self._told = time.monotonic()
            return
        unread = (page for page in self.pages if not page.is_done and not page.is_escalated)
        self.work.glance(next(unread, head))
        self.advance()
        if time.monotonic() - self._told >= HEARTBEAT_SECONDS:
            yield Heartbeat(head.number)
            self._told = time.monotonic()
