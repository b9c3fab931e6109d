"""Answers that were read before: what a question is, and what of an answer may be kept for whoever asks it again.

A question is the document's bytes, the options and everything else that determines the answer, so a document is never
answered with another's text. Kept is only what would be read again: nobody's file name, no seconds, no cost, and no
answer with a page that could not be read, or not as well as it needs, for what failed there may have been us.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from msgspec import structs

from function.caches.base import Cache, CacheFailed, CacheResting
from function.documents.base import Source
from function.reading.caller import Caller
from function.reading.clock import Clock
from function.reading.options import Options
from function.reading.recall.fingerprint import fingerprint_of
from function.reading.recall.flights import Flight, Flights
from function.results.model import Cost, DocumentResult, EngineInfo
from function.telemetry import metrics

log = logging.getLogger(__name__)

#: Changes whenever a value is written in another way, so that two releases at one Redis never meet in a key.
_FORMAT = 1
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Together:
    """What came of waiting for others.

    Attributes:
        known: the answer that one of them read; None where it is to be read.
        flight: by which it is handed on; None where the caller shares nothing.
    """

    known: DocumentResult | None
    flight: Flight[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """Used from many threads.

    Attributes:
        cache: where answers are kept.
        surroundings: a hash of all that determines an answer beside document, options, engines and dpi.
        max_bytes: of an answer that is kept.
        flights: answers in the making.
    """

    cache: Cache
    surroundings: str
    max_bytes: int
    flights: Flights[bytes] = field(default_factory=Flights)

    def question(
        self, sha256: str, options: Options, engines: Mapping[str, EngineInfo], *, engine: EngineInfo, dpi: float
    ) -> str:
        """The key of an answer.

        Args:
            sha256: of the document.
            options: what is asked for.
            engines: all that there are, by the rung they read: which one tier=auto ends at depends on them.
            engine: what answers these options, as part of fingerprints.
            dpi: at which pages are drawn.
        """
        fingerprint = fingerprint_of(sha256, options, engine, dpi)
        told = msgspec.json.encode([_FORMAT, fingerprint, sorted(engines.items()), self.surroundings])
        return hashlib.sha256(told).hexdigest()

    def find(self, question: str, source: Source, caller: Caller) -> DocumentResult | None:
        """The answer, with this caller's name of the document and what finding it took; None where it must be read."""
        if not caller.recall:
            return None
        clock = Clock()
        with clock.phase("recall"):
            outcome, found = self._looked_up(question, source.sha256)
        metrics.cache_lookups.labels(outcome).inc()
        return None if found is None else _told_again(found, source, clock)

    @contextmanager
    def together(self, question: str, source: Source, caller: Caller) -> Iterator[Together]:
        """Wait for whoever is just reading the same document with the same options, and hand on what one reads.

        Raises:
            DeadlineExceeded, CallerGone: while waiting.
        """
        if not (caller.recall and caller.keep):
            yield Together(None)
            return
        clock = Clock()
        with self.flights.flight(question, caller) as flight:
            found = _unsealed(question, flight.found) if flight.found is not None else None
            if found is not None:
                metrics.cache_lookups.labels("shared").inc()
            yield Together(_told_again(found, source, clock) if found is not None else None, flight)

    def keep(self, question: str, result: DocumentResult, caller: Caller, together: Together | None = None) -> None:
        """Keep an answer for the next who asks, unless the caller minds or it may be our own failure."""
        if together is not None and together.flight is not None:
            together.flight.ended = True
        unfit = any(page.error is not None or page.degraded is not None for page in result.pages)
        if not caller.keep or result.cached or unfit:
            return
        value = _sealed(question, result)
        if together is not None and together.flight is not None:
            together.flight.answer = value
        if len(value) > self.max_bytes:
            metrics.cache_stores.labels("too-large").inc()
        else:
            self.cache.put(question, value)

    def _looked_up(self, question: str, sha256: str) -> tuple[str, DocumentResult | None]:
        """What came of it, for the metric, and the answer."""
        began = time.perf_counter()
        try:
            value = self.cache.get(question)
        except CacheResting:
            return "resting", None
        except CacheFailed:
            return "error", None
        finally:
            metrics.cache_seconds.observe(time.perf_counter() - began)
        if value is None:
            return "miss", None
        found = _unsealed(question, value)
        if found is None or found.document.sha256 != sha256:
            log.warning("the cache held something that is no answer of ours; the document is read")
            return "error", None
        return "hit", found


def _told_again(found: DocumentResult, source: Source, clock: Clock) -> DocumentResult:
    """An answer under this caller's name of the document, with what finding it took."""
    return structs.replace(
        found,
        document=structs.replace(found.document, name=source.name),
        timings=clock.timings(),
        cost=Cost(cpu_seconds=round(clock.cpu_seconds, 4), gpu_seconds=0.0),
        cached=True,
    )


def _sealed(question: str, result: DocumentResult) -> bytes:
    """An answer as bytes, behind a hash that ties it to its question."""
    bare = structs.replace(
        result,
        document=structs.replace(result.document, name=""),
        timings={},
        cost=Cost(cpu_seconds=0.0, gpu_seconds=0.0),
        id="",
    )
    body = msgspec.msgpack.encode(bare)
    return _digest(question, body) + body


def _unsealed(question: str, value: bytes) -> DocumentResult | None:
    """None where it is damaged, another question's, or of another shape."""
    body = value[_DIGEST_BYTES:]
    if value[:_DIGEST_BYTES] != _digest(question, body):
        return None
    try:
        return msgspec.msgpack.decode(body, type=DocumentResult)
    except msgspec.DecodeError:
        return None


def _digest(question: str, body: bytes) -> bytes:
    return hashlib.sha256(question.encode() + b"\0" + body).digest()
