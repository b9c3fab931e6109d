"""An upload's story: is it answered already; else read it and write the result, once, by the protocol of `commit`.

What comes of a delivery is a value, whoever delivered it: the doors turn it into a reply, a status, an event.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, TypeAlias

import msgspec

from function.documents.base import ClosingSource, Source
from function.errors import Forbidden, Refusal, SourceGone
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.reader import Reader
from function.reading.recall.fingerprint import fingerprint_of
from function.reading.result_file import ResultFile
from function.reading.searchable import searchable_pdf
from function.reading.splitting.manifest import Manifest
from function.reading.splitting.part_store import PartStore
from function.reading.splitting.parts import manifest_key
from function.reading.splitting.split import Divided, SplitRules, manifest_of
from function.reading.uploads.commit import ID, Commit, Finished, Payload, Upload, result_id
from function.reading.uploads.turns import Turns
from function.results.model import DocumentResult, PageError
from function.results.writers import WRITERS, Writer
from function.spelling import nearest
from function.stores.base import Content, Location, ObjectHead, Replaced, Store
from function.telemetry import metrics

log = logging.getLogger(__name__)

#: Metadata of an upload that choose its options: `x-amz-meta-ocr-tier` and so on.
OPTION_PREFIX = "ocr-"
#: Metadata of a result that replies to redeliveries are made from.
FACTS = "ocr-facts"


class Facts(msgspec.Struct, frozen=True):
    """What a reply tells of a result; kept in the result's metadata, so that a redelivery need not open it."""

    pages: int
    failed_pages: int
    rungs: dict[str, int]
    formats: list[str]
    seconds: float
    cpu_seconds: float
    gpu_seconds: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A result stands.

    Attributes:
        id: of the answer, the same for every redelivery.
        fingerprint: of everything that determined it.
        results: address by format.
        facts: for the reply.
        fresh: written by this delivery.
    """

    id: str
    fingerprint: str
    results: Mapping[str, str]
    facts: Facts
    fresh: bool


@dataclass(frozen=True, slots=True)
class Superseded:
    """A newer upload stands there; its own event follows, so nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The document's fault; told in NAME.error.json.

    Attributes:
        fingerprint: of what was asked for; empty where the document could not even be fetched.
        problem: what is wrong, with its status.
        result: address of NAME.error.json.
    """

    fingerprint: str
    problem: Refusal
    result: str


Outcome: TypeAlias = Answered | Superseded | Refused | Divided


@dataclass(frozen=True, slots=True)
class Inbox:
    """Reads uploads into results; used from many threads.

    Attributes:
        reader: the story of a document.
        uploads: where uploads lie.
        places: of them, the only ones that are read.
        results: where results go.
        target: of them.
        formats: written besides JSON; names of WRITERS.
        name_of: (place of the upload, its key) → the result's key without its ending.
        take_in: a stream and a name → a document source; refuses what is too large.
        to_disk: the same, but a file whatever its size.
        max_bytes: of an upload.
        metadata: that every result gets besides ours.
        turns: keep two deliveries of one upload from reading it twice.
        defaults: options where an upload names none.
        split: when documents are split; None where nobody could be asked for their ranges.
    """

    reader: Reader
    uploads: Store
    places: Sequence[Location]
    results: Store
    target: Location
    formats: Sequence[str]
    name_of: Callable[[Location, str], str]
    take_in: Callable[[IO[bytes], str], ClosingSource]
    to_disk: Callable[[IO[bytes], str], ClosingSource]
    max_bytes: int
    metadata: Mapping[str, str]
    turns: Turns
    defaults: Options = field(default_factory=Options)
    split: SplitRules | None = None

    @property
    def parts(self) -> PartStore:
        """Where the parts of split documents lie."""
        return PartStore(self.results, self.target)

    def handle(self, upload: Upload, caller: Caller) -> Outcome:
        """Answer one upload.

        Raises:
            Forbidden: it lies outside the inbox; nothing was read.
            SourceGone: it was deleted since.
            Outage: ours; deliver it again.
            CallerGone: the deliverer has hung up.
        """
        name = self.name(upload)
        commit = self.commit_of(upload, name)
        try:
            with self.turns.turn((upload.bucket, upload.key), caller):
                outcome = self._handle(commit, name, caller)
        except Replaced:
            outcome = Superseded()
        metrics.uploads.labels(type(outcome).__name__.lower() if not _repeated(outcome) else "repeated").inc()
        return outcome

    def name(self, upload: Upload) -> str:
        """Key of an upload's result without its ending. Raises Forbidden where it lies outside the inbox."""
        place = next((place for place in self.places if place.holds(upload.bucket, upload.key)), None)
        if place is None:
            raise Forbidden(f"{upload.bucket}/{upload.key} lies outside OCR_INBOX; nothing was read")
        return self.name_of(place, upload.key)

    def commit_of(self, upload: Upload, name: str) -> Commit:
        """The writing of its answer, once; see `commit`."""
        return Commit(inbox=self.uploads, results=self.results, upload=upload, bucket=self.target.bucket, name=name)

    def _handle(self, commit: Commit, name: str, caller: Caller) -> Outcome:
        begun = commit.start()
        if isinstance(begun, Finished):
            return self.answered(begun, name)
        fingerprint, manifest, pdf = "", None, b""
        try:
            with self.reader.admission.slot(caller), self.body(begun) as source:
                options = options_of(begun.metadata, self.defaults)
                fingerprint = fingerprint_of(source.sha256, options, self.reader.engine_info(options), self.reader.dpi)
                manifest = self._manifest(begun, name, fingerprint, source, options)
                if manifest is None:
                    result = self.reader.read(source, options, caller, admitted=True)
                    pdf = self.searchable(result, source)
        except SourceGone:
            raise
        except Refusal as problem:
            return self.refused(commit, begun, fingerprint, problem, name)
        if manifest is not None:
            return self._divided(begun, manifest)
        with ResultFile.of(result) as file:
            return self.answered(self.write(commit, begun, fingerprint, result, file, pdf=pdf), name)

    def searchable(self, result: DocumentResult, source: Source) -> bytes:
        """The searchable PDF, where it is wanted; empty where it is not, or where the document cannot be written anew.

        Raises:
            RendererKilled, DeadlineExceeded: deliver it again.
        """
        if "pdf" not in self.formats:
            return b""
        try:
            return searchable_pdf(result, self.reader.opener, source)
        except Refusal as problem:  # it was read all the same, and the other formats stand
            log.warning("there is no searchable PDF of document %s: %s", source.sha256, problem)
            return b""

    def _manifest(
        self, head: ObjectHead, name: str, fingerprint: str, source: Source, options: Options
    ) -> Manifest | None:
        """Into which ranges the document is to be split; None where it is read here and now."""
        if self.split is None:
            return None
        document, numbers = self.reader.survey(source, options)
        most = self.split.pages_a_range(len(numbers), options.tier)
        if not most:
            return None
        return manifest_of(head, name, fingerprint, document, options, self.reader.engines(), numbers, most)

    def _divided(self, head: ObjectHead, manifest: Manifest) -> Divided:
        """Holds no slot: whoever is asked for the ranges may need it."""
        manifest, _ = self.parts.fix(manifest)
        missing = self.parts.missing(manifest)
        return Divided(head, manifest, manifest_key(self.parts.folder(manifest)), missing, complete=not missing)

    def body(self, head: ObjectHead, *, on_disk: bool = False) -> ClosingSource:
        """This very version of an upload, fetched. Raises SourceGone, Replaced, TooLarge, StoreUnavailable."""
        with self.uploads.get(
            head.bucket, head.key, max_bytes=self.max_bytes, version=head.version, etag=head.etag
        ) as body:
            take = self.to_disk if on_disk else self.take_in
            return take(body, head.key.rpartition("/")[2])  # type: ignore[arg-type] # read() is all it needs

    def write(
        self,
        commit: Commit,
        head: ObjectHead,
        fingerprint: str,
        result: DocumentResult,
        file: ResultFile,
        gaps: Sequence[tuple[int, int]] = (),
        pdf: bytes = b"",
    ) -> Finished:
        """Write a result in every format.

        Args:
            commit: of the upload.
            head: of the version that was read.
            fingerprint: of everything that determined it.
            result: what was read.
            file: with all of its pages; formats besides JSON and Markdown need them in `result`, too.
            gaps: ranges that were given up.
            pdf: of `searchable`.
        """
        writers = [WRITERS[form] for form in self.formats if form != "pdf" or pdf]
        others = [Payload(writer.ending, writer.media_type, _body(writer, result, file, pdf)) for writer in writers]
        # With its id inside, no two results are the same bytes, so an etag never comes back.
        id_ = result_id(head, fingerprint, *chain.from_iterable(gaps))
        result = msgspec.structs.replace(result, id=id_, warnings=[*result.warnings, *passed_over(head.metadata)])
        main = Payload("json", "application/json", file.finished(result))
        facts = msgspec.json.encode(facts_of(result, [*(writer.name for writer in writers), "json"])).decode()
        return commit.finish(head, fingerprint, main, others, {**self.metadata, FACTS: facts}, gaps)

    def refused(self, commit: Commit, head: ObjectHead, fingerprint: str, problem: Refusal, name: str) -> Refused:
        """Write NAME.error.json."""
        told = PageError(problem.type, problem.title, problem.detail, problem.remedy)
        body = msgspec.json.encode({"status": problem.status, **msgspec.to_builtins(told)})
        commit.refuse(head, fingerprint, Payload("error.json", "application/problem+json", body))
        return Refused(fingerprint, problem, self._address(f"{name}.error.json"))

    def answered(self, finished: Finished, name: str) -> Answered:
        """What stands there, for a reply."""
        facts = msgspec.json.decode(finished.metadata[FACTS], type=Facts)
        return Answered(
            id=finished.id,
            fingerprint=finished.metadata.get("ocr-fingerprint", ""),
            results={form: self._address(f"{name}.{WRITERS[form].ending}") for form in facts.formats},
            facts=facts,
            fresh=finished.fresh,
        )

    def _address(self, key: str) -> str:
        scheme = f"file://{self.target.folder}" if self.target.folder else "s3:/"
        return f"{scheme}/{self.target.bucket}/{key}"


