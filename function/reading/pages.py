"""One page's way through the story: decide the rung, draw, read, arrange."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import numpy as np

from function.documents.base import Document
from function.errors import BadRequest, Refusal
from function.page import Asked, Box, PageImage, PageReading
from function.reading.batcher import Batcher, EngineReading
from function.reading.caller import Caller
from function.reading.clock import Clock
from function.reading.ladder import Decision, Ladder, merge
from function.reading.ladder_by_range import LadderByRange
from function.reading.layout import arrange, find_rulings
from function.reading.pixel_budget import PixelBudget, Share
from function.results.markdown import page_markdown
from function.results.model import Block, PageError, PageResult
from function.telemetry import metrics


@dataclass(slots=True)
class StartedPage:
    """A page under way: decided, perhaps drawn and queued, or already failed by its own fault.

    Attributes:
        undrawn: it is to be drawn, but there was no room for its pixels beside those that its document holds.
    """

    number: int
    undrawn: bool = False
    share: Share | None = None
    decision: Decision | None = None
    image: PageImage | None = None
    future: Future[EngineReading] | None = None
    failure: Refusal | None = None


@dataclass(slots=True)
class PageWork:
    """Starts and finishes the pages of one document; `failures` keeps what each unreadable page died of.

    Whatever was started is to be given to `release` in the end, which `finish` does.
    """

    document: Document
    ladder: Ladder | LadderByRange
    batchers: Mapping[str, Batcher]
    caller: Caller
    clock: Clock
    dpi: float
    budget: PixelBudget = field(default_factory=PixelBudget)
    asked: Asked = field(default_factory=Asked)
    failures: dict[int, Refusal] = field(default_factory=dict)
    _holding: int = 0

    def start(self, number: int) -> StartedPage:
        """Decide the rung; where pixels are to be read and there is room for them, draw the page and queue it.

        A Refusal here is the page's own fault and kept for `finish`; an Outage ends the document.
        """
        self.caller.check()
        page = StartedPage(number)
        try:
            with self.clock.phase("decide"):
                page.decision = self.ladder.decide(number)
            if page.decision.rung is None:
                page.failure = BadRequest(f"page {number}: {page.decision.reason}", remedy="Ask with ocr=auto.")
            elif page.decision.rung != "text" or page.decision.supplement:
                page.undrawn = True
                self.draw(page)
        except Refusal as problem:
            page.failure = problem
        return page

    def draw(self, page: StartedPage) -> None:
        """Draw an undrawn page and queue it; it stays undrawn where that would mean to wait with pages in hand.

        A Refusal is kept as in `start`.
        """
        assert page.decision is not None
        with self.clock.phase("queue"):
            page.share = self._share(page.decision.pixels)
        if page.share is None:
            return
        self._holding += 1
        page.undrawn = False
        try:
            with self.clock.phase("draw"):
                page.image = replace(self.document.draw(page.number, self.dpi), asked=self.asked)
            page.share.settle(page.image.width * page.image.height)
            with self.clock.phase("queue"):
                page.future = self._batcher(page.decision).submit(page.image, self.caller)
        except Refusal as problem:
            page.failure = problem
            self.release(page)
        except BaseException:
            self.release(page)
            raise

    def _share(self, pixels: int) -> Share | None:
        return self.budget.try_take(pixels) if self._holding else self.budget.take(pixels, self.caller)

    def release(self, page: StartedPage) -> None:
        """Nobody needs the page's pixels any more."""
        if page.future is not None:
            page.future.cancel()
        if page.share is not None:
            page.share.give_back()
            page.share, page.image = None, None
            self._holding -= 1

    def glance(self, page: StartedPage) -> None:
        """Wait a moment for the page's reading. Raises DeadlineExceeded or CallerGone."""
        if page.future is not None and page.decision is not None:
            self._batcher(page.decision).glance(page.future, self.caller)

    def _batcher(self, decision: Decision) -> Batcher:
        """The engine of the page's rung; what pictures add to a text layer is read by the fast one."""
        return self.batchers["accurate" if decision.rung == "accurate" else "fast"]

    def finish(self, page: StartedPage) -> PageResult:
        """Wait for the reading and arrange it. Outages are raised; a Refusal becomes a page with an error."""
        try:
            if page.failure is not None:
                raise page.failure
            result = self._arranged(page)
        except Refusal as problem:
            self.failures[page.number] = problem
            result = _failed(page, problem)
        finally:
            self.release(page)
        metrics.pages.labels(result.rung or "error").inc()
        return result

    def _arranged(self, page: StartedPage) -> PageResult:
        decision = page.decision
        assert decision is not None
        reading = self._reading(page, decision)
        with self.clock.phase("arrange"):
            blocks = self._blocks(page, decision, reading)
            return PageResult(
                number=page.number,
                width=reading.width,
                height=reading.height,
                dpi=page.image.dpi if page.image else self.dpi,
                rung=decision.rung,
                reason=decision.reason,
                rotation=reading.rotation,
                blocks=blocks,
                markdown=page_markdown(blocks),
                images=list(reading.images) or None,
                warnings=list(reading.warnings) or None,
            )

    def _blocks(self, page: StartedPage, decision: Decision, reading: PageReading) -> list[Block]:
        """The engine's own, where it arranges pages; else its lines, arranged."""
        if reading.blocks is not None:
            return reading.blocks
        rulings = self._rulings(page, decision, reading)
        return arrange(reading.lines, width=reading.width, height=reading.height, rulings=rulings)

    def _reading(self, page: StartedPage, decision: Decision) -> PageReading:
        if page.future is None:
            assert decision.reading is not None
            return decision.reading
        with self.clock.phase("read"):
            answer = self._batcher(decision).wait(page.future, self.caller)
        self.clock.elsewhere_cpu_seconds += answer.cpu_seconds
        self.clock.gpu_seconds += answer.reading.gpu_seconds
        if decision.rung == "text" and decision.reading is not None:
            return merge(decision.reading, answer.reading)
        return answer.reading

    def _rulings(self, page: StartedPage, decision: Decision, reading: PageReading) -> list[Box]:
        """Ruled lines of the upright page, from the pixels that are at hand anyway."""
        if page.image is None:
            return list(decision.rulings)
        return find_rulings(np.rot90(page.image.pixels, k=-reading.rotation // 90))


def _failed(page: StartedPage, problem: Refusal) -> PageResult:
    blocks: list[Block] = []
    return PageResult(
        number=page.number,
        width=page.image.width if page.image else 0,
        height=page.image.height if page.image else 0,
        dpi=page.image.dpi if page.image else None,
        rung=None,
        reason="the page could not be read",
        rotation=0,
        blocks=blocks,
        markdown="",
        error=PageError(type=problem.type, title=problem.title, detail=problem.detail, remedy=problem.remedy),
    )
