"""How a job stands, told from what lies in the buckets: its record, its markers, its result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from function.errors import SourceGone
from function.reading.jobs.job_records import CANCELLED, FAILED, PROGRESS, RECORD, Failure, Progress, Record
from function.reading.splitting import parts
from function.reading.uploads.commit import is_about
from function.reading.uploads.inbox import FACTS, Facts
from function.stores.base import Location, ObjectHead, Store

State: TypeAlias = Literal["waiting", "queued", "reading", "done", "refused", "failed", "cancelled"]
FINAL: frozenset[State] = frozenset({"done", "refused", "failed", "cancelled"})
#: A reading writes its progress every few seconds; one that is silent for longer was killed, and waits again.
SILENT = timedelta(seconds=30)


class Pages(Struct, frozen=True):
    """How many pages."""

    done: int
    total: int
    failed: int = 0


class JobStatus(Struct, frozen=True, omit_defaults=True):
    """How a job stands.

    Attributes:
        id: of the job.
        state: `waiting` for its upload, `queued`, `reading`, or one of the ends.
        name: of the document.
        created: when it was asked for.
        started: when its reading began, where it was long enough to be told.
        finished: when it ended.
        pages: how many are read, as far as is known.
        remaining_seconds: until the result, estimated from what the pages took so far.
        problem: why there is no result.
    """

    id: str
    state: State
    name: str
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    pages: Pages | None = None
    remaining_seconds: float | None = None
    problem: Mapping[str, Any] | None = None

    @property
    def retry_after(self) -> int:
        """Seconds after which it is worth asking again."""
        return 2 if self.remaining_seconds is None else min(30, max(1, math.ceil(self.remaining_seconds / 2)))


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a job.

    Attributes:
        status: of it.
        upload: where it is still to be read.
        result: where it stands.
    """

    status: JobStatus
    upload: ObjectHead | None = None
    result: ObjectHead | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A look at one job.

    Attributes:
        record: of it.
        markers: its small objects by name, as listed.
        name: key of its result without ending.
        uploads: store of its upload.
        results: store of its result and markers.
        target: where in that.
    """

    record: Record
    markers: Mapping[str, ObjectHead]
    name: str
    uploads: Store
    results: Store
    target: Location

    def found(self) -> Found:
        """How it stands: an end first, since a redelivery may go on after it. Raises StoreUnavailable."""
        if cancelled := self.markers.get(CANCELLED):
            return Found(self._told("cancelled", finished=cancelled.modified))
        progress, upload = self._progress(), self.uploads.head(self.record.bucket, self.record.key)
        if result := self._own(f"{self.name}.json", upload):
            return Found(self._done(result, progress), result=result)
        if refusal := self._own(f"{self.name}.error.json", upload):
            problem = msgspec.json.decode(self._read(refusal.key) or b"{}")
            return Found(self._told("refused", finished=refusal.modified, problem=problem))
        if reading := self._reading(progress):
            return Found(reading, upload=upload)
        if (failed := self.markers.get(FAILED)) and (why := self._read(failed.key)):
            failure = msgspec.json.decode(why, type=Failure)
            return Found(self._told("failed", finished=failure.at, problem={"detail": failure.detail}), upload=upload)
        return Found(self._told("queued" if upload else "waiting"), upload=upload)

    def _told(self, state: State, **more: Any) -> JobStatus:
        record = self.record
        return JobStatus(record.id, state, record.name, record.created, **more)

    def _done(self, result: ObjectHead, progress: Progress | None) -> JobStatus:
        facts = msgspec.json.decode(result.metadata[FACTS], type=Facts) if FACTS in result.metadata else None
        read = sum(facts.rungs.values()) + facts.failed_pages if facts else 0
        return self._told(
            "done",
            started=progress.started if progress else None,
            finished=result.modified,
            pages=Pages(read, read, facts.failed_pages) if facts else None,
        )

    def _reading(self, progress: Progress | None) -> JobStatus | None:
        now = datetime.now(timezone.utc)
        if progress is not None and now - self.markers[PROGRESS].modified < SILENT:
            started, done, total = progress.started, progress.done, progress.total
        elif (split := parts.progress(self.results, self.target, self.name)) is not None:
            if (failed := self.markers.get(FAILED)) and failed.modified > split.touched:
                return None  # its own delivery was given up, and no range has come since
            started, done, total = self.record.created, split.done, split.total
        else:
            return None
        spent = max((now - started).total_seconds(), 0.0)
        remaining = round(spent * (total - done) / done, 1) if done else None
        return self._told("reading", started=started, pages=Pages(done, total), remaining_seconds=remaining)

    def _progress(self) -> Progress | None:
        head = self.markers.get(PROGRESS)
        written = self._read(head.key) if head else None
        return msgspec.json.decode(written, type=Progress) if written else None

    def _own(self, key: str, upload: ObjectHead | None) -> ObjectHead | None:
        """What stands there, if it is about this job's upload.

        A job that was cleaned away, and whose ID comes again by its Idempotency-Key, may have left a result. An upload
        may be gone by its bucket's own rules; then what was written since the record counts, by the store's clock, of
        which a HEAD tells whole seconds.
        """
        head = self.results.head(self.target.bucket, key)
        if head is None:
            return None
        if upload is not None:
            return head if is_about(head, upload.bucket, upload.key, upload.version, upload.etag) else None
        return head if head.modified >= self.markers[RECORD].modified.replace(microsecond=0) else None

    def _read(self, key: str) -> bytes | None:
        try:
            with self.results.get(self.target.bucket, key, max_bytes=1 << 20) as body:
                return b"".join(iter(lambda: body.read(1 << 16), b""))
        except SourceGone:
            return None
