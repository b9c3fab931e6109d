"""Split documents without a picture or a process: a document is lines of text, each a page; the rest is the real thing.

`World` has the buckets, `Pod` what one instance makes of an event, with any store in front of the buckets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, cast

from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from function.documents.sources import StoredSource, from_stream
from function.errors import BadRequest, Corrupt, NotReady, Refusal
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.queue.admission import Admission
from function.reading.reader import RangeReading, Reader
from function.reading.splitting.copies import Copies
from function.reading.splitting.page_costs import PageCosts
from function.reading.splitting.ranges import Ranges
from function.reading.splitting.split import SplitRules
from function.reading.uploads.delivery import Deliveries
from function.reading.uploads.inbox import Inbox
from function.reading.uploads.turns import Turns
from function.reading.whole import ReadBy, whole
from function.results.model import Cost, DocumentInfo, DocumentResult, EngineInfo, PageError, PageResult
from function.stores.base import Location
from function.stores.memory import MemoryStore

KEY, NAME = "in/a.pdf", "out/a.pdf"
TARGET = Location("", "results", "out")


class TextReader:
    """Reads lines as pages; one that begins with `bad` is not read, with `poor` in part, with `outage` never.

    Args:
        engine: its name, part of the fingerprint.
    """

    def __init__(self, engine: str = "one") -> None:
        self.engine, self.dpi, self.batchers = engine, 200.0, {"fast": None}
        self.admission, self.costs = Admission(8, 8), PageCosts()
        self.read_pages: list[int] = []

    def engine_info(self, _: Options) -> EngineInfo:
        """By name."""
        return EngineInfo(self.engine, "1", "")

    def engines(self) -> dict[str, ReadBy]:
        """One."""
        return {"fast": ReadBy(EngineInfo(self.engine, "1", ""), [])}

    def survey(self, source: StoredSource, options: Options) -> tuple[DocumentInfo, list[int]]:
        """How many lines."""
        lines = _lines(source)
        if not lines:
            raise Corrupt("the document has no pages")
        return DocumentInfo(source.name, source.sha256, "application/pdf", len(lines)), options.numbers(len(lines))

    def read_range(
        self, source: StoredSource, _: Options, numbers: list[int], caller: Caller, *, admitted: bool
    ) -> RangeReading:
        """These lines."""
        assert admitted
        caller.check()
        pages = [self._page(number, line) for number, line in enumerate(_lines(source), 1) if number in numbers]
        self.read_pages += numbers
        return RangeReading(pages, ["it has lines"], {"total": 1.0}, Cost(1.0, 0.0))

    def read(self, source: StoredSource, options: Options, caller: Caller, *, admitted: bool) -> DocumentResult:
        """All of it, as one process reads it."""
        document, numbers = self.survey(source, options)
        reading = self.read_range(source, options, numbers, caller, admitted=admitted)
        if failure := next((page.error for page in reading.pages if all(p.error for p in reading.pages)), None):
            raise BadRequest(failure.detail, remedy=failure.remedy)
        return whole(
            document, options, self.engines(), reading.pages, warnings=reading.warnings, timings=reading.timings,
            cost=reading.cost,
        )  # fmt: skip

    def _page(self, number: int, line: str) -> PageResult:
        if line.startswith("outage"):
            raise NotReady(f"page {number} cannot be read today")
        problem = BadRequest(f"page {number} is bad", remedy="Mend it.")
        bad = line.startswith("bad")
        error = PageError(problem.type, problem.title, problem.detail, problem.remedy) if bad else None
        doubts = ["the picture is too poor"] if line.startswith("poor") else None
        return PageResult(
            number, 1, 1, 200.0, None if bad else "fast", "", 0, [], "" if bad else line, error, warnings=doubts
        )


def _lines(source: StoredSource) -> list[str]:
    import os

    return os.pread(source.fileno(), source.size, 0).decode().splitlines()


@dataclass
class World:
    """The buckets, and what was said."""

    versioned: bool = False
    sent: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = MemoryStore(["inbox", "results"], versioned=self.versioned)

    def upload(self, *lines: str, **metadata: str) -> DocumentUploaded:
        """Put a document, and what a careful sender says of it."""
        body = "\n".join(lines).encode()
        self.store.put("inbox", KEY, body, media_type="application/pdf", metadata=metadata)
        head = self.store.head("inbox", KEY)
        assert head
        return DocumentUploaded("inbox", KEY, head.version, head.etag, size=len(body))

    def send(self, event: Event) -> None:
        """As a broker takes it."""
        self.sent.append(event)

    def result(self, suffix: str = "json") -> bytes | None:
        """What stands there."""
        if self.store.head("results", f"{NAME}.{suffix}") is None:
            return None
        with self.store.get("results", f"{NAME}.{suffix}", max_bytes=1 << 30) as body:
            return body.read(1 << 30)

    def keys(self) -> list[str]:
        """In the results."""
        return [head.key for head in self.store.scan("results")]

    def parts(self) -> list[str]:
        """Of split documents."""
        return [key for key in self.keys() if "/.zeropage/parts/" in key]

    def requested(self) -> list[Event]:
        """Events of ranges, each once."""
        return list({event.id: event for event in self.sent if event.type == ours.PAGES_REQUESTED}.values())


@dataclass
class Pod:
    """One instance.

    Attributes:
        store: as it sees it; the world's own unless given.
        split: pages a range; 0 splits nothing.
    """

    world: World
    store: Any = None
    engine: str = "one"
    split: int = 2
    broken_sink: bool = False
    formats: Sequence[str] = ("markdown",)

    def __post_init__(self) -> None:
        self.reader = TextReader(self.engine)
        store = self.store or self.world.store
        reader = cast(Reader, self.reader)
        inbox = Inbox(
            reader=reader,
            uploads=store,
            places=[Location("", "inbox", "in")],
            results=store,
            target=TARGET,
            formats=self.formats,
            name_of=lambda place, key: TARGET.key(place.name(key)),
            take_in=_take_in,
            to_disk=_take_in,
            max_bytes=1 << 20,
            metadata={},
            turns=Turns(8),
            split=SplitRules(self.split, 0.0, self.reader.costs) if self.split else None,
        )
        self.deliveries = Deliveries(inbox, Ranges(inbox, Copies(1 << 20)), self)

    def send(self, event: Event) -> None:
        """To the world's broker."""
        from events.errors import Unavailable

        if self.broken_sink:
            raise Unavailable(["the sink took no event within 10 s"])
        self.world.send(event)

    def deliver(self, event: Event | DocumentUploaded) -> Event | None:
        """What is replied."""
        work = event if isinstance(event, DocumentUploaded) else ours.from_event(event)
        return self.deliveries.answer([work], Caller(60), replies=True)


def _take_in(stream: IO[bytes], name: str) -> StoredSource:
    return from_stream(stream, name, max_bytes=1 << 20, spool_bytes=1 << 20)


def undivided(*lines: str, versioned: bool = False, **metadata: str) -> Mapping[str, bytes | None]:
    """What one process that splits nothing makes of a document: JSON without timings and cost, and Markdown."""
    world = World(versioned)
    with suppress(Refusal):
        Pod(world, split=0).deliver(world.upload(*lines, **metadata))
    return told(world)


def told(world: World) -> Mapping[str, bytes | None]:
    """What stands in the results, apart from timings and cost."""
    return {"json": plain(world.result()), "md": world.result("md"), "error.json": world.result("error.json")}


def plain(result: bytes | None) -> bytes | None:
    """JSON without timings and cost, otherwise byte for byte."""
    import json

    if result is None:
        return None
    read = json.loads(result)
    for name in ("timings", "cost"):
        read.pop(name)
    return json.dumps(read).encode()
