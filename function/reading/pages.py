"""One page's way: decide the rung, draw, read, arrange; where its signs call for it, read it accurately."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from msgspec import structs

from function.documents.base import Document
from function.errors import BadRequest, Corrupt, Outage, Refusal
from function.page import Asked, PageImage, PageReading
from function.reading.accurate.escalation import Escalation
from function.reading.caller import Caller
from function.reading.clock import Clock
from function.reading.ladder import Decision, Ladder, merge
from function.reading.page_results import failed_page, page_result
from function.reading.queue.batcher import Batcher, EngineReading
from function.reading.queue.pixel_budget import PixelBudget, Share
from function.reading.splitting.ladder_by_range import LadderByRange
from function.results.model import PageResult
from function.telemetry import metrics

#: Pages of one document that are drawn and queued while an earlier one is waited for.
LOOKAHEAD = 2


@dataclass(slots=True)
class StartedPage:
    """A page under way: decided, perhaps drawn and queued, finished in the end, or already failed by its own fault.

    Attributes:
        undrawn: it is to be drawn, but there was no room for its pixels beside those that its document holds.
        less: what stands where the accurate engine, which has the page now, does not answer.
        result: what the caller gets.
        outage: what its document fails of when its turn comes.
    """

    number: int
    undrawn: bool = False
    share: Share | None = None
    decision: Decision | None = None
    image: PageImage | None = None
    future: Future[EngineReading] | None = None
    failure: Refusal | None = None
    less: PageResult | None = None
    result: PageResult | None = None
    outage: Outage | None = None

    @property
    def is_done(self) -> bool:
        """Nothing is waited for any more."""
        return self.result is not None or self.outage is not None

    @property
    def is_escalated(self) -> bool:
        """The accurate engine has it, on top of what is known of it."""
        return self.less is not None and not self.is_done


@dataclass(slots=True)
class PageWork:
    """Starts and finishes the pages of one document; `failures` keeps what each unreadable page died of.

    Whatever was started is to be given to `release` in the end.

    Attributes:
        lookahead: pages that are drawn and queued while an earlier one is waited for.
        escalation: the step to the accurate rung; None where every page stays on the rung that was decided.
    """

    document: Document
    ladder: Ladder | LadderByRange
    batchers: Mapping[str, Batcher]
    caller: Caller
    clock: Clock
    dpi: float
    budget: PixelBudget = field(default_factory=PixelBudget)
    asked: Asked = field(default_factory=Asked)
    lookahead: int = LOOKAHEAD
    escalation: Escalation | None = None
    failures: dict[int, Refusal] = field(default_factory=dict)
    _holding: int = 0

    def start(self, number: int) -> StartedPage:
        """Decide the rung; where pixels are to be read and there is room for them, draw the page and queue it.

        A Refusal here is the page's own fault and kept for `advance`; an Outage ends the document.
        """
        self.caller.check()
        page = StartedPage(number)
        try:
            with self.clock.phase("decide"):
                page.decision = self.ladder.decide(number)
            if page.decision.rung is None:
                page.failure = BadRequest(f"page {number}: {page.decision.reason}", remedy="Ask with ocr=auto.")
                return page
            if page.decision.rung == "text" and not page.decision.supplement:
                self._judge_layer(page)
            if not page.is_done and (page.decision.rung != "text" or page.decision.supplement):
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
        if self._holding and self.escalation is None and self._batcher(page.decision).is_full:
            return
        with self.clock.phase("queue"):
            page.share = self._share(page.decision.pixels)
        if page.share is None:
            return
        self._holding += 1
        page.undrawn = False
        try:
            with self.clock.phase("draw"), metrics.render_seconds.time():
                page.image = replace(self.document.draw(page.number, self.dpi), asked=self.asked)
            page.share.settle(page.image.width * page.image.height)
            self._queue(page, page.image, page.decision)
        except Refusal as problem:
            page.failure = problem
            self.release(page)
        except BaseException:
            self.release(page)
            raise

    def _share(self, pixels: int) -> Share | None:
        return self.budget.try_take(pixels) if self._holding else self.budget.take(pixels, self.caller)

    def _queue(self, page: StartedPage, image: PageImage, decision: Decision) -> None:
        with self.clock.phase("queue"):
            if page.less is None:
                page.future = self._batcher(decision).submit(image, self.caller)
                return
            assert self.escalation is not None
            try:
                page.future = self.escalation.hand_over(image)
            except Outage as problem:
                self._keep_less(page, problem)

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
        if page.future is None or page.decision is None:
            return
        with self.clock.phase("read"):
            if page.less is None or self.escalation is None:
                self._batcher(page.decision).glance(page.future, self.caller)
                return
            try:
                self.escalation.batcher.glance(page.future, self.escalation.caller)
            except Outage as problem:  # the glance has taken the page back
                self._keep_less(page, problem)

    def _batcher(self, decision: Decision) -> Batcher:
        """The engine of the page's rung; what pictures add to a text layer is read by the fast one."""
        return self.batchers["accurate" if decision.rung == "accurate" else "fast"]

    def advance(self, page: StartedPage) -> None:
        """Go on with a page as far as nothing has to be waited for; an Outage is kept until the page's turn comes."""
        if page.is_done or page.undrawn or not (page.future is None or page.future.done()):
            return
        try:
            self._settle(page)
        except Outage as problem:
            page.outage = problem
            self.release(page)

    def _settle(self, page: StartedPage) -> None:
        try:
            if page.failure is not None:
                raise page.failure
            result, reading = self._arranged(page)
        except Refusal as problem:
            self._refuse(page, problem)
        except Outage as problem:
            if page.less is None:
                raise
            self._keep_less(page, problem)
        else:
            if page.less is not None:
                self._finish(page, structs.replace(result, evidence=page.less.evidence))
            else:
                self._judge(page, result, reading)

    def _refuse(self, page: StartedPage, problem: Refusal) -> None:
        """The page's own fault; where only the accurate engine cannot read it, what is known of it stands."""
        if page.less is None:
            self.failures[page.number] = problem
            self._finish(page, failed_page(page.number, page.image, problem))
            return
        refused = f"the accurate engine cannot read this page ({problem.detail}); less stands here"
        self._finish(page, structs.replace(page.less, warnings=[*(page.less.warnings or []), refused]))

    def _arranged(self, page: StartedPage) -> tuple[PageResult, PageReading]:
        assert page.decision is not None
        reading = self._reading(page, page.decision)
        with self.clock.phase("arrange"):
            return page_result(page.number, page.decision, reading, page.image, dpi=self.dpi), reading

    def _reading(self, page: StartedPage, decision: Decision) -> PageReading:
        if page.future is None:
            assert decision.reading is not None
            return decision.reading
        answer = page.future.result()
        self.clock.elsewhere_cpu_seconds += answer.cpu_seconds
        self.clock.gpu_seconds += answer.reading.gpu_seconds
        if decision.rung == "text" and decision.reading is not None:
            return merge(decision.reading, answer.reading)
        return answer.reading

    def _judge_layer(self, page: StartedPage) -> None:
        """A page of text is done, unless what stands in it is to be read accurately all the same."""
        if self.escalation is None or not self.escalation.thresholds.text:
            return
        result, _ = self._arranged(page)
        with self.clock.phase("judge"):
            signs = self.escalation.signs_of_layer(result.blocks)
        self._climb(page, structs.replace(result, evidence=signs.told()), self.escalation.reasons(signs))

    def _judge(self, page: StartedPage, result: PageResult, reading: PageReading) -> None:
        """A page that was read is done, unless its signs call for the accurate rung."""
        decision, image = page.decision, page.image
        if self.escalation is None or image is None or decision is None or decision.rung == "accurate":
            self._finish(page, result)
            return
        with self.clock.phase("judge"):
            signs = self.escalation.signs_of_picture(
                reading, result.blocks, image.pixels, rung=str(decision.rung), foreign=decision.foreign
            )
        self._climb(page, structs.replace(result, evidence=signs.told()), self.escalation.reasons(signs))
        if page.less is not None and not page.is_done:
            assert page.decision is not None
            self._queue(page, image, page.decision)

    def _climb(self, page: StartedPage, result: PageResult, reasons: str) -> None:
        """Make the page one for the accurate engine, where there are reasons and it can still be had."""
        assert self.escalation is not None
        assert page.decision is not None
        if not reasons:
            self._finish(page, result)
            return
        page.less = structs.replace(result, reason=f"{result.reason}; {reasons}")
        if hopeless := self.escalation.hopeless():
            self._degrade(page, hopeless)
            return
        page.decision = replace(page.decision, rung="accurate", reason=page.less.reason)

    def _keep_less(self, page: StartedPage, problem: Outage) -> None:
        assert self.escalation is not None
        self._degrade(page, self.escalation.failed(problem))

    def _degrade(self, page: StartedPage, why: str) -> None:
        assert page.less is not None
        metrics.ladder_degraded.inc()
        self._finish(page, structs.replace(page.less, degraded=why))

    def _finish(self, page: StartedPage, result: PageResult) -> None:
        if page.image is not None and page.image.is_damaged and not result.blocks and result.error is None:
            detail = f"page {page.number}: its picture is damaged, and no text was found in what is left of it"
            self.failures[page.number] = Corrupt(detail)
            result = failed_page(page.number, page.image, self.failures[page.number])
        page.result = result
        self.release(page)
        metrics.pages.labels(result.rung or "error").inc()
