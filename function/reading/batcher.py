"""Everyone's pages, handed to one engine thread in batches.

One thread owns the engine, because some predictors silently return another caller's text when threads share them
(PaddleOCR issue 18268). The queue is bounded in pages, so a fast renderer waits here rather than filling memory; a
page whose caller has gone is dropped; one bad page fails alone; as many readings come out as pages went in.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import TypeVar

from function.engines.base import Engine
from function.errors import Corrupt, EngineFailed, NotReady, OcrError
from function.page import PageImage, PageReading, Pixels
from function.reading.caller import Caller, CallerGone
from function.telemetry import metrics

log = logging.getLogger(__name__)
T = TypeVar("T")

#: How often a waiting caller is asked whether it is still there, in seconds.
GLANCE = 0.25


@dataclass(frozen=True, slots=True)
class EngineReading:
    """A page's reading, and the processor seconds of the whole process since the page before it was finished.

    Pages of a batch overlap, so one page's figure means little; the sum over pages is what reading them cost, plus
    whatever other threads did meanwhile.
    """

    reading: PageReading
    cpu_seconds: float


@dataclass(slots=True)
class _Page:
    image: PageImage
    caller: Caller
    future: Future[EngineReading] = field(default_factory=Future)
    queued: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class _Crops:
    crops: Sequence[Pixels]
    caller: Caller
    future: Future[list[tuple[str, float]]] = field(default_factory=Future)


class Batcher:
    """The engine's only door.

    Args:
        engine: used from this object's thread alone once `start` was called.
        queue_pages: pages that may wait; the next `submit` blocks.
        stuck_seconds: an engine that is at one batch for longer will not come back, and only a new process helps.
    """

    def __init__(self, engine: Engine, *, queue_pages: int, stuck_seconds: float = 600.0) -> None:
        self.engine = engine
        self._stuck_seconds = stuck_seconds
        self._busy_since: float | None = None
        self._queue_pages = queue_pages
        self._pages: deque[_Page] = deque()
        self._crops: deque[_Crops] = deque()
        self._changed = Condition()
        self._loaded: Future[None] = Future()
        self._closing = False
        self._thread = Thread(target=self._work, name="engine", daemon=True)

    def start(self) -> Future[None]:
        """Load the engine in its own thread; the future ends when it can read, or with the error."""
        self._thread.start()
        return self._loaded

    @property
    def alive(self) -> bool:
        """False once the engine thread has ended or hangs; then only a new process helps."""
        since = self._busy_since
        if since is not None and time.monotonic() - since > self._stuck_seconds:
            return False
        return self._thread.ident is None or self._thread.is_alive()

    def submit(self, image: PageImage, caller: Caller) -> Future[EngineReading]:
        """Queue a page; blocks while the queue is full.

        Raises:
            DeadlineExceeded, CallerGone: while blocked.
            NotReady: the batcher is closing or its engine did not load.
        """
        page = _Page(image, caller)
        with self._changed:
            while len(self._pages) >= self._queue_pages and not self._closing:
                self._changed.wait(GLANCE)
                caller.check()
            self._must_work()
            self._pages.append(page)
            metrics.queue_pages.set(len(self._pages))
            self._changed.notify_all()
        return page.future

    def recognise(self, crops: Sequence[Pixels], caller: Caller) -> list[tuple[str, float]]:
        """Read single-line crops, ahead of whole pages (an answer waits for so little work).

        Raises:
            EngineFailed, DeadlineExceeded, CallerGone, NotReady.
        """
        item = _Crops(crops, caller)
        with self._changed:
            self._must_work()
            self._crops.append(item)
            self._changed.notify_all()
        return self.wait(item.future, caller)

    def glance(self, future: Future[T], caller: Caller) -> bool:
        """Wait a moment for the future; whether it is done.

        Raises:
            DeadlineExceeded, CallerGone: nobody waits any more; the work is cancelled.
        """
        done, _ = wait([future], timeout=min(GLANCE, max(caller.remaining, 0.001)))
        if not done:
            try:
                caller.check()
            except (OcrError, CallerGone):
                future.cancel()
                raise
        return bool(done)

    def wait(self, future: Future[T], caller: Caller) -> T:
        """The future's result, for as long as the caller stays. Raises what reading raised, or as `glance`."""
        while not self.glance(future, caller):
            pass
        return future.result()

    def close(self) -> None:
        """Finish what is queued, give the engine back, end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _must_work(self) -> None:
        if self._closing or not self.alive:
            raise NotReady("the engine is not running: this process is ending")

    def _work(self) -> None:
        try:
            self.engine.load()
        except BaseException as problem:
            log.exception("the engine could not be loaded")
            self._end(problem)
            return
        self._loaded.set_result(None)
        try:
            while self._step():
                pass
            self.engine.close()
        finally:
            self._end(NotReady("this process is ending"))

    def _end(self, problem: BaseException) -> None:
        """Nobody may wait for a thread that has ended."""
        with self._changed:
            self._closing = True
            waiting: list[_Page | _Crops] = [*self._pages, *self._crops]
            self._pages.clear()
            self._crops.clear()
            self._changed.notify_all()
        if not self._loaded.done():
            self._loaded.set_exception(problem)
        for item in waiting:
            if item.future.set_running_or_notify_cancel():
                item.future.set_exception(problem)

    def _step(self) -> bool:
        """One turn of the engine thread; False once closing and drained."""
        with self._changed:
            while not (self._crops or self._pages or self._closing):
                self._changed.wait()
            crops = self._crops.popleft() if self._crops else None
            batch = [] if crops else self._take()
            if crops is None and not batch and self._closing and not self._pages:
                return False
        self._busy_since = time.monotonic()
        if crops is not None:
            self._run_crops(crops)
        elif batch:
            self._run_pages(batch)
        self._busy_since = None
        return True

    def _take(self) -> list[_Page]:
        """Up to `max_batch` pages whose callers still wait. The lock is held."""
        batch: list[_Page] = []
        while self._pages and len(batch) < self.engine.max_batch:
            page = self._pages.popleft()
            if _wanted(page):
                batch.append(page)
                metrics.queue_seconds.observe(time.monotonic() - page.queued)
        metrics.queue_pages.set(len(self._pages))
        self._changed.notify_all()
        return batch

    def _run_crops(self, item: _Crops) -> None:
        if not item.future.set_running_or_notify_cancel():
            return
        try:
            item.future.set_result(self.engine.recognise(item.crops))
        except Exception as problem:
            log.exception("the engine failed on single lines")
            item.future.set_exception(_as_ours(problem))

    def _run_pages(self, batch: list[_Page]) -> None:
        metrics.batch_pages.observe(len(batch))
        began, cpu = time.perf_counter(), time.process_time()
        waiting = dict(enumerate(batch))
        problem: Exception = EngineFailed("the engine gave fewer readings than it was given pages")
        try:
            for index, outcome in self.engine.read([page.image for page in batch]):
                spent, cpu = time.process_time() - cpu, time.process_time()
                _answer(waiting.pop(index), outcome, cpu_seconds=spent)
        except Exception as raised:
            log.exception("the engine failed on a batch of %d pages", len(batch))
            problem = raised
        metrics.engine_seconds.inc(time.perf_counter() - began)
        if waiting and len(batch) > 1:
            for page in waiting.values():
                self._run_pages([page])
        elif waiting:
            batch[0].future.set_exception(_as_ours(problem))


def _wanted(page: _Page) -> bool:
    """Whether anybody still waits; where nobody does, the future ends here."""
    if not page.future.set_running_or_notify_cancel():
        metrics.dropped_pages.inc()
        return False
    try:
        page.caller.check()
    except (OcrError, CallerGone) as problem:
        metrics.dropped_pages.inc()
        page.future.set_exception(problem)
        return False
    return True


def _answer(page: _Page, outcome: PageReading | Exception, *, cpu_seconds: float) -> None:
    if isinstance(outcome, OcrError):
        page.future.set_exception(outcome)
    elif isinstance(outcome, Exception):
        log.warning("the engine cannot read page %d", page.image.number, exc_info=outcome)
        page.future.set_exception(Corrupt(f"page {page.image.number} cannot be read: {outcome}"))
    else:
        page.future.set_result(EngineReading(outcome, cpu_seconds))


def _as_ours(problem: Exception) -> OcrError:
    if isinstance(problem, OcrError):
        return problem
    return EngineFailed(f"the engine failed ({type(problem).__name__}); the log tells why")