def options_of(metadata: Mapping[str, str], defaults: Options) -> Options:
    """An upload's own options (object metadata `ocr-tier`, `ocr-pages` and so on), else the defaults.

    Raises:
        BadRequest: one of them is wrong.
    """
    chosen = {
        name: metadata[OPTION_PREFIX + name] for name in Options.__struct_fields__ if metadata.get(OPTION_PREFIX + name)
    }
    return Options.parse({**{name: getattr(defaults, name) for name in Options.__struct_fields__}, **chosen})


def passed_over(metadata: Mapping[str, str]) -> list[str]:
    """An upload's metadata that looks like an option and is none, as warnings of its result.

    Not refused: other programs mark objects, too, and a name that begins with `ocr-` may be theirs.
    """
    if ID in metadata:  # a result of ours, copied together with its marks
        return []
    told = ((name, _why_passed_over(name)) for name in sorted(metadata))
    return [f"the upload's metadata {name[:40]} changed nothing: {why}" for name, why in told if why]


def _why_passed_over(name: str) -> str:
    """Empty where it is an option, or nothing like one."""
    options = Options.__struct_fields__
    known = [OPTION_PREFIX + option for option in options]
    if name in {"format", OPTION_PREFIX + "format"}:
        return "which formats are written is the same for every upload (OCR_FORMATS)"
    if name in options:
        return f"names of options begin with {OPTION_PREFIX}; write {OPTION_PREFIX}{name}"
    if name not in known and name.startswith((OPTION_PREFIX, "ocr_")):
        return f"there is no such option{nearest(name, known, cutoff=0.75)}"
    return ""


def facts_of(result: DocumentResult, formats: list[str]) -> Facts:
    """What a reply tells of a result."""
    return Facts(
        pages=result.document.pages,
        failed_pages=sum(page.error is not None for page in result.pages),
        rungs=dict(Counter(page.rung for page in result.pages if page.rung)),
        formats=formats,
        seconds=result.timings.get("total", 0.0),
        cpu_seconds=result.cost.cpu_seconds,
        gpu_seconds=result.cost.gpu_seconds,
    )


def _body(writer: Writer, result: DocumentResult, file: ResultFile, pdf: bytes) -> Content:
    if writer.name == "markdown":
        return file.markdown()
    return writer.write(result) if writer.write else pdf


def _repeated(outcome: Outcome) -> bool:
    return isinstance(outcome, Answered) and not outcome.fresh
