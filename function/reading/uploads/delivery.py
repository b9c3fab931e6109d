"""A delivery's end: what its uploads came to, told to whoever wants to know.

One upload is answered with an event of ours. Several in one delivery are handed on one by one where there is a sink, so
that each is retried by itself; without a sink they are read here, and only an outage fails the delivery: those that
were finished cost a HEAD when it comes again. A document that is split is answered with an empty 2xx as soon as the
sink has taken an event for each of its ranges.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from events.errors import Unavailable
from events.event import Event
from events.ours import DocumentParsed, DocumentRefused, PagesRequested, to_event
from events.uploads import DocumentUploaded
from function.errors import NotReady, Refusal, SinkUnavailable
from function.reading.caller import Caller
from function.reading.jobs.jobs import Cancelled, Jobs
from function.reading.splitting.fan_out import send_all
from function.reading.splitting.ranges import Ranges
from function.reading.splitting.split import Divided
from function.reading.uploads.commit import Upload
from function.reading.uploads.inbox import Answered, Inbox, Outcome, Refused
from function.telemetry import spans

log = logging.getLogger(__name__)

#: Seconds that a dead letter's own events may take.
_GIVING_UP_SECONDS = 60.0

Work: TypeAlias = DocumentUploaded | PagesRequested


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
        ranges: reads ranges of split documents, and joins them.
        sink: where events go; None where nowhere.
        jobs: some uploads are a job's, which may be cancelled; None where there are no jobs.
    """

    inbox: Inbox
    ranges: Ranges
    sink: Sink | None
    jobs: Jobs | None = None

    def answer(self, uploads: Sequence[Work], caller: Caller, *, replies: bool) -> Event | None:
        """Handle a delivery.

        Args:
            uploads: that it names, or ranges of them.
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
            self.forward(uploads, caller.tenant)
            return None
        self.each(uploads, caller)
        return None

    def each(self, uploads: Sequence[Work], caller: Caller) -> None:
        """Read several uploads of one delivery here, whether or not there is a sink.

        Raises:
            Outage: deliver again.
        """
        for upload in uploads:
            try:
                self._one(upload, caller, replies=False)
            except Refusal as problem:
                # Told in its NAME.error.json; the others of the delivery must not be read again for it.
                named = upload_of(upload)
                told = {"bucket": named.bucket, "key": named.key, "outcome": problem.name}
                log.warning("an upload of several was refused: %s", problem.detail, extra=told)

    def forward(self, uploads: Sequence[Work], tenant: str = "") -> None:
        """Hand uploads on as events of ours. Raises SinkUnavailable unless the sink took every one."""
        for upload in uploads:
            self._publish(to_event(upload, tenant=tenant))

    def give_up(self, asked: PagesRequested, cause: str) -> None:
        """Record a range that failed whenever it was delivered, so that its document ends.

        Args:
            asked: the dead letter.
            cause: of it, for people.

        Raises:
            Refusal: it is no range of ours.
            Outage: deliver the dead letter again.
        """
        outcome = self.ranges.give_up(asked, cause)
        if outcome is not None:
            event = self._event(asked.upload, outcome, Caller(_GIVING_UP_SECONDS))
            if event is not None:
                self._publish(event)

    def _one(self, asked: Work, caller: Caller, *, replies: bool) -> Event | None:
        upload = upload_of(asked)
        try:
            with self.jobs.attended(upload, caller) if self.jobs else nullcontext(caller) as attended:
                outcome = self._outcome(asked, attended)
                caller = replace(caller, tenant=attended.tenant)
        except Cancelled:
            log.info("a job was cancelled before it was read", extra={"bucket": upload.bucket, "key": upload.key})
            return None
        event = self._event(upload, outcome, caller)
        if event is not None and (not replies or isinstance(outcome, Refused)):
            self._publish(event)
        if isinstance(outcome, Refused):
            if isinstance(asked, PagesRequested):
                return None  # the document was refused, not this range
            raise outcome.problem
        return _traced(event) if event is not None else None

    def _outcome(self, asked: Work, caller: Caller) -> Outcome:
        if isinstance(asked, PagesRequested):
            return self.ranges.handle(asked, caller)
        return self.inbox.handle(Upload(asked.bucket, asked.key, asked.version, asked.etag), caller)

    def _event(self, upload: DocumentUploaded, outcome: Outcome, caller: Caller) -> Event | None:
        """What is to be told; ranges that are missing are asked for."""
        if not isinstance(outcome, Divided):
            return _told(upload, outcome)
        if outcome.complete:
            return self._event(upload, self.ranges.joined(outcome), caller)
        events = [to_event(request, tenant=caller.tenant) for request in _requests(upload, outcome)]
        send_all(events, self._publish, caller)
        if outcome.elsewhere:
            raise NotReady(
                "this range belongs to a reading by another engine than this instance's",
                remedy="Deliver it again: an instance with that engine takes it, or the result stands by then.",
            )
        return None

    def _publish(self, event: Event) -> None:
        if self.sink is None:
            return
        try:
            with spans.child("reply", type=event.type):
                self.sink.send(_traced(event))
        except Unavailable as problem:
            raise SinkUnavailable(f"{problem} (K_SINK, OCR_SINK_TIMEOUT)") from problem


def _traced(event: Event) -> Event:
    """With the trace that it comes of, for whoever takes it (CloudEvents' extension Distributed Tracing)."""
    span = spans.current()
    return replace(event, extensions={**event.extensions, "traceparent": str(span)}) if span else event


def upload_of(asked: Work) -> DocumentUploaded:
    """The document that it is about."""
    return asked.upload if isinstance(asked, PagesRequested) else asked


def _requests(upload: DocumentUploaded, divided: Divided) -> list[PagesRequested]:
    """An event a range, each naming the very version that was opened."""
    source = replace(upload, version=divided.source.version, etag=divided.source.etag)
    fingerprint = divided.manifest.fingerprint
    return [PagesRequested(source, divided.key, fingerprint, first, last) for first, last in divided.requests]


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
