"""A function instance: what doors call, started and stopped as a whole."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import IO, TYPE_CHECKING

from function import roles, waking
from function.api_keys import ApiKeys
from function.documents.base import ClosingSource, Opener
from function.documents.sources import from_path, from_stream
from function.reading.reader import Reader
from function.settings import Settings, wrong_value
from function.telemetry import metrics
from function.wiring.events import archive_of, event_doors
from function.wiring.jobs import desk_of

if TYPE_CHECKING:
    from function.event_tokens import EventTokens

#: Doors that need to know where uploads lie; a dead letter may be the last that a split document waits for.
EVENT_DOORS = frozenset({"events", "hooks", "jobs", "deadletter"})
#: How long `stop` waits for the start's look at the stores; a store that hangs must not hold up the end.
STORE_CHECK_SECONDS = 10


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
        self.keys = api_keys_of(settings)
        self.event_tokens = event_tokens_of(settings)
        self.events = event_doors(settings, reader) if self.doors & EVENT_DOORS else None
        self.archive = archive_of(settings, self.events) if "deadletter" in self.doors else None
        self.jobs = (
            desk_of(settings, self.events.deliveries, self.not_ready_reason)
            if self.events is not None and "jobs" in self.doors
            else None
        )
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

    def take_object(self, stream: IO[bytes], name: str) -> ClosingSource:
        """Read an object to its end. Raises TooLarge naming OCR_MAX_BYTES."""
        limit = self.settings.max_bytes
        return from_stream(stream, name, max_bytes=limit, spool_bytes=self.settings.spool_bytes)

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
        if self.jobs is not None and self.jobs.background is not None:
            self.jobs.background.stop()
        if not self._start.stop():
            self._opener.close()
            return False
        for batcher in self.reader.batchers.values():
            batcher.close()
        self._opener.close()
        if self.reader.remembered is not None:
            self.reader.remembered.cache.close()
        if self.settings.otlp_endpoint:
            from function.telemetry import traces

            traces.end()
        if self._store_check is not None:
            self._store_check.join(STORE_CHECK_SECONDS)
        return True


def event_tokens_of(settings: Settings) -> EventTokens | None:
    """None where whoever delivers is trusted."""
    if not settings.events_audience:
        return None
    from function.event_tokens import EventTokens  # TLS, which no other start needs

    return EventTokens(settings.events_audience)


def api_keys_of(settings: Settings) -> ApiKeys | None:
    """None where nobody needs a key. Raises SettingsError naming OCR_API_KEYS_FILE."""
    try:
        return ApiKeys(settings.api_keys_file) if settings.api_keys_file else None
    except ValueError as problem:
        remedy = "mend the file, or name another"
        raise wrong_value("OCR_API_KEYS_FILE", settings.api_keys_file, f"{problem}; {remedy}") from None
