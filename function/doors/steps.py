"""A document's progress, made in a thread of its own, so that a stream can speak while nothing comes.

Whatever takes long, a slot, a large page that is drawn, an engine, must not look like a dead connection to proxies on
the way; and a client that goes away is noticed whatever is being done for it.
"""

from __future__ import annotations

import contextlib
import contextvars
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

from function.reading.caller import Caller, CallerGone
from function.reading.in_order import Heartbeat
from function.reading.reader import Progress
from function.results.model import DocumentResult

#: How often the client is looked for while nothing comes, in seconds.
_LOOK = 0.25


class _End:
    """Nothing follows."""


class Steps(Iterator[Progress]):
    """Each step as soon as it is made, and a heartbeat after each silence before the result, which is the last.

    At most one step is made ahead.

    Args:
        make: begins the reading for a caller; runs in the other thread.
        caller: who listens; gone, too, once `leave` was called.
        silence: seconds after which a heartbeat comes.
    """

    def __init__(
        self, make: Callable[[Caller], Generator[Progress, None, None]], caller: Caller, *, silence: float
    ) -> None:
        self._silence = silence
        self._page = 0
        self._whole = False
        self._left = threading.Event()
        self._handed: queue.Queue[Progress | BaseException | _End] = queue.Queue(maxsize=1)
        self._caller = replace(caller, gone=lambda: caller.gone() or self._left.is_set())
        work = contextvars.copy_context().run
        threading.Thread(target=work, args=(self._make, make), name="stream", daemon=True).start()

    def __next__(self) -> Progress:
        """Raises what the reading raised, CallerGone, or StopIteration."""
        until = time.monotonic() + self._silence
        while self._whole or (seconds := until - time.monotonic()) > 0:
            try:
                step = self._handed.get(timeout=_LOOK if self._whole else min(seconds, _LOOK))
            except queue.Empty:
                if self._caller.gone():
                    raise CallerGone from None
                continue
            if isinstance(step, _End):
                raise StopIteration
            if isinstance(step, BaseException):
                raise step
            self._page = step.page if isinstance(step, Heartbeat) else 0
            self._whole = isinstance(step, DocumentResult)
            return step
        return Heartbeat(self._page)

    def leave(self) -> None:
        """Nobody listens any more: what is not made yet is not made."""
        self._left.set()

    def _make(self, make: Callable[[Caller], Generator[Progress, None, None]]) -> None:
        end: BaseException | _End = _End()
        try:
            with contextlib.closing(make(self._caller)) as steps:
                for step in steps:
                    self._hand(step)
        except BaseException as problem:  # noqa: BLE001 - whoever waits is to know
            end = problem
        with contextlib.suppress(CallerGone):
            self._hand(end)

    def _hand(self, step: Progress | BaseException | _End) -> None:
        """Wait until the step before was taken. Raises CallerGone where nobody will."""
        while True:
            try:
                return self._handed.put(step, timeout=_LOOK)
            except queue.Full:
                if self._caller.gone():
                    raise CallerGone from None
