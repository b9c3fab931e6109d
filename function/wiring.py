"""The one place where parts meet: settings in, a function out. Only here are concrete kinds named."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import IO

from function.documents.base import ClosingSource, Limits, Opener
from function.documents.sources import from_path, from_stream
from function.engines.base import Engine
from function.reading.admission import Admission
from function.reading.batcher import Batcher
from function.reading.reader import Reader
from function.settings import Settings
from function.telemetry import metrics

log = logging.getLogger(__name__)

#: HTTP callers that may wait for a slot at once. With OCR_SLOTS + 16 server threads, 8 stay free for probes.
WAITING_CALLERS = 8
#: Server threads beyond the slots.
SPARE_THREADS = 16


class Function:
    """A function instance, in the field's verbs: start, alive, ready, stop; `reader` handles.

    Args:
        settings: read once.
        reader: what the doors call.
        opener: closed by `stop`.
    """

    def __init__(self, settings: Settings, reader: Reader, opener: Opener) -> None:
        self.settings = settings
        self.reader = reader
        self._opener = opener
        self._loading: list[Future[None]] = []
        self._stopping = False

    def start(self) -> list[Future[None]]:
        """Load every engine in its own thread; the futures end when they can read."""
        self._loading = [batcher.start() for batcher in self.reader.batchers.values()]
        for future in self._loading:
            future.add_done_callback(lambda _: metrics.ready.set(self.not_ready_reason() is None))
        return self._loading

    def wait_until_ready(self) -> None:
        """Block until every engine can read; raises what loading raised."""
        for future in self._loading:
            future.result()

    @property
    def alive(self) -> bool:
        """False where only a new process helps."""
        return all(batcher.alive for batcher in self.reader.batchers.values())

    def not_ready_reason(self) -> str | None:
        """None when ready, else why not, in words."""
        if self._stopping:
            return "draining"
        if not self._loading or not all(future.done() for future in self._loading):
            return "warming: the engine is being loaded"
        if any(future.exception() for future in self._loading):
            return "the engine could not be loaded; the log tells why"
        if not self.alive:
            return "the engine has stopped"
        return None

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

    def stop(self) -> None:
        """Finish what was accepted, then give everything back."""
        self._stopping = True
        metrics.ready.set(0)
        for batcher in self.reader.batchers.values():
            batcher.close()
        self._opener.close()


def build(settings: Settings, *, fast: Engine | None = None, opener: Opener | None = None) -> Function:
    """Put the parts together; nothing is loaded yet.

    Args:
        settings: the one settings object.
        fast: an engine instead of the one that settings name (tests).
        opener: what opens documents instead of the sandboxed children (tests).
    """
    opener = opener or _opener(settings)
    engines = {"fast": fast or _fast_engine(settings)}
    if settings.accurate_engine != "none":
        engines["accurate"] = _stub_engine(settings)
    reader = Reader(
        opener=opener,
        batchers={rung: Batcher(engine, queue_pages=settings.queue_pages) for rung, engine in engines.items()},
        admission=Admission(settings.slots, WAITING_CALLERS),
        dpi=settings.dpi,
        samples=settings.text_samples,
    )
    return Function(settings, reader, opener)


def _opener(settings: Settings) -> Opener:
    from function.documents.pool import Pool

    limits = Limits(settings.max_pages, settings.max_pixels, settings.page_seconds, settings.child_bytes)
    return Pool(limits, size=settings.slots)


def _fast_engine(settings: Settings) -> Engine:
    kinds: dict[str, Callable[[Settings], Engine]] = {"rapid": _rapid_engine, "stub": _stub_engine}
    return kinds[settings.fast_engine](settings)


def _rapid_engine(settings: Settings) -> Engine:
    from function.engines.rapid.engine import RapidEngine

    return RapidEngine(
        runtime=settings.runtime, precision=settings.precision, threads=settings.threads, weights=settings.weights
    )


def _stub_engine(_: Settings) -> Engine:
    from function.engines.stub import StubEngine

    return StubEngine()
