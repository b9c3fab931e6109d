"""The story, told once: a slot, the document opened, its pages read (`in_order`), the result."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import msgspec
from msgspec import structs

from function.documents.base import Document, Opener, Source
from function.engines.base import wishes_of
from function.errors import BadRequest, Corrupt, OcrError
from function.page import Asked
from function.reading.accurate.escalation import Accurate, Escalation
from function.reading.accurate.need import Thresholds
from function.reading.accurate.pace import Pace
from function.reading.caller import Caller, CallerGone
from function.reading.clock import Clock
from function.reading.in_order import Heartbeat, in_order
from function.reading.ladder import Ladder
from function.reading.options import Options
from function.reading.pages import LOOKAHEAD, PageWork
from function.reading.previews import Encode, Picture, illustrated
from function.reading.queue.admission import Admission
from function.reading.queue.batcher import Batcher
from function.reading.queue.pixel_budget import PixelBudget
from function.reading.recall.remembered import Remembered, Together
from function.reading.splitting.ladder_by_range import LadderByRange
from function.reading.splitting.page_costs import PageCosts
from function.reading.whole import ReadBy, whole
from function.results.model import Cost, DocumentInfo, DocumentResult, EngineInfo, PageResult
from function.telemetry import logs, metrics
from function.telemetry.cold_start import FirstAnswer

Progress: TypeAlias = "Heartbeat | Picture | PageResult | DocumentResult"


@dataclass(frozen=True, slots=True)
class RangeReading:
    """Some pages of a document, each read or with its own error.

    Attributes:
        warnings: about the document, as far as these pages met them.
        timings: seconds by phase.
    """

    pages: list[PageResult]
    warnings: list[str]
    timings: dict[str, float]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads documents; used by every door and from many threads.

    Attributes:
        opener: opens documents.
        batchers: each engine's only door, by the rung it reads: "fast" always, "accurate" where there is one.
        admission: the slots.
        dpi: at which PDF pages are drawn.
        samples: random lines a document that test its text layer.
        pixels: how many, of pages that are drawn and not yet read, may be in memory at once.
        first_answer: what the first answer says of the start.
        remembered: answers that were read before; None where every document is read.
        range_pages: pages of a long document whose text layer is checked by itself (`ladder_by_range`); 0: all.
        costs: what pages took.
        thresholds: which signs of a page wake the accurate engine, with tier=auto.
        pace: how fast that engine is.
    """

    opener: Opener
    batchers: Mapping[str, Batcher]
    admission: Admission
    dpi: float
    samples: int
    pixels: PixelBudget = field(default_factory=PixelBudget)
    first_answer: FirstAnswer = field(default_factory=FirstAnswer)
    remembered: Remembered | None = None
    range_pages: int = 0
    costs: PageCosts = field(default_factory=PageCosts)
    thresholds: Thresholds = field(default_factory=Thresholds)
    pace: Pace = field(default_factory=Pace)

    def engine_info(self, options: Options) -> EngineInfo:
        """What answers these options, as part of the fingerprint: all that may read, and what chooses between them.

        Raises:
            BadRequest: nothing does: the accurate tier is asked for, and has no engine.
        """
        self._require_engine(options)
        main = self.batchers[_rung(options)].engine.info
        if not self._may_escalate(options):
            return main
        other = self.batchers["accurate"].engine.info
        chosen = hashlib.sha256(msgspec.json.encode(self.thresholds)).hexdigest()[:16]
        return EngineInfo(
            name=f"{main.name}+{other.name}",
            version=f"{main.version}+{other.version}+{chosen}",
            weights=f"{main.weights}+{other.weights}",
        )

    def engines(self) -> dict[str, ReadBy]:
        """All that there are, by the rung they read."""
        return {rung: ReadBy(of.engine.info, sorted(wishes_of(of.engine))) for rung, of in self.batchers.items()}

    def wishes(self, rung: str) -> frozenset[str]:
        """The options that the engine of a rung knows beyond what all know."""
        return wishes_of(self.batchers[rung].engine)

    def _may_escalate(self, options: Options) -> bool:
        return options.tier == "auto" and options.ocr != "never" and "accurate" in self.batchers

    def read(self, source: Source, options: Options, caller: Caller, *, admitted: bool = False) -> DocumentResult:
        """The whole result.

        Args:
            source: the bytes.
            options: what is asked for.
            caller: who waits.
            admitted: the caller holds a slot already (who fetches a document holds one while fetching).

        Raises:
            OcrError, CallerGone: as `stream`.
        """
        for item in self.stream(source, options, caller, admitted=admitted, whole=True):
            if isinstance(item, DocumentResult):
                return item
        raise AssertionError("a stream ends with its result")

    def stream(
        self,
        source: Source,
        options: Options,
        caller: Caller,
        *,
        admitted: bool = False,
        whole: bool = False,
        encode: Encode | None = None,
    ) -> Iterator[Progress]:
        """Each page as soon as it is read, in order; heartbeats in between; last the whole result.

        Args:
            source: the bytes.
            options: what is asked for.
            caller: who waits.
            admitted: as in `read`.
            whole: the pages do not matter before the result, so that it may be awaited where another is at it.
            encode: makes the picture that comes before each page; None where none is wanted.

        Raises:
            OcrError: a Refusal where the document, or every single page, cannot be read; an Outage where we failed.
            CallerGone: nobody listens any more.
        """
        outcome = "caller-gone"
        try:
            self._require_engine(options)
            for item in self._answered(source, options, caller, admitted=admitted, whole=whole, encode=encode):
                outcome = "done" if isinstance(item, DocumentResult) else "caller-gone"
                yield item
        except OcrError as problem:
            outcome = problem.name
            raise
        except Exception as problem:
            outcome = "caller-gone" if isinstance(problem, CallerGone) else "unexpected"
            raise
        finally:
            metrics.documents.labels(outcome, options.tier).inc()

    def survey(self, source: Source, options: Options) -> tuple[DocumentInfo, list[int]]:
        """What a document is, and which of its pages are asked for; reads none. Raises as `stream`."""
        self._require_engine(options)
        with self.opener.open(source) as document:
            numbers = options.numbers(document.pages)
            if not numbers:
                raise Corrupt("the document has no pages")
            return _info(source, document), numbers

    def read_range(
        self, source: Source, options: Options, numbers: list[int], caller: Caller, *, admitted: bool = False
    ) -> RangeReading:
        """These pages alone; one that cannot be read has an error, and even all of them may.

        Raises:
            OcrError, CallerGone: as `stream`; BadRequest for a page that the document does not have.
        """
        self._require_engine(options)
        with nullcontext() if admitted else self.admission.slot(caller):
            logs.DOCUMENT.set(source.sha256)
            clock = Clock(caller.trace)
            with clock.phase("open"):
                opened = self.opener.open(source)
            with opened as document:
                if numbers[-1] > document.pages:
                    raise BadRequest(
                        f"there is no page {numbers[-1]}: the document has {document.pages}",
                        remedy=f"Ask for pages from 1 to {document.pages}.",
                    )
                work = self._work(document, numbers, options, caller, clock, whole=False)
                pages = [item for item in in_order(work, numbers) if isinstance(item, PageResult)]
                timings, warnings = clock.timings(), list(document.warnings)
        self.costs.note(options.tier, len(pages), timings)
        return RangeReading(pages, warnings, timings, _cost(clock, options))

    def _require_engine(self, options: Options) -> None:
        if options.tier == "accurate" and "accurate" not in self.batchers:
            raise BadRequest(
                "tier=accurate: this function has no accurate engine (OCR_ACCURATE_ENGINE is none)",
                remedy="Ask with tier=auto or tier=fast, or set OCR_ACCURATE_ENGINE.",
            )

    def _answered(
        self, source: Source, options: Options, caller: Caller, *, admitted: bool, whole: bool, encode: Encode | None
    ) -> Iterator[Progress]:
        """From the cache, which takes no slot; else read, and kept."""
        logs.DOCUMENT.set(source.sha256)
        memory, question = self.remembered, ""
        if memory is not None:
            engines = self._infos()
            question = memory.question(source.sha256, options, engines, engine=self.engine_info(options), dpi=self.dpi)
            if (known := memory.find(question, source, caller)) is not None:
                yield from self._recalled(known, source, caller, admitted=admitted, encode=encode)
                yield structs.replace(known, timings={**known.timings, **self.first_answer.take()})
                return
        with nullcontext() if admitted else self.admission.slot(caller, source.sha256):
            if memory is None:
                yield from self._told(source, options, caller, encode)
            elif not whole:
                told = self._told(source, options, caller, encode)
                yield from _kept(told, memory, question, caller, lambda: engines == self._infos())
            else:
                with memory.together(question, source, caller) as together:
                    known = together.known
                    told = self._told(source, options, caller, encode) if known is None else (item for item in [known])
                    yield from _kept(told, memory, question, caller, lambda: engines == self._infos(), together)

    def _infos(self) -> dict[str, EngineInfo]:
        return {rung: batcher.engine.info for rung, batcher in self.batchers.items()}

    def _recalled(
        self, known: DocumentResult, source: Source, caller: Caller, *, admitted: bool, encode: Encode | None
    ) -> Iterator[Progress]:
        """The pages of an answer from the cache; they cost a slot where they are to be seen."""
        if encode is None:
            yield from known.pages
            return
        slot = nullcontext() if admitted else self.admission.slot(caller, source.sha256)
        with slot, self.opener.open(source) as document:
            numbers = [page.number for page in known.pages]
            yield from illustrated(iter(known.pages), document, numbers, encode, caller)

    def _told(
        self, source: Source, options: Options, caller: Caller, encode: Encode | None
    ) -> Generator[Progress, None, None]:
        clock = Clock(caller.trace)
        metrics.document_bytes.inc(source.size)
        with clock.phase("open"):
            opened = self.opener.open(source)
        with opened as document:
            numbers = options.numbers(document.pages)
            if not numbers:
                raise Corrupt("the document has no pages")
            work = self._work(document, numbers, options, caller, clock)
            results: list[PageResult] = []
            caller.progress(0, len(numbers))
            told = in_order(work, numbers)
            for item in told if encode is None else illustrated(told, document, numbers, encode, caller):
                if isinstance(item, PageResult):
                    results.append(item)
                    caller.progress(len(results), len(numbers))
                yield item
            if len(work.failures) == len(numbers):
                raise work.failures[numbers[0]]
            with clock.phase("write"):
                result = whole(
                    _info(source, document), options, self.engines(), results, warnings=document.warnings, timings={},
                    cost=Cost(0.0, 0.0),
                )  # fmt: skip
            timings = clock.timings()
            self.costs.note(options.tier, len(results), timings)
            yield structs.replace(result, timings={**timings, **self.first_answer.take()}, cost=_cost(clock, options))

    def _work(
        self,
        document: Document,
        numbers: list[int],
        options: Options,
        caller: Caller,
        clock: Clock,
        *,
        whole: bool = True,
    ) -> PageWork:
        fast = self.batchers["fast"]

        def ladder_of(numbers: list[int]) -> Ladder:
            return Ladder(
                document,
                numbers,
                ocr=options.ocr,
                tier=options.tier,
                has_accurate="accurate" in self.batchers,
                recognise=lambda crops: fast.recognise(crops, caller),
                reads=fast.engine.reads,
                samples=self.samples,
                dpi=self.dpi,
            )

        in_ranges = whole and 0 < self.range_pages < len(numbers)
        ladder = LadderByRange(numbers, self.range_pages, ladder_of) if in_ranges else ladder_of(numbers)
        asked = Asked(
            language=options.language,
            wishes=options.wishes,
            request_id=caller.request_id,
            traceparent=str(caller.trace or ""),
            remaining=lambda: caller.remaining,
            gone=caller.gone,
        )
        work = PageWork(document, ladder, self.batchers, caller, clock, self.dpi, self.pixels, asked)
        if self._may_escalate(options):
            work.escalation = Escalation(Accurate(self.batchers["accurate"], self.thresholds, self.pace), caller)
        elif options.tier == "accurate":
            engine = self.batchers["accurate"].engine
            work.lookahead = max(LOOKAHEAD, engine.max_batch * engine.parallel)
        return work


