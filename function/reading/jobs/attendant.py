"""Beside the reading of a job: whether its caller still wants it, and how far it has come, in a thread of its own.

A reading must wait neither for a store that is slow to say whether a job was cancelled nor for one that is slow to note
its progress; so neither is asked by the threads that read.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone

from function.errors import OcrError
from function.reading.caller import Caller
from function.reading.jobs.job_records import Progress

log = logging.getLogger(__name__)

#: Seconds between two looks whether the job was cancelled, and between two writings of its progress. Documents that
#: are read within the first cost no writing at all.
GLANCE, TELLING = 1.0, 5.0


class Attendant:
    """Use it in a `with`, and read for its `caller`.

    Args:
        caller: who delivers the job.
        is_cancelled: asks the store.
        tell: writes the progress into the store.
    """

    def __init__(self, caller: Caller, is_cancelled: Callable[[], bool], tell: Callable[[Progress], None]) -> None:
        self._is_cancelled, self._tell = is_cancelled, tell
        self._over = threading.Event()
        self._started: datetime | None = None
        self._done = self._total = 0
        #: Whether the job was found cancelled.
        self.cancelled = False
        self.caller = replace(caller, gone=lambda: self.cancelled or caller.gone(), progress=self._count)

    def __enter__(self) -> Attendant:
        threading.Thread(target=self._attend, name="job-attendant", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()  # not waited for: the store may be slow

    def _count(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self._started = self._started or datetime.now(timezone.utc)

    def _attend(self) -> None:
        told = 0.0
        while not self._over.wait(GLANCE):
            try:
                self.cancelled = self.cancelled or self._is_cancelled()
                if self._started and not self.cancelled and time.monotonic() - told >= TELLING:
                    self._tell(Progress(self._started, self._done, self._total))
                    told = time.monotonic()
            except OcrError as problem:
                log.info("a job's markers cannot be reached while it is read: %s", problem.detail)
