"""Uploads that are read in this process, beside its callers, because there is no sink that would bring them back.

What waits here is forgotten with the process, and what is being read is dropped when it stops: all that matters lies in
the buckets. Whoever asks for a job that nobody reads has it taken in again, wherever he asks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from events.uploads import DocumentUploaded
from function.errors import OcrError, Outage, Refusal, Unexpected
from function.reading.caller import Caller, CallerGone
from function.telemetry import logs, spans

log = logging.getLogger(__name__)

#: Nobody waits with a watch in hand; each page has its own limit.
_NO_DEADLINE = 7 * 24 * 3600.0
#: Seconds before a second try after an outage of ours; doubled each time.
_PAUSE = 2.0
_GLANCE = 0.2


class Background:
    """Reads uploads, a few at once; used from many threads.

    Args:
        read: one upload for a caller; raises a Refusal, an Outage, CallerGone.
        not_ready: why documents cannot be read yet, or None.
        give_up: hears of an upload whose tries are used up, and why.
        threads: uploads read at once; fewer than there are slots, or callers would find none.
        waiting: most that wait; more are left in the bucket, where the next who asks for them finds them.
        tries: of one upload, when we fail.
    """

    def __init__(
        self,
        read: Callable[[DocumentUploaded, Caller], object],
        *,
        not_ready: Callable[[], str | None],
        give_up: Callable[[str, str], None],
        threads: int,
        waiting: int = 1000,
        tries: int = 5,
    ) -> None:
        self._read, self._not_ready, self._give_up = read, not_ready, give_up
        self._waiting, self._tries = waiting, tries
        self._here: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="background")

    def take(self, upload: DocumentUploaded) -> None:
        """Have an upload read when there is room; one that is here already is read once."""
        place = (upload.bucket, upload.key)
        with self._lock:
            if self._stopping.is_set() or place in self._here or len(self._here) >= self._waiting:
                return
            self._here.add(place)
            self._threads.submit(self._work, upload)

    def stop(self) -> None:
        """Drop what waits, and what is being read at its next page; returns when no thread is left."""
        with self._lock:
            self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _work(self, upload: DocumentUploaded) -> None:
        told = {"bucket": upload.bucket, "key": upload.key}
        span = spans.begin("background")
        try:
            self._tried(upload)
        except CallerGone:
            log.info("an upload is left for another instance: this one stops", extra=told)
        except Refusal as problem:
            log.warning("an upload was refused: %s", problem.detail, extra={**told, "outcome": problem.name})
        except OcrError as problem:
            log.error("an upload is given up: %s", problem.detail, extra={**told, "outcome": problem.name})
            try:
                self._give_up(upload.key, problem.detail)
            except OcrError as why:
                log.error("nor could that be noted: %s", why.detail, extra=told)
        finally:
            if span is not None:
                span.end()
            logs.forget()
            with self._lock:
                self._here.discard((upload.bucket, upload.key))

    def _tried(self, upload: DocumentUploaded) -> None:
        """Raises the Outage of the last try, a Refusal, or CallerGone when the process stops."""
        while self._not_ready() is not None:
            self._pause(_GLANCE)
        for number in range(1, self._tries + 1):
            try:
                self._once(upload)
            except Outage as problem:
                if number == self._tries:
                    raise
                log.warning("an upload is tried again: %s", problem.detail, extra={"outcome": problem.name})
                self._pause(_PAUSE * 2 ** (number - 1))
            else:
                return

    def _once(self, upload: DocumentUploaded) -> None:
        try:
            self._read(upload, Caller(_NO_DEADLINE, self._stopping.is_set))
        except (OcrError, CallerGone):
            raise
        except Exception as problem:
            log.exception("an upload failed of something unforeseen")
            raise Unexpected(type(problem).__name__) from problem

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise CallerGone