def _kept(
    told: Generator[Progress, None, None],
    memory: Remembered,
    question: str,
    caller: Caller,
    asked_of_the_same: Callable[[], bool],
    together: Together | None = None,
) -> Iterator[Progress]:
    # Whoever holds our failure, or the caller's, holds this frame: the document's child is given back all the same.
    with closing(told):
        for item in told:
            if isinstance(item, DocumentResult):
                # An engine elsewhere may have become another meanwhile: then the question is no longer this one.
                keep = caller.keep and asked_of_the_same()
                memory.keep(question, item, replace(caller, keep=keep), together)
            yield item


def _rung(options: Options) -> str:
    """Whose engine answers these options."""
    return "accurate" if options.tier == "accurate" else "fast"


def _info(source: Source, document: Document) -> DocumentInfo:
    return DocumentInfo(name=source.name, sha256=source.sha256, media_type=document.media_type, pages=document.pages)


def _cost(clock: Clock, options: Options) -> Cost:
    """So far, also told to the metrics: ask once an answer."""
    cpu, gpu = clock.cpu_seconds, clock.gpu_seconds
    metrics.answer_cpu_seconds.labels(options.tier).observe(cpu)
    metrics.answer_gpu_seconds.labels(options.tier).observe(gpu)
    return Cost(cpu_seconds=round(cpu, 4), gpu_seconds=round(gpu, 4))
