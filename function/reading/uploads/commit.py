"""Events come at least once, results go out exactly once: the source bucket is the authority.

To write anything: (1) HEAD the target: its etag E, or absent; (2) HEAD the source: no longer the version that was read
→ `Replaced`, its own event follows; (3) PUT with If-Match E, or If-None-Match *; refused → from (1). There is no lock,
no clock and no order of events. Why the newest upload always wins: whoever wrote saw, after looking at the target and
before writing it, that his version was the current one. A newer upload came later still, so its own writer looks at the
target, and writes it, after that; if he was faster, the target's etag has changed, and the older PUT is refused.

`NAME.json` goes last: it is the commit. Its metadata holds which upload it answers, and the id of the answer, so a
redelivery costs one HEAD. Killed anywhere, a delivery that comes again finishes the work.

Limits. A store without conditional writes (`Store.conditional_puts`) checks and then puts: two writers within the same
milliseconds can leave the older result. An etag follows the bytes: where a target becomes byte for byte what it was two
writings ago, between another writer's steps (1) and (3), he writes over it; NAME.json should hold the id and so never
repeats. Where a bucket keeps no versions and an upload is replaced by its own former bytes within those milliseconds,
the result in between can stay. `reconcile` finds and mends each of these, as the metadata tells which upload was read.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import EllipsisType

from function.errors import StoreUnavailable
from function.stores.base import ABSENT, NO_VERSION, Conflict, Content, ObjectHead, Replaced, Store, same_object
from function.telemetry.spans import child

#: Metadata of every result; names in the result bucket's own headers begin with `x-amz-meta-`.
ID, FINGERPRINT = "ocr-id", "ocr-fingerprint"
SOURCE, SOURCE_VERSION, SOURCE_ETAG = "ocr-source", "ocr-source-version", "ocr-source-etag"
#: Stands in a result that found a NAME.error.json, so that whoever meets it removes that, should its writer not.
MENDS = "ocr-mends"
#: Pages that a result lacks because their ranges were given up; a fuller one takes its place.
MISSING = "ocr-missing-pages"
#: A lost round is somebody else's progress; so many in a row are none.
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Upload:
    """The object that an event names; version and etag as far as the event tells them."""

    bucket: str
    key: str
    version: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """One object to be written: `NAME.suffix`."""

    suffix: str
    media_type: str
    body: Content


@dataclass(frozen=True, slots=True)
class Finished:
    """The result stands.

    Attributes:
        id: of the answer: the stored one, whatever engine runs by now.
        key: of NAME.json.
        fresh: written by this call.
        metadata: as stored, the `facts` of its writer among it.
    """

    id: str
    key: str
    fresh: bool
    metadata: Mapping[str, str]


def missing_in(metadata: Mapping[str, str]) -> int:
    """Pages that a result lacks because their ranges were given up."""
    told = metadata.get(MISSING, "")
    return int(told) if told.isdecimal() else 0


def result_id(source: ObjectHead, fingerprint: str, *pages: int) -> str:
    """The id of an answer: SHA-256 of bucket, key, version (else etag), fingerprint, and page numbers.

    Args:
        source: what was read.
        fingerprint: of everything that determines the answer.
        pages: first and last of each range that the answer lacks: a fuller one must not look like its repeat.
    """
    version = source.etag if source.version in NO_VERSION else source.version
    told = json.dumps([source.bucket, source.key, version, fingerprint, *pages], ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def is_about(written: ObjectHead, bucket: str, key: str, version: str, etag: str) -> bool:
    """Whether an object of ours, a result or a refusal, is about this version of this upload."""
    told = written.metadata
    return told.get(SOURCE) == _place(bucket, key) and same_object(
        told.get(SOURCE_VERSION, ""), told.get(SOURCE_ETAG, ""), version, etag
    )


class Commit:
    """The writing of one delivery's answer.

    Args:
        inbox: has the upload.
        results: gets the answer.
        upload: from the event.
        bucket: of the results.
        name: the result's key without suffix, prefix included; see `naming.result_name`.

    Every method raises StoreUnavailable, and:

    Raises:
        Replaced: a newer upload stands there; nothing more is to be done, its own event follows.
        SourceGone: the upload was deleted.
    """

    def __init__(self, *, inbox: Store, results: Store, upload: Upload, bucket: str, name: str) -> None:
        self._inbox, self._results = inbox, results
        self._upload, self._bucket, self._name = upload, bucket, name

    def start(self, *, whole: bool = False) -> Finished | ObjectHead:
        """The answer, where it stands already; else the head of the upload that is to be read.

        Args:
            whole: an answer that lacks pages is none.
        """
        named = self._upload
        told = named.version not in NO_VERSION or bool(named.etag)
        source = None if told else self._current()
        version, etag = (source.version, source.etag) if source else (named.version, named.etag)
        result = self._results.head(self._bucket, self._key("json"))
        if result and self._answers(result, version, etag) and not (whole and missing_in(result.metadata)):
            return self._finished(result.metadata, fresh=False)
        source = source or self._current()
        if not same_object(source.version, source.etag, version, etag):
            self._withdraw_error(version, etag)
            raise Replaced(named.key)
        return source

    def finish(
        self,
        source: ObjectHead,
        fingerprint: str,
        result: Payload,
        others: Iterable[Payload] = (),
        facts: Mapping[str, str] | None = None,
        gaps: Sequence[tuple[int, int]] = (),
    ) -> Finished:
        """Write the answer: the other formats, then `result`, which commits it, and remove an older refusal.

        An answer of the same upload that stands there stays, unless it lacks more pages.

        Args:
            source: what was read, from `start`.
            fingerprint: of everything that determines the answer.
            result: NAME.json; let it hold the id.
            others: further formats.
            facts: for replies to redeliveries, and operators; not much over 1 KB.
            gaps: first and last page of each range that was given up.
        """
        metadata = {**(facts or {}), **_metadata(source, fingerprint, gaps)}
        missing = missing_in(metadata)

        def stays(head: ObjectHead) -> bool:
            return self._answers(head, source.version, source.etag) and missing_in(head.metadata) <= missing

        def stays_beside(head: ObjectHead) -> bool:
            return head.metadata.get(ID) == metadata[ID] or (stays(head) and missing_in(head.metadata) < missing)

        seen = self._results.head(self._bucket, self._key("json"))
        if seen and stays(seen):
            return self._finished(seen.metadata, fresh=False)
        for payload in others:
            self._write(source, payload, metadata, stays_beside)
        if self._results.head(self._bucket, self._key("error.json")):
            metadata[MENDS] = "1"
        stood = self._write(source, result, metadata, stays, seen)
        return self._finished(stood.metadata if stood else metadata, fresh=stood is None)

    def refuse(self, source: ObjectHead, fingerprint: str, problem: Payload) -> str:
        """Write NAME.error.json, and tell the refusal's id; it never counts as finished, each delivery tries again."""
        metadata = _metadata(source, fingerprint)
        self._write(source, problem, metadata, lambda head: head.metadata.get(ID) == metadata[ID])
        # A newer upload may have been answered meanwhile, when there was no refusal to remove yet.
        now = self._inbox.head(source.bucket, source.key)
        if now is None or not same_object(now.version, now.etag, source.version, source.etag):
            self._withdraw_error(source.version, source.etag)
            raise Replaced(source.key)
        return metadata[ID]

    def _write(
        self,
        source: ObjectHead,
        payload: Payload,
        metadata: Mapping[str, str],
        settled: Callable[[ObjectHead], bool],
        seen: ObjectHead | EllipsisType | None = ...,
    ) -> ObjectHead | None:
        """The protocol. Tells the head of what others (or a lost answer's own attempt) had written; None: written now.

        Args:
            source: must still be current.
            payload: what to write.
            metadata: with it.
            settled: whether what stands there makes writing needless.
            seen: step (1), where it was done before.
        """
        with child("store", key=self._key(payload.suffix)):
            return self._put(source, payload, metadata, settled, seen)

    def _put(
        self,
        source: ObjectHead,
        payload: Payload,
        metadata: Mapping[str, str],
        settled: Callable[[ObjectHead], bool],
        seen: ObjectHead | EllipsisType | None,
    ) -> ObjectHead | None:
        """As `_write`."""
        key = self._key(payload.suffix)
        for _ in range(ROUNDS):
            target = self._results.head(self._bucket, key) if seen is ... else seen
            seen = ...
            if target and settled(target):
                return target
            now = self._current()
            if not same_object(now.version, now.etag, source.version, source.etag):
                raise Replaced(source.key)
            try:
                self._results.put(
                    self._bucket,
                    key,
                    payload.body,
                    media_type=payload.media_type,
                    metadata=metadata,
                    only_if=target.etag if target else ABSENT,
                )
            except Conflict:
                continue
            return None
        raise StoreUnavailable(f"{key} was written by others {ROUNDS} times in a row", remedy="Try again later.")

    def _current(self) -> ObjectHead:
        head = self._inbox.head(self._upload.bucket, self._upload.key)
        if head is None:
            # A HEAD's answer has no words; a GET tells an object that is gone from a bucket that is.
            with self._inbox.get(self._upload.bucket, self._upload.key, max_bytes=sys.maxsize) as body:
                return body.head
        return head

    def _finished(self, metadata: Mapping[str, str], *, fresh: bool) -> Finished:
        if MENDS in metadata:
            self._clear_error(metadata[SOURCE_VERSION], metadata[SOURCE_ETAG])
        return Finished(metadata[ID], self._key("json"), fresh, metadata)

    def _clear_error(self, version: str, etag: str) -> None:
        """Remove a refusal that the result of this version has overtaken; one of a newer upload stays."""
        error = self._results.head(self._bucket, self._key("error.json"))
        if error is None:
            return
        if not self._answers(error, version, etag):
            # Only now, after looking at it: a refusal seen while this version is current is no newer one's.
            now = self._inbox.head(self._upload.bucket, self._upload.key)
            if now is None or not same_object(now.version, now.etag, version, etag):
                return
        self._delete(error)

    def _withdraw_error(self, version: str, etag: str) -> None:
        """Remove a refusal that was this delivery's own."""
        error = self._results.head(self._bucket, self._key("error.json"))
        if error and self._answers(error, version, etag):
            self._delete(error)

    def _delete(self, head: ObjectHead) -> None:
        try:
            self._results.delete(head.bucket, head.key, only_if=head.etag)
        except Conflict:
            return  # written anew: its writer's to remove

    def _answers(self, written: ObjectHead, version: str, etag: str) -> bool:
        return is_about(written, self._upload.bucket, self._upload.key, version, etag)

    def _key(self, suffix: str) -> str:
        return f"{self._name}.{suffix}"


def _place(bucket: str, key: str) -> str:
    """Two inboxes may share a results bucket; short, as S3 keeps 2 KB of metadata and a key has up to 1 KB."""
    return hashlib.sha256(json.dumps([bucket, key]).encode()).hexdigest()[:32]


def _metadata(source: ObjectHead, fingerprint: str, gaps: Sequence[tuple[int, int]] = ()) -> dict[str, str]:
    missing = {MISSING: str(sum(last - first + 1 for first, last in gaps))} if gaps else {}
    return {
        **missing,
        ID: result_id(source, fingerprint, *chain.from_iterable(gaps)),
        FINGERPRINT: fingerprint,
        SOURCE: _place(source.bucket, source.key),
        SOURCE_VERSION: source.version,
        SOURCE_ETAG: source.etag,
    }
