"""The one place where parts meet: settings in, a function out. Only here are concrete kinds named."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import IO

from events.places import Place
from events.signatures import Verifier, Verify, unverified
from events.triage import Scope
from function import cache_settings, event_settings, hook_tokens, roles, waking
from function.api_keys import ApiKeys
from function.documents.base import ClosingSource, Limits, Opener
from function.documents.sources import from_path, from_stream
from function.engines.base import Engine
from function.reading.admission import Admission
from function.reading.batcher import Batcher
from function.reading.delivery import Deliveries, Sink
from function.reading.inbox import Inbox
from function.reading.ledger import Ledger
from function.reading.pixel_budget import PixelBudget
from function.reading.place_checks import check_results, check_uploads
from function.reading.reader import Reader
from function.reading.turns import Turns
from function.settings import Settings, SettingsError, wrong_value
from function.stores.base import Location, Store
from function.telemetry import metrics

#: Callers that may wait for a slot at once, and deliveries for a turn. With OCR_SLOTS + 24 server threads, 8 stay free
#: for probes.
WAITING_CALLERS = 8
#: Server threads beyond the slots.
SPARE_THREADS = 24
#: How long `stop` waits for the start's look at the stores; a store that hangs must not hold up the end.
STORE_CHECK_SECONDS = 10


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


class Function:
    """A function instance, in the field's verbs: start, alive, ready, stop; `reader` and `events` handle.

    Args:
        settings: read once.
        reader: what the doors call.
        opener: closed by `stop`.
    """

    def __init__(self, settings: Settings, reader: Reader, opener: Opener) -> None:
        self.settings = settings
        self.reader = reader
        self.doors = roles.open_doors(settings)
        self.keys = _api_keys(settings)
        self.events = _event_doors(settings, reader) if self.doors & {"events", "hooks"} else None
        self.archive = _archive(settings, self.events) if "deadletter" in self.doors else None
        self._opener = opener
        self._start = waking.Start(settings, reader, opener)
        self._store_check: threading.Thread | None = None
        self._stopping = False
        #: What else must be there before the function is ready: each says in words what is missing, or None.
        self.needs: list[Callable[[], str | None]] = []

    def start(self, *, warm_up: bool = False, doors_open: threading.Event | None = None) -> Future[None]:
        """Climb the rungs of waking in threads of their own.

        Args:
            warm_up: read the warm-up pages, too, and compare their text, as servers do before they are ready.
            doors_open: set by whoever imports the doors meanwhile; one more rung, then.

        Returns:
            Ends when documents can be read, or with RungFailed.
        """
        self._check_stores()
        return self._start.begin(warm_up=warm_up, doors_open=doors_open)

    def _check_stores(self) -> None:
        """Beside the start. A front hands uploads on and needs no rights to their places."""
        used = self.events if self.reader.batchers else self.archive
        if used is not None:
            self._store_check = threading.Thread(target=used.check_stores, name="check-stores", daemon=True)
            self._store_check.start()

    def cold_start(self) -> dict[str, object]:
        """What this process went through since it began, phase by phase; takes no lock that reading holds."""
        return self._start.told()

    def wait_until_ready(self) -> None:
        """Block until documents can be read; raises the OcrError that the start failed of."""
        self._start.wait()

    @property
    def alive(self) -> bool:
        """False where only a new process helps."""
        return all(batcher.alive for batcher in self.reader.batchers.values())

    def not_ready_reason(self) -> str | None:
        """None when ready, else why not, in words."""
        if self._stopping:
            return "draining"
        if reason := self._start.unfinished():
            return reason
        if not self.alive:
            return "the engine has stopped"
        return next((reason for need in self.needs if (reason := need())), None)

    def take_in(self, stream: IO[bytes], name: str) -> ClosingSource:
        """Read an HTTP body to its end. Raises TooLarge naming OCR_MAX_REQUEST_BYTES."""
        return from_stream(
            stream,
            name,
            max_bytes=self.settings.max_request_bytes,
            spool_bytes=self.settings.spool_bytes,
            variable="OCR_MAX_REQUEST_BYTES",
        )

    def take_file(self, path: str) -> ClosingSource:
        """A file where it lies, `-` for standard input. Raises BadRequest, or TooLarge naming OCR_MAX_BYTES."""
        limit = self.settings.max_bytes
        if path == "-":
            return from_stream(sys.stdin.buffer, "stdin", max_bytes=limit, spool_bytes=self.settings.spool_bytes)
        return from_path(path, max_bytes=limit)

    def stop(self) -> bool:
        """Finish what was accepted, then give everything back.

        Returns:
            Whether that could be done. While the function still wakes up, nothing was accepted and its threads are in
            the middle of long calls: nobody should wait for them, and the process is to be ended as it is.
        """
        self._stopping = True
        metrics.ready.set(0)
        if not self._start.stop():
            self._opener.close()
            return False
        for batcher in self.reader.batchers.values():
            batcher.close()
        self._opener.close()
        if self.reader.remembered is not None:
            self.reader.remembered.cache.close()
        if self._store_check is not None:
            self._store_check.join(STORE_CHECK_SECONDS)
        return True


def build(settings: Settings, *, fast: Engine | None = None, opener: Opener | None = None) -> Function:
    """Put the parts together; nothing is loaded yet.

    Args:
        settings: the one settings object.
        fast: an engine instead of the one that settings name (tests).
        opener: what opens documents instead of the sandboxed children (tests).
    """
    opener = opener or _opener(settings)
    engines = _engines(settings, fast) if roles.reads(roles.open_doors(settings)) else {}
    reader = Reader(
        opener=opener,
        batchers={
            rung: Batcher(engine, queue_pages=settings.queue_pages, stuck_seconds=settings.request_seconds)
            for rung, engine in engines.items()
        },
        admission=Admission(settings.slots, WAITING_CALLERS),
        dpi=settings.dpi,
        samples=settings.text_samples,
        pixels=PixelBudget(settings.queue_pixels, settings.max_pixels),
        remembered=cache_settings.remembered(settings) if engines else None,
    )
    return Function(settings, reader, opener)


def check(settings: Settings) -> None:
    """Everything about settings that can be told without starting anything.

    Raises:
        SettingsError: one line naming the variable.
    """
    roles.open_doors(settings)
    cache_settings.check(settings)
    waking.pod_created(settings)
    if settings.inbox:
        event_settings.naming(settings, *event_settings.places(settings))
    elif settings.results:
        event_settings.location("OCR_RESULTS", settings.results)
    event_settings.formats(settings)
    event_settings.result_metadata(settings)
    _sink(settings)
    hook_tokens.read(settings.hook_tokens_file)
    _api_keys(settings)


def _event_doors(settings: Settings, reader: Reader) -> EventDoors | None:
    """Raises SettingsError where places or tokens are wrong."""
    if not settings.inbox:
        return None
    places, target = event_settings.places(settings)
    uploads, results = _stores(settings, places, target)
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
        max_bytes=settings.max_bytes,
        metadata=event_settings.result_metadata(settings),
        turns=Turns(WAITING_CALLERS),
    )
    return EventDoors(
        deliveries=Deliveries(inbox, _sink(settings)),
        scope=_scope(settings, target),
        verify_sns=Verifier(_fetched) if settings.sns_verify else unverified,
        hook_tokens=hook_tokens.read(settings.hook_tokens_file),
    )


def _api_keys(settings: Settings) -> ApiKeys | None:
    try:
        return ApiKeys(settings.api_keys_file) if settings.api_keys_file else None
    except ValueError as problem:
        remedy = "mend the file, or name another"
        raise wrong_value("OCR_API_KEYS_FILE", settings.api_keys_file, f"{problem}; {remedy}") from None


def _archive(settings: Settings, events: EventDoors | None) -> Archive | None:
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
    places, target = event_settings.places(settings)
    uploads, results = _stores(settings, places, target)
    return Ledger(
        uploads=uploads,
        places=places,
        results=results,
        target=target,
        name_of=event_settings.naming(settings, places, target),
        scope=_scope(settings, target),
        thorough=thorough,
    )


def open_store(settings: Settings, variable: str, url: str) -> tuple[Store, Location]:
    """A place that somebody names, and the store that has it. Raises SettingsError, naming `variable`."""
    place = event_settings.location(variable, url)
    return _store(settings, place), place


def _stores(settings: Settings, places: Sequence[Location], target: Location) -> tuple[Store, Store]:
    """Of uploads and of results, which may be one."""
    uploads = _store(settings, places[0])
    return uploads, uploads if target.folder == places[0].folder else _store(settings, target)


def _scope(settings: Settings, target: Location) -> Scope:
    return Scope(tuple(event_settings.listed(settings.suffixes)), [Place(target.bucket, target.prefix)])


def _store(settings: Settings, place: Location) -> Store:
    if place.folder:
        from function.stores.disk import DiskStore

        return DiskStore(place.folder)
    from function.stores.s3 import Connection, S3Store

    return S3Store(
        Connection(
            path_style={"auto": None, "path": True, "virtual": False}[settings.s3_addressing],
            connect_seconds=settings.s3_connect_seconds,
            read_seconds=settings.s3_read_seconds,
            attempts=settings.s3_attempts,
            connections=settings.slots + SPARE_THREADS,
        )
    )


def _sink(settings: Settings) -> Sink | None:
    if not settings.sink:
        return None
    from events.sink import HttpSink, overrides

    try:
        extensions = overrides(settings.ce_overrides)
    except ValueError as problem:
        raise SettingsError(f"K_CE_OVERRIDES is wrong: {problem}.") from None
    return HttpSink(
        settings.sink,
        seconds=settings.sink_timeout,
        ca_certs=settings.ca_certs,
        extensions=extensions,
        connections=settings.slots + SPARE_THREADS,
    )


def _fetched(url: str) -> bytes:
    """An SNS certificate; its address was checked before."""
    from urllib.request import urlopen

    with urlopen(url, timeout=10) as answer:  # noqa: S310 - https and an SNS host, by events.signatures
        return bytes(answer.read(1 << 16))


def _opener(settings: Settings) -> Opener:
    from function.documents.pool import Pool

    limits = Limits(settings.max_pages, settings.max_pixels, settings.page_seconds, settings.child_bytes)
    return Pool(limits, size=settings.slots)


def _engines(settings: Settings, fast: Engine | None) -> dict[str, Engine]:
    """By the rung that they read."""
    engines = {"fast": fast or _fast_engine(settings)}
    if settings.accurate_engine != "none":
        engines["accurate"] = _stub_engine(settings)
    return engines


def _fast_engine(settings: Settings) -> Engine:
    kinds: dict[str, Callable[[Settings], Engine]] = {"rapid": _rapid_engine, "stub": _stub_engine}
    return kinds[settings.fast_engine](settings)


def _rapid_engine(settings: Settings) -> Engine:
    from function.engines.rapid.engine import RapidEngine

    return RapidEngine(
        runtime=settings.runtime,
        precision=settings.precision,
        threads=settings.threads,
        weights=settings.weights,
        compiled=settings.compiled,
    )


def _stub_engine(_: Settings) -> Engine:
    from function.engines.stub import StubEngine

    return StubEngine()
