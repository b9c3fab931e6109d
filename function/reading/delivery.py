"""A delivery's end: what its uploads came to, told to whoever wants to know.

One upload is answered with an event of ours. Several in one delivery are handed on one by one where there is a sink, so
that each is retried by itself; without a sink they are read here, and only an outage fails the delivery: those that
were finished cost a HEAD when it comes again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Protocol

from events.errors import Unavailable
from events.event import Event
from events.ours import DocumentParsed, DocumentRefused, to_event
from events.uploads import DocumentUploaded
from function.errors import Refusal, SinkUnavailable
from function.reading.caller import Caller
from function.reading.commit import Upload
from function.reading.inbox import Answered, Inbox, Outcome, Refused
from function.reading.jobs import Cancelled, Jobs

log = logging.getLogger(__name__)


class Sink(Protocol):
    """Takes events; raises events.errors.Unavailable where it does not."""

    def send(self, event: Event) -> None:
        """Hand one event over."""
        ...


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Handles what doors were handed.

    Attributes:
        inbox: reads uploads into results.
        sink: where events go; None where nowhere.
        jobs: some uploads are a job's, which may be cancelled; None where there are no jobs.
    """

    inbox: Inbox
    sink: Sink | None
    jobs: Jobs | None = None

    def answer(self, uploads: Sequence[DocumentUploaded], caller: Caller, *, replies: bool) -> Event | None:
        """Handle a delivery.

        Args:
            uploads: that it names.
            caller: who delivers.
            replies: the deliverer passes our reply on; otherwise the outcome is published as well.

        Returns:
            The reply, or None for an empty 2xx.

        Raises:
            Refusal: the document's fault, and it was the only one; told to results bucket and sink already.
            Outage: deliver again.
        """
        if len(uploads) == 1:
            return self._one(uploads[0], caller, replies=replies)
        if self.sink is not None:
            self.forward(uploads)
            return None
        self.each(uploads, caller)
        return None

    def each(self, uploads: Sequence[DocumentUploaded], caller: Caller) -> None:
        """Read several uploads of one delivery here, whether or not there is a sink.

        Raises:
            Outage: deliver again.
        """
        for upload in uploads:
            try:
                self._one(upload, caller, replies=False)
            except Refusal as problem:
                # Told in its NAME.error.json; the others of the delivery must not be read again for it.
                told = {"bucket": upload.bucket, "key": upload.key, "outcome": problem.name}
                log.warning("an upload of several was refused: %s", problem.detail, extra=told)

    def forward(self, uploads: Sequence[DocumentUploaded]) -> None:
        """Hand uploads on as events of ours. Raises SinkUnavailable unless the sink took every one."""
        for upload in uploads:
            self._publish(to_event(upload))

    def _one(self, upload: DocumentUploaded, caller: Caller, *, replies: bool) -> Event | None:
        try:
            with self.jobs.attended(upload, caller) if self.jobs else nullcontext(caller) as attended:
                outcome = self.inbox.handle(Upload(upload.bucket, upload.key, upload.version, upload.etag), attended)
        except Cancelled:
            log.info("a job was cancelled before it was read", extra={"bucket": upload.bucket, "key": upload.key})
            return None
        event = _told(upload, outcome)
        if event is not None and (not replies or isinstance(outcome, Refused)):
            self._publish(event)
        if isinstance(outcome, Refused):
            raise outcome.problem
        return event

    def _publish(self, event: Event) -> None:
        if self.sink is None:
            return
        try:
            self.sink.send(event)
        except Unavailable as problem:
            raise SinkUnavailable(f"{problem} (K_SINK, OCR_SINK_TIMEOUT)") from problem


def _told(upload: DocumentUploaded, outcome: Outcome) -> Event | None:
    if isinstance(outcome, Answered):
        facts = outcome.facts
        parsed = DocumentParsed(
            upload=upload,
            fingerprint=outcome.fingerprint,
            results=outcome.results,
            pages=facts.pages,
            failed_pages=facts.failed_pages,
            rungs=facts.rungs,
            timings={"total": facts.seconds},
            cost={"cpu_seconds": facts.cpu_seconds, "gpu_seconds": facts.gpu_seconds},
        )
        return to_event(parsed, id_=outcome.id)
    if isinstance(outcome, Refused):
        problem = outcome.problem
        told = {"status": problem.status, "type": problem.type, "title": problem.title, "detail": problem.detail,
                "remedy": problem.remedy}  # fmt: skip
        # Under an id of its own: a document refused first and parsed after a mend must not look like a repeat.
        return to_event(DocumentRefused(upload, outcome.fingerprint, told, outcome.result))
    return None
