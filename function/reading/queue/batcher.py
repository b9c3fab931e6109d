"""Everyone's pages, handed to the engine in batches.

One thread owns an engine, because some predictors silently return another caller's text when threads share them
(PaddleOCR issue 18268); an engine that says that it may be read from several at once gets so many more. The queue is
bounded in pages, so a fast renderer waits here rather than filling memory; documents take turns in it; a page whose
caller has gone is dropped; one bad page fails alone; as many readings come out as pages went in.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from threading import Condition, Thread, get_ident
from typing import TypeVar

from function import heap
from function.engines.base import Engine
from function.errors import Corrupt, EngineFailed, NotReady, OcrError
from function.page import PageImage, PageReading, Pixels
from function.reading.caller import Caller, CallerGone
from function.reading.queue.batching import Batching
from function.reading.queue.waiting_pages import EngineReading, WaitingPage, WaitingPages
from function.reading.recall.known_pages import KnownPages, may_be_shared, renumbered
from function.telemetry import metrics, spans

__all__ = ["GLANCE", "Batcher", "EngineReading"]

log = logging.getLogger(__name__)
T = TypeVar("T")

#: How often a waiting caller is asked whether it is still there, in seconds.
GLANCE = 0.25
#: How often a batch that waits for company looks whether any can still come, in seconds.
_LOOK = 0.005


@dataclass(slots=True)
class _Crops:
    crops: Sequence[Pixels]
    caller: Caller
    future: Future[list[tuple[str, float]]] = field(default_factory=Future)


class Batcher:
    """The engine's only door.

    Args:
        engine: used from this object's threads alone once `start` was called.
        queue_pages: pages that may wait; who submits beyond that blocks until its page's turn comes, or there is room.
        stuck_seconds: an engine that is at one batch for longer will not come back, and only a new process helps.
        batching: what forms batches; may be replaced while it runs.
        weights: of tenants whose pages take turns; 1 where nothing is said.
        known: pages that were read before; None where every page is read.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        queue_pages: int,
        stuck_seconds: float = 600.0,
        batching: Batching | None = None,
        weights: Mapping[str, float] | None = None,
        known: KnownPages | None = None,
    ) -> None:
        self.engine = engine
        self.batching = batching or Batching()
        self._stuck_seconds = stuck_seconds
        self._busy_since: dict[int, float] = {}
        self._queue_pages = queue_pages
        self._known = known
        self._pages = WaitingPages(weights)
        self._crops: deque[_Crops] = deque()
        self._changed = Condition()
        self._loaded: Future[None] = Future()
        self._closing = self._worked = False
        self._thread = Thread(target=self._own, name="engine", daemon=True)
        self._readers: list[Thread] = []

    def start(self) -> Future[None]:
        """Load the engine in its own thread; the future ends when it can read, or with the error."""
        self._thread.start()
        return self._loaded

    @property
    def alive(self) -> bool:
        """False once an engine thread has ended or hangs; then only a new process helps."""
        now = time.monotonic()
        if any(now - since > self._stuck_seconds for since in list(self._busy_since.values())):
            return False
        return all(thread.ident is None or thread.is_alive() for thread in (self._thread, *self._readers))

    @property
    def is_full(self) -> bool:
        """Whether who submits now has to wait."""
        return len(self._pages) >= self._queue_pages

    def submit(self, image: PageImage, caller: Caller) -> Future[EngineReading]:
        """Queue a page; blocks while the queue is too full and the page's turn has not come.

        Raises:
            DeadlineExceeded, CallerGone: while blocked.
            NotReady: the batcher is closing or its engine did not load.
        """
        page = WaitingPage(image, caller)
        if self._known is not None and caller.keep:
            page.engine = self.engine.info
            page.key, page.shares = self._known.key(image, page.engine), caller.recall
            if caller.recall and (reading := self._known.find(page.key, image.number)) is not None:
                page.future.set_result(EngineReading(reading, 0.0))
                return page.future
        with self._changed:
            self._must_work()
            self._pages.put(page)
            self._told()
            while page.waits and len(self._pages) > self._queue_pages and not self._closing:
                self._changed.wait(GLANCE)
                _check(caller, page.future)
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
            _check(caller, future)
        return bool(done)

    def wait(self, future: Future[T], caller: Caller) -> T:
        """The future's result, for as long as the caller stays. Raises what reading raised, or as `glance`."""
        while not self.glance(future, caller):
            pass
        return future.result()

    def close(self) -> None:
        """Finish what is queued, give the engine back, end the threads."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _must_work(self) -> None:
        if self._closing or not self.alive:
            raise NotReady("the engine is not running: this process is ending")

    def _told(self) -> None:
        """The queue has changed. The lock is held."""
        metrics.queue_pages.set(len(self._pages))
        self._changed.notify_all()

    def _own(self) -> None:
        """The thread that loads and closes the engine and reads lines; pages, too, unless others do."""
        try:
            self.engine.load()
            beside = self.engine.parallel if self.engine.parallel > 1 else 0
        except BaseException as problem:
            log.exception("the engine could not be loaded")
            self._end(problem)
            return
        self._readers = [Thread(target=self._read, name=f"engine-{n}", daemon=True) for n in range(1, beside + 1)]
        for thread in self._readers:
            thread.start()
        self._loaded.set_result(None)
        try:
            while self._step(lines=True, pages=not beside):
                pass
            for thread in self._readers:
                thread.join()
            self.engine.close()
        finally:
            self._end(NotReady("this process is ending"))

    def _read(self) -> None:
        """A thread that reads pages beside others; where it fails, so does the whole."""
        try:
            while self._step(lines=False, pages=True):
                pass
        except BaseException as problem:
            log.exception("a thread of the engine has ended")
            self._end(_as_ours(problem))

    def _end(self, problem: BaseException) -> None:
        """Nobody may wait for a thread that has ended."""
        with self._changed:
            self._closing = True
            waiting: list[WaitingPage | _Crops] = [*self._pages.clear(), *self._crops]
            self._crops.clear()
            self._changed.notify_all()
        if not self._loaded.done():
            self._loaded.set_exception(problem)
        for item in waiting:
            if not item.future.done() and item.future.set_running_or_notify_cancel():
                item.future.set_exception(problem)

    def _step(self, *, lines: bool, pages: bool) -> bool:
        """One turn of a thread; False once closing and drained."""
        with self._changed:
            work = self._next(lines=lines, pages=pages)
        if work is None:
            return False
        self._worked = True
        self._busy_since[get_ident()] = time.monotonic()
        if isinstance(work, _Crops):
            self._run_crops(work)
        else:
            self._run_pages(work)
        self._busy_since.pop(get_ident())
        return True

    def _next(self, *, lines: bool, pages: bool) -> _Crops | list[WaitingPage] | None:
        """Wait for work. The lock is held on entry and on return."""
        began = 0.0
        while True:
            if lines and self._crops:
                return self._crops.popleft()
            if pages and self._pages:
                began = began or time.monotonic()
                patience = self._patience()
                if patience > 0:
                    self._changed.wait(min(patience, _LOOK))
                elif batch := self._take():
                    if self.batching.window > 0:
                        metrics.batch_wait_seconds.observe(time.monotonic() - began)
                    return batch
            elif self._closing:
                return None
            else:
                self._rest(lines=lines)

    def _rest(self, *, lines: bool) -> None:
        """Wait for news; the first long wait after work gives memory back. The lock is held on entry and on return."""
        if not (lines and self._worked):
            self._changed.wait()
        elif not self._changed.wait(heap.REST):
            self._worked = False
            self._changed.release()
            try:
                heap.give_back()
            finally:
                self._changed.acquire()

    def _patience(self) -> float:
        """For how many seconds the batch may wait for company."""
        if self._closing or len(self._pages) >= self.engine.max_batch:
            return 0.0
        return self.batching.patience(
            since=self._pages.since,
            now=time.monotonic(),
            pixels=self._pages.pixels,
            documents=self._pages.documents,
        )

    def _take(self) -> list[WaitingPage]:
        """As many pages whose callers still wait as make a batch. The lock is held."""
        batch: list[WaitingPage] = []
        pixels = 0
        while self._pages and len(batch) < self.engine.max_batch:
            page = self._pages.head()
            if batch and pixels + page.pixels > self.batching.pixels:
                break
            if self._pages.put_aside():
                continue
            if not _wanted(page):
                self._pages.drop()
                continue
            batch.append(self._pages.take())
            pixels += page.pixels
            metrics.queue_seconds.observe(time.monotonic() - page.queued)
            spans.past("queue", page.caller.trace, page.queued, page=page.image.number)
        self._told()
        return batch

    def _run_crops(self, item: _Crops) -> None:
        if not item.future.set_running_or_notify_cancel():
            return
        try:
            item.future.set_result(self.engine.recognise(item.crops))
        except NotImplementedError as problem:  # it reads whole pages only
            item.future.set_exception(problem)
        except Exception as problem:
            log.exception("the engine failed on single lines")
            item.future.set_exception(_as_ours(problem))

    def _run_pages(self, batch: list[WaitingPage]) -> None:
        metrics.batch_pages.observe(len(batch))
        metrics.batch_pixels.observe(sum(page.pixels for page in batch))
        # Several threads at once would each count the whole process.
        cpu_now = time.thread_time if self._readers else time.process_time
        began, cpu = time.perf_counter(), cpu_now()
        waiting = dict(enumerate(batch))
        since = time.monotonic()
        problem: Exception = EngineFailed("the engine gave fewer readings than it was given pages")
        try:
            for index, outcome in self.engine.read([page.image for page in batch]):
                spent, cpu = cpu_now() - cpu, cpu_now()
                page = waiting.pop(index)
                name = self.engine.info.name
                spans.past("engine", page.caller.trace, since, page=page.image.number, batch=len(batch), engine=name)
                self._answer(page, outcome, cpu_seconds=spent)
        except Exception as raised:
            log.exception("the engine failed on a batch of %d pages", len(batch))
            problem = raised
        metrics.engine_seconds.inc(time.perf_counter() - began)
        if waiting and len(batch) > 1:
            for page in waiting.values():
                metrics.retries.labels("page").inc()
                self._run_pages([page])
        elif waiting:
            self._answer(batch[0], _as_ours(problem), cpu_seconds=0.0)

    def _answer(self, page: WaitingPage, outcome: PageReading | Exception, *, cpu_seconds: float) -> None:
        if page.caller.remaining <= 0 or page.caller.gone():
            metrics.wasted_pages.inc()
        if isinstance(outcome, Exception):
            self._leave(page, shared=False)
            page.future.set_exception(_of_this_page(page, outcome))
            return
        shared = may_be_shared(outcome)
        # One that is elsewhere may have become another while it read: then the key is no longer this page's.
        if shared and page.key and self._known is not None and page.engine == self.engine.info:
            self._known.keep(page.key, outcome, page.image.number)
        equals = self._leave(page, shared=shared)
        page.future.set_result(EngineReading(outcome, cpu_seconds))
        for other in equals:
            if other.future.set_running_or_notify_cancel():
                metrics.cache_page_lookups.labels("shared").inc()
                reading = renumbered(outcome, page.image.number, other.image.number)
                other.future.set_result(EngineReading(reading, 0.0))
            else:
                metrics.dropped_pages.inc()

    def _leave(self, page: WaitingPage, *, shared: bool) -> list[WaitingPage]:
        """The page is read or has failed. Returns those that its reading answers, too."""
        if not page.shares:
            return []
        with self._changed:
            equals = self._pages.ended(page, shared=shared)
            self._told()
        return equals


def _check(caller: Caller, future: Future[T]) -> None:
    """Raise where nobody waits any more; the work is cancelled then."""
    try:
        caller.check()
    except (OcrError, CallerGone):
        future.cancel()
        raise


def _wanted(page: WaitingPage) -> bool:
    """Whether anybody still waits; where nobody does, the future ends here."""
    if page.settled:
        return False
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


def _of_this_page(page: WaitingPage, problem: Exception) -> OcrError:
    if isinstance(problem, OcrError):
        return problem
    log.warning("the engine cannot read page %d", page.image.number, exc_info=problem)
    return Corrupt(f"page {page.image.number} cannot be read: {problem}")


def _as_ours(problem: BaseException) -> OcrError:
    if isinstance(problem, OcrError):
        return problem
    return EngineFailed(f"the engine failed ({type(problem).__name__}); the log tells why")
