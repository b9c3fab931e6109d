"""The jobs' parts: what writes and tells of them, and what brings their uploads to whoever reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from function import event_settings
from function.settings import Settings

if TYPE_CHECKING:
    from events.uploads import DocumentUploaded
    from function.reading.jobs.background import Background
    from function.reading.jobs.job_status import Found
    from function.reading.jobs.jobs import Jobs
    from function.reading.uploads.delivery import Deliveries
    from function.reading.uploads.inbox import Inbox
    from function.reading.uploads.ledger import Ledger

#: Ending of an upload whose name has none, by the media type that its bytes tell.
_ENDINGS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/jp2": ".jp2",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/x-portable-anymap": ".pnm",
}


@dataclass(frozen=True, slots=True)
class JobDesk:
    """What the door of jobs needs.

    Attributes:
        jobs: writes and tells of them.
        hand_on: tells whoever reads of an upload: the sink, or else this process.
        background: reads them here; None where the sink brings them to whoever reads.
    """

    jobs: Jobs
    hand_on: Callable[[DocumentUploaded], None]
    background: Background | None

    def keep_going(self, found: Found) -> None:
        """Have a job read that is asked for and that nobody reads: its process was killed, say.

        Where there is a sink, its events are delivered until they are handled, so nothing is done here.
        """
        if self.background is not None and (upload := self.jobs.to_hand_on(found)):
            self.background.take(upload)


def jobs_at(settings: Settings, inbox: Inbox | Ledger) -> Jobs:
    """What lies beside these uploads and results."""
    from function.documents.kinds import sniff
    from function.reading.jobs.jobs import Jobs

    def ending_of(head: bytes) -> str:
        kind = sniff(head)
        return _ENDINGS.get(kind.media_type, "") if kind else ""

    return Jobs(
        uploads=inbox.uploads,
        places=inbox.places,
        results=inbox.results,
        target=inbox.target,
        name_of=inbox.name_of,
        suffixes=tuple(suffix.lower() for suffix in event_settings.listed(settings.suffixes)),
        ending_of=ending_of,
    )


def desk_of(settings: Settings, deliveries: Deliveries, not_ready: Callable[[], str | None]) -> JobDesk:
    """The desk beside these deliveries, whose `jobs` there are."""
    jobs = deliveries.jobs
    assert jobs is not None, "deliveries are built with them"
    if deliveries.sink is not None:
        return JobDesk(jobs, lambda upload: deliveries.forward([upload]), None)
    from function.reading.jobs.background import Background

    background = Background(
        lambda upload, caller: deliveries.answer([upload], caller, replies=False),
        not_ready=not_ready,
        give_up=jobs.give_up,
        threads=max(1, settings.slots // 2),
    )
    return JobDesk(jobs, background.take, background)
