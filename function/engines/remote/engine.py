"""RemoteEngine: pages are sent to POST /v1/parse of another deployment, one a request, many at once.

One page a request, so that each fails, waits and is tried again by itself, comes back as soon as it is read, and the
other end's own batcher puts together what comes at the same moment, whoever sent it.

Tried again is what cannot do harm, for reading a page changes nothing: a connection that does not come about or is
lost (a few times), 503 and 429 for as long as the caller waits. While a pod starts, Knative's activator holds the
request, and so do we, up to the caller's deadline.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from function.engines.intake import require_pixels
from function.engines.remote import wire
from function.engines.remote.address import Address, authorization_of, context_of
from function.engines.remote.circuit import Circuit
from function.engines.remote.connections import Answer, Connections, Lost, NobodyWaits, OutOfTime, Unreachable, Waiting
from function.engines.remote.identity import Identity
from function.errors import Busy, DeadlineExceeded, EngineUnavailable, OcrError, Outage
from function.page import PageImage, PageReading, Pixels
from function.results.model import EngineInfo
from function.telemetry import metrics

#: How often a connection may fail under one page, and the seconds before the next try, doubled each time.
TRIES, FIRST_PAUSE = 4, 0.25
#: Bounds of a pause that the other end asks for, in seconds: it may be free sooner than it thought.
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 10.0
#: Options that some engine of this release knows (`Asked.wishes`).
WISHES = frozenset({"charts", "seals", "figures", "unwarp", "detail", "content"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


@dataclass(slots=True)
class RemoteEngine:
    """Implements engines.base.Engine.

    Attributes:
        address: of the other deployment.
        tier: what it is asked for: the rung that this engine reads here.
        identity: what reads there.
        key_file: holds the API key; empty where none is asked for.
        authority_file: PEM, holds the authority of its certificate; empty for those of the system.
        at_once: pages that are under way at once.
        seconds: that a page may take where its caller names no deadline.
        wishes: that are taken along; where the other end knows one not, its own warning comes back.
    """

    address: Address
    tier: str
    identity: Identity = field(default_factory=Identity)
    key_file: str = ""
    authority_file: str = ""
    at_once: int = 8
    seconds: float = 300.0
    wishes: frozenset[str] = WISHES
    _circuit: Circuit = field(init=False)
    _connections: Connections | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """The circuit names the address."""
        self._circuit = Circuit(f"the remote engine at {self.address.shown} (OCR_REMOTE_URL)")

    @property
    def info(self) -> EngineInfo:
        """The other end's own, as far as it is known without waking it; see `identity`."""
        return self.identity.info

    @property
    def max_batch(self) -> int:
        """One: the other end makes the batches."""
        return 1

    @property
    def gains_from_batches(self) -> bool:
        """The other function forms its own batches."""
        return False

    @property
    def parallel(self) -> int:
        """As set by OCR_REMOTE_PARALLEL."""
        return self.at_once

    def load(self) -> None:
        """Look at our own files; the other end is not asked, since that would wake it.

        Raises:
            EngineFailed: names the file that cannot be used.
        """
        authorization_of(self.key_file)
        context: ssl.SSLContext | None = context_of(self.address, self.authority_file)
        self._connections = Connections(self.address, context)

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """Read each page there; see engines.base.Engine."""
        for index, page in enumerate(pages):
            try:
                outcome: PageReading | OcrError = self._read(page)
            except OcrError as problem:
                outcome = problem
            yield index, outcome

    def recognise(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """A journey for a line of text is not worth it. Raises NotImplementedError."""
        raise NotImplementedError("the remote engine reads whole pages only")

    def reads(self, text: str) -> bool:
        """Unknown without asking; it is never asked for single lines anyway."""
        return True

    def close(self) -> None:
        """Close the connections."""
        if self._connections is not None:
            self._connections.close()

    def _read(self, page: PageImage) -> PageReading:
        """Raises OcrError."""
        require_pixels(page.pixels)
        body = wire.encoded(page)
        waiting = Waiting(_until(page.asked.remaining, self.seconds), page.asked.gone)
        try:
            answer = self._answered(page, body, waiting)
        except OutOfTime:
            metrics.remote_tries.labels("out-of-time").inc()
            raise DeadlineExceeded(
                f"the remote engine did not read page {page.number} within the caller's time",
                remedy="Allow more time: a GPU that slept takes minutes to start.",
            ) from None
        except NobodyWaits:
            metrics.remote_tries.labels("caller-gone").inc()
            raise EngineUnavailable(f"nobody waits for page {page.number} any more") from None
        reading, info = wire.reading_of(answer, page)
        self.identity.saw(info)
        return reading

    def _answered(self, page: PageImage, body: bytes, waiting: Waiting) -> Answer:
        """A 200.

        Raises:
            OcrError: what became of it otherwise, once trying again is over.
            OutOfTime, NobodyWaits.
        """
        failures = 0
        while True:
            outcome = self._tried(page, body, waiting)
            if isinstance(outcome, Answer):
                return outcome
            problem, pause = outcome
            if pause is None:
                failures += 1
                pause = FIRST_PAUSE * 2 ** (failures - 1)
            if failures >= TRIES or waiting.remaining() <= pause:
                raise problem
            waiting.pause(pause)

    def _tried(self, page: PageImage, body: bytes, waiting: Waiting) -> Answer | tuple[Outage, float | None]:
        """The 200, or what went wrong and the pause that was asked for (None where nothing was).

        Raises:
            OcrError: nothing to try again.
            OutOfTime, NobodyWaits.
        """
        headers = {**_headers(page, waiting), **authorization_of(self.key_file)}
        assert self._connections is not None, "load comes first"
        self._circuit.enter()
        try:
            answer = self._connections.post("/v1/parse", self._query(page), body, headers, waiting)
        except (Unreachable, Lost) as problem:
            self._circuit.failed()
            metrics.remote_tries.labels("lost" if isinstance(problem, Lost) else "unreachable").inc()
            return self._no_answer(problem), None
        except BaseException:
            self._circuit.unknown()
            raise
        return self._judged(answer, page)

    def _judged(self, answer: Answer, page: PageImage) -> Answer | tuple[Outage, float | None]:
        """As `_tried`."""
        metrics.remote_tries.labels(str(answer.status)).inc()
        if answer.status == 200:
            self._circuit.answered()
            return answer
        problem = wire.failure_of(answer, page)
        asks_to_wait = isinstance(problem, Busy) or (answer.status == 503 and answer.retry_after is not None)
        if isinstance(problem, Outage) and answer.status >= 500 and not asks_to_wait:
            self._circuit.failed()
        else:
            self._circuit.answered()
        if asks_to_wait and isinstance(problem, Outage):
            asked = 1 if answer.retry_after is None else answer.retry_after
            return problem, min(LONGEST_PAUSE, max(SHORTEST_PAUSE, asked))
        if isinstance(problem, EngineUnavailable):
            return problem, None
        raise problem

    def _no_answer(self, problem: Exception) -> EngineUnavailable:
        return EngineUnavailable(
            f"the remote engine at {self.address.shown} (OCR_REMOTE_URL) does not answer: {problem}",
            remedy="Try again later; if it stays, check that the other service runs and that this one may reach it.",
        )

    def _query(self, page: PageImage) -> dict[str, str]:
        asked = page.asked
        language = {"language": asked.language} if asked.language else {}
        return {**asked.wishes, **language, "tier": self.tier, "ocr": "always", "format": "json"}


def _until(remaining: Callable[[], float], seconds: float) -> Callable[[], float]:
    """The caller's time, and no more than `seconds` from now."""
    end = time.monotonic() + seconds
    return lambda: min(remaining(), end - time.monotonic())


def _headers(page: PageImage, waiting: Waiting) -> dict[str, str]:
    """`Prefer: wait` (RFC 7240) is our deadline, which the other end honours; it takes whole seconds."""
    request_id, traceparent = page.asked.request_id, page.asked.traceparent
    return {
        "Content-Type": "image/png",
        "Accept": "application/json",
        "User-Agent": "zeropage",
        "Prefer": f"wait={max(1, ceil(waiting.remaining()))}",
        **({"X-Request-Id": request_id} if _REQUEST_ID.fullmatch(request_id) else {}),
        **({"traceparent": traceparent} if traceparent else {}),
    }
