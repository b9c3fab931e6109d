"""Threads that do the work of several pages, the earliest page's first, so that none waits between two pages."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_LAST = float("inf")


class Crew:
    """A thread pool whose queue is ordered by rank instead of by arrival.

    Args:
        size: threads.
    """

    def __init__(self, size: int) -> None:
        self._queue: queue.PriorityQueue[tuple[float, int, Callable[[], None]]] = queue.PriorityQueue()
        self._ticket = itertools.count()
        self._threads = [threading.Thread(target=self._work, name=f"rapid-{n}", daemon=True) for n in range(size)]
        for thread in self._threads:
            thread.start()

    def submit(self, rank: float, work: Callable[[], T]) -> Future[T]:
        """Do `work` on the next free thread, before all work of a higher rank that has not begun."""
        future: Future[T] = Future()
        self._queue.put((rank, next(self._ticket), lambda: _settle(future, work)))
        return future

    def close(self) -> None:
        """Finish what was submitted and end the threads."""
        for _ in self._threads:
            self._queue.put((_LAST, next(self._ticket), _stop))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (task := self._queue.get()[2]) is not _stop:
            task()
            del task  # an idle thread must not keep the last page's pixels alive


def _settle(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as problem:  # noqa: BLE001 - the one who asked gets it, whatever it is
        future.set_exception(problem)


def _stop() -> None:
    """Tells a thread to end."""
