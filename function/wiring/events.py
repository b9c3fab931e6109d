"""The event doors' parts: what reads uploads, what keeps dead letters, what lays uploads and results side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.places import Place
from events.signatures import Verifier, Verify, unverified
from events.triage import Scope
from function import event_settings, hook_tokens
from function.documents.sources import from_stream
from function.reading.reader import Reader
from function.reading.uploads.place_checks import check_results, check_uploads
from function.settings import Settings, SettingsError
from function.stores.base import Location, Store
from function.wiring.sinks import sink_of
from function.wiring.stores import open_store, stores_of
from function.wiring.threads import WAITING_CALLERS

if TYPE_CHECKING:
    from function.reading.splitting.split import SplitRules
    from function.reading.uploads.delivery import Deliveries
    from function.reading.uploads.ledger import Ledger


@dataclass(frozen=True, slots=True)
class EventDoors:
    """What the event doors need; there is none where OCR_INBOX is not set.

    Attributes:
        deliveries: handle uploads.
        scope: which uploads are read at all.
        verify_sns: accepts a message of SNS, or raises events.errors.Untrusted.
        hook_tokens: by sender; None where none is asked for.
    """

    deliveries: Deliveries
    scope: Scope
    verify_sns: Verify
    hook_tokens: Mapping[str, str] | None

    def check_stores(self) -> None:
        """Say at start what would otherwise be found out at night."""
        inbox = self.deliveries.inbox
        check_uploads(inbox.uploads, inbox.places)
        check_results(inbox.results, inbox.target)


@dataclass(frozen=True, slots=True)
class Archive:
    """Where dead letters are kept.

    Attributes:
        results: the store of OCR_RESULTS.
        target: where in it.
    """

    results: Store
    target: Location

    def check_stores(self) -> None:
        """As the event doors do."""
        check_results(self.results, self.target)


def event_doors(settings: Settings, reader: Reader) -> EventDoors | None:
    """Raises SettingsError where places or tokens are wrong."""
    if not settings.inbox:
        return None
    # A start without buckets need not wait for these.
    from function.reading.splitting.copies import Copies
    from function.reading.splitting.ranges import Ranges
    from function.reading.uploads.delivery import Deliveries
    from function.reading.uploads.inbox import Inbox
    from function.reading.uploads.turns import Turns
    from function.wiring.jobs import jobs_at

    places, target = event_settings.places(settings)
    uploads, results = stores_of(settings, places, target)
    inbox = Inbox(
        reader=reader,
        uploads=uploads,
        places=places,
        results=results,
        target=target,
        formats=event_settings.formats(settings),
        name_of=event_settings.naming(settings, places, target),
        take_in=lambda stream, name: from_stream(
            stream, name, max_bytes=settings.max_bytes, spool_bytes=settings.spool_bytes
        ),
        to_disk=lambda stream, name: from_stream(stream, name, max_bytes=settings.max_bytes, spool_bytes=0),
        max_bytes=settings.max_bytes,
        metadata=event_settings.result_metadata(settings),
        turns=Turns(WAITING_CALLERS),
        split=split_rules(settings, reader) if settings.sink else None,
    )
    ranges = Ranges(inbox, Copies(settings.copies_bytes))
    return EventDoors(
        deliveries=Deliveries(inbox, ranges, sink_of(settings), jobs_at(settings, inbox)),
        scope=scope_of(settings, target),
        verify_sns=Verifier(_fetched) if settings.sns_verify else unverified,
        hook_tokens=hook_tokens.read(settings.hook_tokens_file),
    )


def split_rules(settings: Settings, reader: Reader) -> SplitRules | None:
    """None where no document is split."""
    if not settings.split_pages and not settings.split_seconds:
        return None
    from function.reading.splitting.split import SplitRules

    return SplitRules(settings.split_pages, settings.split_seconds, reader.costs)


def archive_of(settings: Settings, events: EventDoors | None) -> Archive | None:
    """Where dead letters go; None where there is no OCR_RESULTS. Raises SettingsError."""
    if events is not None:
        return Archive(events.deliveries.inbox.results, events.deliveries.inbox.target)
    return Archive(*open_store(settings, "OCR_RESULTS", settings.results)) if settings.results else None


def ledger(settings: Settings, *, thorough: bool = False) -> Ledger:
    """What lays uploads and results side by side; reads no document and needs no engine.

    Args:
        settings: which places, and which uploads are read at all.
        thorough: see `Ledger`.

    Raises:
        SettingsError: a place is missing or wrong.
    """
    if not settings.inbox:
        raise SettingsError("OCR_INBOX is not set: nobody knows where uploads lie. Set it, as for the function.")
    from function.reading.uploads.ledger import Ledger

    places, target = event_settings.places(settings)
    uploads, results = stores_of(settings, places, target)
    return Ledger(
        uploads=uploads,
        places=places,
        results=results,
        target=target,
        name_of=event_settings.naming(settings, places, target),
        scope=scope_of(settings, target),
        thorough=thorough,
    )


def scope_of(settings: Settings, target: Location) -> Scope:
    """Which uploads are read at all: by their endings, and never our own results."""
    return Scope(tuple(event_settings.listed(settings.suffixes)), [Place(target.bucket, target.prefix)])


def _fetched(url: str) -> bytes:
    """An SNS certificate; its address was checked before."""
    from urllib.request import urlopen

    with urlopen(url, timeout=10) as answer:  # noqa: S310 - https and an SNS host, by events.signatures
        return bytes(answer.read(1 << 16))
