"""A range's story: is the document answered already; else read it, write the partial, and join when all are there.

No lock, no counter: each delivery looks at what stands in the buckets, adds what is missing and may be killed anywhere;
when it comes again it finds what was done. Whoever sees all partials joins them, perhaps several at once; the protocol
of `commit` leaves one result.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from msgspec import structs

from events.ours import PagesRequested
from function.documents.base import ClosingSource
from function.engines.base import UNKNOWN_VERSION
from function.errors import BadRequest, Forbidden, NotReady, Refusal, SourceGone
from function.reading.caller import Caller
from function.reading.recall.fingerprint import fingerprint_of
from function.reading.splitting.copies import Copies
from function.reading.splitting.join import Join
from function.reading.splitting.manifest import Manifest, Partial, Unfit, given_up, partial_of
from function.reading.splitting.part_store import PartStore
from function.reading.splitting.parts import manifest_key, split_folder
from function.reading.splitting.split import Divided
from function.reading.uploads.commit import Commit, Finished, Upload, result_id
from function.reading.uploads.inbox import Inbox, Outcome, Superseded
from function.results.model import DocumentResult, PageError
from function.stores.base import ObjectHead, Replaced
from function.telemetry import metrics

log = logging.getLogger(__name__)

_REMEDY = "Send the event of the upload again (`python -m events reconcile`): it is split anew."


@dataclass(frozen=True, slots=True)
class Ranges:
    """Reads ranges of split documents; used from many threads.

    Attributes:
        inbox: where uploads lie, and what writes results.
        copies: of the documents whose ranges are read here.
    """

    inbox: Inbox
    copies: Copies

    @property
    def parts(self) -> PartStore:
        """Where partials lie."""
        return self.inbox.parts

    def handle(self, asked: PagesRequested, caller: Caller) -> Outcome:
        """Answer the event of one range.

        Raises:
            Forbidden: upload or manifest lie where nothing of ours does; nothing was read.
            BadRequest: the manifest was altered, or has no such range.
            Outage: ours; deliver it again.
            CallerGone: the deliverer has hung up.
        """
        commit, name, folder = self._place(asked)
        try:
            with self.inbox.turns.turn((asked.manifest, asked.first, asked.last), caller):
                outcome = self._handle(asked, commit, name, folder, caller)
        except (Replaced, SourceGone):
            outcome = Superseded()
        metrics.ranges.labels(_label(outcome)).inc()
        return outcome

    def give_up(self, asked: PagesRequested, cause: str) -> Outcome | None:
        """Record that a range failed whenever it was delivered, and join when nothing else is missing.

        Args:
            asked: the dead letter.
            cause: for people.

        Raises:
            Refusal: it is no range of ours.
            Outage: deliver the dead letter again.
        """
        commit, name, folder = self._place(asked)
        try:
            begun = commit.start(whole=True)
            manifest = None if isinstance(begun, Finished) else self._manifest(asked, folder)
            if isinstance(begun, Finished) or manifest is None or self.parts.begun_later(folder):
                return None
            metrics.ranges.labels("given-up").inc()
            error = PageError("urn:zeropage:problem:given-up", "The page was given up", cause, _REPLAY)
            self.parts.write(folder, given_up(manifest, asked.first, asked.last, error))
            return self._joined_if_complete(commit, begun, manifest, name, folder)
        except (Replaced, SourceGone):
            return None

    def joined(self, divided: Divided) -> Outcome:
        """Join what is complete; see `handle` for what it raises."""
        manifest = divided.manifest
        upload = Upload(manifest.bucket, manifest.key, manifest.source_version, manifest.source_etag)
        commit, folder = self.inbox.commit_of(upload, manifest.name), self.parts.folder(manifest)
        try:
            return self._joined_if_complete(commit, divided.source, manifest, manifest.name, folder)
        except (Replaced, SourceGone):
            return Superseded()

    def _place(self, asked: PagesRequested) -> tuple[Commit, str, str]:
        """Only what could be ours is looked at: the key follows from the upload and the fingerprint."""
        told = asked.upload
        upload = Upload(told.bucket, told.key, told.version, told.etag)
        name = self.inbox.name(upload)
        head = _as_head(upload)
        folder = split_folder(self.inbox.target, name, result_id(head, asked.fingerprint))
        if asked.manifest != manifest_key(folder):
            raise Forbidden(
                f"manifest {asked.manifest[:200]!r} is not where OCR_RESULTS keeps that upload's; nothing was read",
                remedy="Send the event as it was sent, to a function with the same OCR_INBOX and OCR_RESULTS.",
            )
        return self.inbox.commit_of(upload, name), name, folder

    def _handle(self, asked: PagesRequested, commit: Commit, name: str, folder: str, caller: Caller) -> Outcome:
        begun = commit.start(whole=True)
        if isinstance(begun, Finished):
            self.parts.sweep(folder)  # of a joiner that was killed, or of a range that was slower than all others
            return self.inbox.answered(begun, name)
        manifest = self._manifest(asked, folder)
        if manifest is None:  # joined a moment ago, or never fixed
            begun = commit.start()
            return self.inbox.answered(begun, name) if isinstance(begun, Finished) else Superseded()
        if self._is_foreign(manifest):
            return self._elsewhere(manifest, begun)
        if not self.parts.standing(folder).get((asked.first, asked.last)):
            self.parts.write(folder, self._read(manifest, begun, asked, caller))
        return self._joined_if_complete(commit, begun, manifest, name, folder)

    def _manifest(self, asked: PagesRequested, folder: str) -> Manifest | None:
        try:
            manifest = self.parts.manifest(folder)
        except Unfit as problem:
            raise BadRequest(f"manifest {asked.manifest!r} cannot be used: {problem}", remedy=_REMEDY) from None
        if manifest is not None and (asked.first, asked.last) not in [tuple(pages) for pages in manifest.ranges]:
            raise BadRequest(
                f"first and last: {asked.first}-{asked.last} is no range of manifest {asked.manifest!r}; "
                f"the document has {manifest.document.pages} pages",
                remedy="Send the event as this function sent it.",
            )
        return manifest

    def _is_foreign(self, manifest: Manifest) -> bool:
        """Whether another engine than ours began it; not while one of both has not told yet which it is."""
        own = self._fingerprint(manifest)
        if not own or own == manifest.fingerprint:
            return not own
        told = [*manifest.engines.values(), *self.inbox.reader.engines().values()]
        return all(of.info.version != UNKNOWN_VERSION for of in told)

    def _fingerprint(self, manifest: Manifest) -> str:
        reader = self.inbox.reader
        if manifest.options.tier == "accurate" and "accurate" not in reader.batchers:
            return ""
        engine = reader.engine_info(manifest.options)
        return fingerprint_of(manifest.document.sha256, manifest.options, engine, reader.dpi)

    def _elsewhere(self, manifest: Manifest, head: ObjectHead) -> Outcome:
        """Another engine, of an older revision perhaps, began to read this document: ours begins anew, beside it.

        Whichever is done first answers. The range itself is delivered again, to a pod that has its engine, or until
        the result stands.
        """
        fingerprint = self._fingerprint(manifest)
        if not fingerprint:
            raise NotReady("this instance has no accurate engine (OCR_ACCURATE_ENGINE), and the range needs it")
        own = structs.replace(
            manifest,
            id=result_id(head, fingerprint),
            fingerprint=fingerprint,
            engines=self.inbox.reader.engines(),
        )
        own, new = self.parts.fix(own)
        key = manifest_key(self.parts.folder(own))
        return Divided(head, own, key, own.ranges if new else (), elsewhere=True)

    def _read(self, manifest: Manifest, head: ObjectHead, asked: PagesRequested, caller: Caller) -> Partial:
        numbers = manifest.numbers(asked.first, asked.last)
        reader = self.inbox.reader
        of = (head.bucket, head.key, head.version, head.etag)
        try:
            with reader.admission.slot(caller), self.copies.copy(of, lambda: self._fetched(head)) as source:
                if source.sha256 != manifest.document.sha256:
                    raise Replaced(head.key)
                reading = reader.read_range(source, manifest.options, numbers, caller, admitted=True)
        except SourceGone:
            raise
        except Refusal as problem:  # of the whole range: it would end the same whoever reads it
            error = PageError(problem.type, problem.title, problem.detail, problem.remedy)
            return structs.replace(given_up(manifest, asked.first, asked.last, error), failed=False)
        return partial_of(
            manifest, asked.first, asked.last, reading.pages, warnings=reading.warnings, timings=reading.timings,
            cost=reading.cost,
        )  # fmt: skip

    def _searchable(self, head: ObjectHead, result: DocumentResult) -> bytes:
        if "pdf" not in self.inbox.formats:
            return b""
        of = (head.bucket, head.key, head.version, head.etag)
        with self.copies.copy(of, lambda: self._fetched(head)) as source:
            return self.inbox.searchable(result, source)

    def _fetched(self, head: ObjectHead) -> ClosingSource:
        return self.inbox.body(head, on_disk=True)

    def _joined_if_complete(
        self, commit: Commit, head: ObjectHead, manifest: Manifest, name: str, folder: str
    ) -> Outcome:
        if self.parts.missing(manifest):
            begun = commit.start(whole=True)  # others may have joined, and removed the parts, since this one looked
            if isinstance(begun, Finished):
                self.parts.sweep(folder)
                return self.inbox.answered(begun, name)
            return Divided(head, manifest, manifest_key(folder))
        with Join(manifest, complete=bool(set(self.inbox.formats) - {"markdown"})) as join:
            return self._joined(commit, head, manifest, join, name, folder)

    def _joined(
        self, commit: Commit, head: ObjectHead, manifest: Manifest, join: Join, name: str, folder: str
    ) -> Outcome:
        for first, last in manifest.ranges:
            try:
                partial = self.parts.partial(folder, manifest, first, last)
            except Unfit as problem:
                log.warning("pages %d-%d of a split document are read again: %s", first, last, problem)
                partial = None
            if partial is None:
                begun = commit.start(whole=True)
                if isinstance(begun, Finished):
                    return self.inbox.answered(begun, name)
                return Divided(head, manifest, manifest_key(folder), [(first, last)])
            join.add(partial)
        return self._committed(commit, head, manifest, join, name, folder)

    def _committed(
        self, commit: Commit, head: ObjectHead, manifest: Manifest, join: Join, name: str, folder: str
    ) -> Outcome:
        try:
            result, file = join.result()
        except Refusal as problem:
            refused = self.inbox.refused(commit, head, manifest.fingerprint, problem, name)
            self.parts.sweep(folder)
            return refused
        finished = self.inbox.write(
            commit, head, manifest.fingerprint, result, file, join.gaps, self._searchable(head, result)
        )
        if not join.gaps:  # else a replayed range shall still find the others
            self.parts.sweep(folder)
        return self.inbox.answered(finished, name)


_REPLAY = "Mend the cause, then send the dead letter again: python -m events replay deadletters."


def _as_head(upload: Upload) -> ObjectHead:
    """As far as an id depends on it."""
    from datetime import datetime, timezone

    return ObjectHead(
        upload.bucket, upload.key, 0, upload.etag, upload.version, datetime.fromtimestamp(0, timezone.utc)
    )


def _label(outcome: Outcome) -> str:
    if isinstance(outcome, Divided):
        return "elsewhere" if outcome.elsewhere else "read"
    return type(outcome).__name__.lower()
