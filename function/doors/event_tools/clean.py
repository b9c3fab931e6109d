"""`reconcile --clean`: what split documents and jobs left behind is removed, and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from function.doors.event_tools.progress import Progress
from function.reading.jobs.jobs import Jobs
from function.reading.splitting.leftovers import leftovers
from function.reading.splitting.part_store import PartStore
from function.reading.uploads.ledger import Ledger


@dataclass
class Cleaned:
    """What one run removed, or would.

    Attributes:
        splits: split documents whose parts were left.
        parts: objects of theirs.
        size: of them, in bytes.
        jobs: that ended long ago.
    """

    splits: int = 0
    parts: int = 0
    size: int = 0
    jobs: int = 0

    def __str__(self) -> str:
        return f"{self.parts} parts of {self.splits} split documents, {self.size} bytes; {self.jobs} jobs"


#: Below the place of the results (`Store.conditional_puts`).
_PROBES = ".zeropage/probe-"


def clean(ledger: Ledger, jobs: Jobs, progress: Progress, *, older: float, dry_run: bool) -> Cleaned:
    """Remove parts that nobody waits for, and jobs that ended, whose results stay.

    Args:
        ledger: where both sides lie.
        jobs: beside them.
        progress: for a person.
        older: seconds since anything of them was written.
        dry_run: only tell.

    Raises:
        Outage: a store does not answer; what was removed so far is told.
    """
    cleaned, parts = Cleaned(), PartStore(ledger.results, ledger.target)
    before = datetime.now(timezone.utc) - timedelta(seconds=older)
    for found in leftovers(ledger.uploads, ledger.results, ledger.target, before=before):
        if not dry_run:
            parts.sweep(found.folder)
        cleaned.splits, cleaned.parts = cleaned.splits + 1, cleaned.parts + found.parts
        cleaned.size += found.size
        progress.list(f"{found.folder}\t{'to be removed' if dry_run else 'removed'}: {found.reason}")
    # What a start writes to find out what its store can do stays where it was killed just then.
    probes = list(ledger.results.scan(ledger.target.bucket, ledger.target.key(_PROBES)))
    for probe in (probe for probe in probes if probe.modified < before):
        if not dry_run:
            ledger.results.delete(probe.bucket, probe.key)
        progress.list(f"{probe.key}\t{'to be removed' if dry_run else 'removed'}: a start that was killed")
    for record in list(jobs.stale(before)):
        if not dry_run:
            jobs.forget(record)
        cleaned.jobs += 1
        progress.list(f"job {record.id}\t{'to be removed' if dry_run else 'removed'}")
    progress.tell(f"{'to be removed' if dry_run else 'removed'}: {cleaned}")
    return cleaned
