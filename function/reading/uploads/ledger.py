"""Uploads laid beside results: which of them wait for an answer. The bucket itself is the log of what arrived.

Two listings, and a HEAD only where they leave a doubt. A result that was written an hour or more after its upload
arrived is about that upload: whoever wrote it saw, right before, that what he had read was still the current version
(see `commit`). Any other result is asked which version it is about. Three things escape this, and only a thorough look
finds them: results restored from a backup, an older version of an upload made current again by deleting the newer one,
and results of another inbox that were written over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from events.triage import Scope, triage
from events.uploads import DocumentUploaded, Ignored
from function.reading.uploads.commit import SOURCE_VERSION, is_about
from function.stores.base import NO_VERSION, Location, ObjectHead, Store

#: Longer than any writer can lie between its last look at the upload and its PUT.
SETTLED = timedelta(hours=1)
_RESULT, _REFUSAL = ".json", ".error.json"
#: Who says so, in the events of missed uploads.
SENDER = "reconcile"


class State(Enum):
    """How an upload stands."""

    ANSWERED = "answered"
    REFUSED = "refused"
    MISSING = "missing"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Entry:
    """An upload, with what the listings tell of its answer.

    Attributes:
        upload: as listed, without version and metadata, or as `Ledger.current` tells it.
        name: key of its answers, without their endings.
        answered: when NAME.json was written; None where there is none.
        refused: when NAME.error.json was.
    """

    upload: ObjectHead
    name: str
    answered: datetime | None
    refused: datetime | None

    def said(self) -> DocumentUploaded:
        """What its sender would have said."""
        upload = self.upload
        return DocumentUploaded(
            upload.bucket,
            upload.key,
            version=upload.version,
            etag=upload.etag,
            size=upload.size,
            time=upload.modified.isoformat(),
            sender=SENDER,
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where both sides lie; used from many threads.

    Attributes:
        uploads: store of the uploads.
        places: where in it.
        results: store of the results.
        target: where in it.
        name_of: (place of the upload, its key) → the result's key without its ending.
        scope: which uploads are read at all.
        thorough: ask every result which version it is about.
        ignored: uploads that are not read, by reason; counted by `entries`.
    """

    uploads: Store
    places: Sequence[Location]
    results: Store
    target: Location
    name_of: Callable[[Location, str], str]
    scope: Scope
    thorough: bool = False
    ignored: Counter[str] = field(default_factory=Counter)

    def entries(self) -> Iterator[Entry]:
        """Every upload that is to be read. The results' listing is kept in memory: some 250 bytes a result.

        Raises:
            Outage: a store cannot be listed.
        """
        written = self._written()
        for place in self.places:
            for head in self.uploads.scan(place.bucket, _below(place)):
                if self._first_place(head) is not place:
                    continue  # places may lie within each other; the first one's name counts
                outcome = triage(DocumentUploaded(head.bucket, head.key, size=head.size), self.scope)
                if isinstance(outcome, Ignored):
                    self.ignored[outcome.reason] += 1
                    continue
                name = self.name_of(place, head.key)
                yield Entry(head, name, written.get(name + _RESULT), written.get(name + _REFUSAL))

    def look(self, entry: Entry, *, again: bool = False) -> State:
        """How an upload stands.

        Args:
            entry: from `entries`.
            again: something may have been written since the listing.

        Raises:
            Outage: a store does not answer.
        """
        if not again and self._is_settled(entry.answered, entry):
            return State.ANSWERED
        if (again or entry.answered) and self._is_about(entry, _RESULT):
            return State.ANSWERED
        if not again and self._is_settled(entry.refused, entry):
            return State.REFUSED
        if (again or entry.refused) and self._is_about(entry, _REFUSAL):
            return State.REFUSED
        return State.MISSING

    def current(self, entry: Entry) -> Entry | None:
        """The upload as it stands now, with its version; None where it was deleted."""
        head = self.uploads.head(entry.upload.bucket, entry.upload.key)
        return replace(entry, upload=head) if head else None

    def _written(self) -> Mapping[str, datetime]:
        """Results and refusals by key; one that is written from now on is found by looking again."""
        listed = self.results.scan(self.target.bucket, _below(self.target))
        return {head.key: head.modified for head in listed if head.key.endswith(_RESULT)}

    def _first_place(self, head: ObjectHead) -> Location | None:
        return next((place for place in self.places if place.holds(head.bucket, head.key)), None)

    def _is_settled(self, written: datetime | None, entry: Entry) -> bool:
        return not self.thorough and written is not None and written - entry.upload.modified >= SETTLED

    def _is_about(self, entry: Entry, ending: str) -> bool:
        """Whether what stands at an answer's key is about this very upload."""
        upload = entry.upload
        written = self.results.head(self.target.bucket, entry.name + ending)
        if written is None or not is_about(written, upload.bucket, upload.key, "", upload.etag):
            return False
        if written.metadata.get(SOURCE_VERSION, "") in NO_VERSION:
            return True
        # The same bytes uploaded anew are another version, perhaps with other options; listings tell no versions.
        now = upload if upload.version else self.uploads.head(upload.bucket, upload.key)
        return now is None or is_about(written, upload.bucket, upload.key, now.version, now.etag)


def _below(place: Location) -> str:
    return f"{place.prefix}/" if place.prefix else ""
