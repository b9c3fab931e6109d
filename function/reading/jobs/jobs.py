"""Jobs: a document is put into the inbox as an upload of its own, and whoever asks later is told how it stands.

Nothing is kept but in the buckets (see `job_records`), so any instance answers, and one that ends takes nothing along.
What reads the upload is what reads every upload; here its caller's wish to stop reaches that reading, and its progress
comes back.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import msgspec

from events.uploads import DocumentUploaded
from function.documents.base import Source
from function.errors import KeyReused, SourceGone, UnknownJob
from function.reading.caller import Caller, CallerGone
from function.reading.jobs import job_records
from function.reading.jobs.attendant import Attendant
from function.reading.jobs.job_records import CANCELLED, FAILED, PROGRESS, RECORD, Failure, Record
from function.reading.jobs.job_status import FINAL, Found, JobStatus, Look
from function.reading.options import Options
from function.reading.splitting import parts
from function.reading.splitting.part_store import remove_all
from function.reading.uploads.inbox import OPTION_PREFIX
from function.stores.base import ABSENT, ANY, Conflict, Location, Presigned, Store

#: Who says so, in the events of jobs.
SENDER = "jobs"


class Cancelled(Exception):
    """The caller of a job wants it no more: its delivery is over, and there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asks for.

    Attributes:
        options: of the reading.
        name: of the document, as the caller says.
        owner: who asks; empty where nobody is told apart.
        format: of the result, where the caller named one.
        idempotency_key: a repeated request with the same one is the same job; empty where each is its own.
    """

    options: Options
    name: str
    owner: str = ""
    format: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Writes and reads what jobs leave in the buckets; used from many threads.

    Every method raises StoreUnavailable; whoever asks again finds what was done so far.

    Attributes:
        uploads: store of the inbox.
        places: of it; jobs lie in the first.
        results: store of the results.
        target: where in it.
        name_of: (place of the upload, its key) → the result's key without its ending.
        suffixes: of keys that are read, in lower case; empty: all.
        ending_of: a document's first bytes → the ending of its kind, `.png`, or an empty text.
    """

    uploads: Store
    places: Sequence[Location]
    results: Store
    target: Location
    name_of: Callable[[Location, str], str]
    suffixes: tuple[str, ...]
    ending_of: Callable[[bytes], str]

    def submit(self, source: Source, wanted: Wanted) -> tuple[JobStatus, DocumentUploaded | None]:
        """Put a document into the inbox, once for each Idempotency-Key.

        Returns:
            How the job stands, and what is to be told to whoever reads; None where nothing is.

        Raises:
            KeyReused: the key was used for something else.
        """
        head = os.pread(source.fileno(), 2048, 0)
        record, fresh = self._record(wanted, [source.sha256], self.ending_of(head), presigned=False)
        found = None if fresh else self.look(record)
        if found and found.status.state != "waiting":
            return found.status, self.to_hand_on(found)
        # Conflict: somebody sends the same at this very moment.
        with suppress(Conflict), os.fdopen(os.dup(source.fileno()), "rb") as body:
            self.uploads.put(
                record.bucket,
                record.key,
                body,
                media_type="application/octet-stream",
                metadata=_metadata(wanted.options),
                only_if=ABSENT,
            )
        found = self.look(record)
        return found.status, self.to_hand_on(found)

    def announce(self, wanted: Wanted, seconds: int) -> tuple[Record, Presigned] | None:
        """Prepare a job whose upload its caller puts into the inbox himself.

        Returns:
            Its record, and the address, which is good for `seconds`; None where the store has no addresses.

        Raises:
            KeyReused: the key was used for something else.
        """
        metadata = _metadata(wanted.options)
        if self.uploads.presign_put(self.places[0].bucket, "probe", metadata=metadata, seconds=1) is None:
            return None
        record, _ = self._record(wanted, ["presigned", wanted.name], "", presigned=True)
        address = self.uploads.presign_put(record.bucket, record.key, metadata=metadata, seconds=seconds)
        assert address is not None, "it had one a moment ago"
        return record, address

    def find(self, id_: str, owner: str) -> Record:
        """The record of a job. Raises UnknownJob, also where it is another's: strangers learn nothing."""
        record = self._stored(id_)
        if record is None or record.owner != owner:
            raise UnknownJob(f"there is no job {id_[:80]!r}")
        return record

    def look(self, record: Record) -> Found:
        """How a job stands."""
        below = job_records.marker_key(self.target, record.id)
        markers = {head.key.removeprefix(below): head for head in self.results.scan(self.target.bucket, below)}
        return Look(record, markers, self._name(record), self.uploads, self.results, self.target).found()

    def to_hand_on(self, found: Found) -> DocumentUploaded | None:
        """What is told to whoever reads; None where the job is not waiting for that."""
        upload = found.upload
        if upload is None or found.status.state != "queued":
            return None
        return DocumentUploaded(
            upload.bucket, upload.key, version=upload.version, etag=upload.etag, size=upload.size, sender=SENDER
        )

    def cancel(self, record: Record) -> JobStatus:
        """Stop it wherever it is, and remove what it holds; the record stays, to say so."""
        if not self._has(record.id, CANCELLED):  # it ended when it was first told to, however often it is told so
            self._mark(record.id, CANCELLED, msgspec.json.encode({"at": datetime.now(timezone.utc)}))
        self.clear(record)
        return self.look(record).status

    def clear(self, record: Record) -> None:
        """Remove its upload, its results and what was read of it so far."""
        self.uploads.delete(record.bucket, record.key)
        name = self._name(record)
        for below in (f"{name}.", f"{parts.parts_folder(self.target, name)}/"):
            keys = [head.key for head in self.results.scan(self.target.bucket, below)]
            remove_all(self.results, self.target.bucket, keys)

    @contextmanager
    def attended(self, upload: DocumentUploaded, caller: Caller) -> Iterator[Caller]:
        """Around the reading of any upload; of a job's, its caller may cancel it, and hears how far it has come.

        Yields:
            For whom to read.

        Raises:
            Cancelled: instead of whatever else came of it.
        """
        id_ = job_records.id_of_upload(upload.key)
        record = self._stored(id_) if id_ else None
        if record is None:
            yield caller  # an upload like any other, whatever its key looks like
            return
        if self._has(record.id, CANCELLED):
            raise Cancelled(record.id)
        attendant = Attendant(
            replace(caller, tenant=caller.tenant or record.tenant),
            lambda: self._has(record.id, CANCELLED),
            lambda progress: self._mark(record.id, PROGRESS, msgspec.json.encode(progress)),
        )
        try:
            with attendant:
                yield attendant.caller
        except (CallerGone, SourceGone):
            if not self._has(record.id, CANCELLED):
                raise
        if self._has(record.id, CANCELLED):
            self.clear(record)  # what was written between the wish and its being seen
            raise Cancelled(record.id)

    def give_up(self, upload_key: str, detail: str) -> None:
        """Note that a job's delivery was given up; uploads that are no job's are passed over."""
        give_up(self.results, self.target, upload_key, detail)

    def stale(self, before: datetime) -> Iterator[Record]:
        """Jobs that ended, or whose upload never came, and whose markers nobody has touched since `before`."""
        touched: dict[str, datetime] = {}
        below = self.target.key(f"{job_records.FOLDER}/")
        for head in self.results.scan(self.target.bucket, below):
            id_ = head.key.removeprefix(below).partition("/")[0]
            touched[id_] = max(touched.get(id_, head.modified), head.modified)
        for id_ in (id_ for id_, when in touched.items() if when < before):
            record = self._stored(id_)
            if record is None:
                continue
            status = self.look(record).status
            if status.state in FINAL | {"waiting"} and (status.finished or before) <= before:
                yield record

    def forget(self, record: Record) -> None:
        """Remove a job's upload and markers, the record last; its result stays, as that of any upload."""
        self.uploads.delete(record.bucket, record.key)
        for name in (PROGRESS, FAILED, CANCELLED, RECORD):
            self.results.delete(self.target.bucket, job_records.marker_key(self.target, record.id, name))

    def _record(self, wanted: Wanted, what: list[str], kind: str, *, presigned: bool) -> tuple[Record, bool]:
        """The stored record, and whether it was written now."""
        digest = hashlib.sha256(msgspec.json.encode([*what, wanted.options, wanted.format])).hexdigest()
        key, id_ = wanted.idempotency_key, job_records.new_id()
        if key:
            id_ = job_records.id_of_key(wanted.owner, key)
            if stored := self._stored(id_):
                return _checked(stored, digest), False
        name = job_records.object_name(wanted.name, self.suffixes, kind)
        place = self.places[0]
        record = Record(
            id=id_,
            bucket=place.bucket,
            key=job_records.upload_key(place, id_, name),
            name=name,
            owner=wanted.owner,
            digest=digest,
            created=datetime.now(timezone.utc),
            format=wanted.format,
            presigned=presigned,
        )
        try:
            self._mark(id_, RECORD, msgspec.json.encode(record), only_if=ABSENT)
        except Conflict:
            return _checked(self.find(id_, wanted.owner), digest), False
        return record, True

    def _stored(self, id_: str) -> Record | None:
        if not job_records.is_id(id_):
            return None
        key = job_records.marker_key(self.target, id_, RECORD)
        try:
            with self.results.get(self.target.bucket, key, max_bytes=1 << 16) as body:
                return msgspec.json.decode(b"".join(iter(lambda: body.read(1 << 16), b"")), type=Record)
        except (SourceGone, msgspec.DecodeError):
            return None

    def _name(self, record: Record) -> str:
        place = next((one for one in self.places if one.holds(record.bucket, record.key)), self.places[0])
        return self.name_of(place, record.key)

    def _has(self, id_: str, marker: str) -> bool:
        return self.results.head(self.target.bucket, job_records.marker_key(self.target, id_, marker)) is not None

    def _mark(self, id_: str, marker: str, body: bytes, *, only_if: str = ANY) -> None:
        key = job_records.marker_key(self.target, id_, marker)
        self.results.put(self.target.bucket, key, body, media_type="application/json", only_if=only_if)


def give_up(results: Store, target: Location, upload_key: str, detail: str) -> None:
    """Note that a job's delivery was given up; the archive of dead letters does so, which knows no inbox."""
    id_ = job_records.id_of_upload(upload_key)
    if id_ is None or results.head(target.bucket, job_records.marker_key(target, id_, RECORD)) is None:
        return
    failure = msgspec.json.encode(Failure(datetime.now(timezone.utc), detail))
    key = job_records.marker_key(target, id_, FAILED)
    results.put(target.bucket, key, failure, media_type="application/json")


def _checked(stored: Record, digest: str) -> Record:
    if stored.digest != digest:
        raise KeyReused("this Idempotency-Key came before with another document or other options")
    return stored


def _metadata(options: Options) -> Mapping[str, str]:
    """Options that are not the default, as an upload tells them."""
    told = msgspec.structs.asdict(options)
    return {OPTION_PREFIX + name: value for name, value in told.items() if value != getattr(Options(), name)}
