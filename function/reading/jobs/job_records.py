"""What a job leaves in the buckets, and under which names: all of its state, so that any instance can tell of it.

    jobs/ID/NAME                          its upload, below the first place of OCR_INBOX
    .zeropage/jobs/ID/job.json            its record, written first and never changed
    .zeropage/jobs/ID/progress.json       how far its reading has come; written again and again by whoever reads
    .zeropage/jobs/ID/cancelled.json      its caller wants it no more
    .zeropage/jobs/ID/failed.json         its delivery was given up

The latter four lie below OCR_RESULTS. Its result lies where that of any upload does.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from datetime import datetime
from pathlib import PurePosixPath

from msgspec import Struct

from function.stores.base import Location

#: Below the first place of OCR_INBOX, and below OCR_RESULTS.
UPLOADS, FOLDER = "jobs", ".zeropage/jobs"
RECORD, PROGRESS, CANCELLED, FAILED = "job.json", "progress.json", "cancelled.json", "failed.json"
#: Random ones have 128 bits, those of an Idempotency-Key the 256 of its hash.
ID = r"[0-9a-f]{32}(?:[0-9a-f]{32})?"
_UPLOAD = re.compile(rf"(?:.*/)?{UPLOADS}/({ID})/[^/]+", re.DOTALL)
#: Begins the owner of a job whose API key has a name and no tenant; no tenant's name can begin so.
CALLER = "caller:"
_LONGEST_NAME = 180
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f/\\\\\u2028\u2029\ud800-\udfff\ufffe\uffff]")


class Record(Struct, frozen=True):
    """A job as it was asked for.

    Attributes:
        id: of it; who knows it may ask for the job, so it cannot be guessed.
        bucket: of its upload.
        key: of its upload.
        name: of the document.
        owner: whose it is; empty where no API keys are asked for.
        digest: of the document and everything asked for, by which a repeated request is told from another one.
        created: when.
        format: of the result, where the caller named one.
        presigned: the caller puts the upload there himself.
    """

    id: str
    bucket: str
    key: str
    name: str
    owner: str
    digest: str
    created: datetime
    format: str = ""
    presigned: bool = False

    @property
    def tenant(self) -> str:
        """Whose pages take turns with others'; a caller without a tenant is one by himself."""
        return self.owner.removeprefix(CALLER)


class Progress(Struct, frozen=True):
    """How far a reading has come."""

    started: datetime
    done: int
    total: int


class Failure(Struct, frozen=True):
    """Why a job was given up."""

    at: datetime
    detail: str


def new_id() -> str:
    """One that nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


def id_of_key(owner: str, idempotency_key: str) -> str:
    """The same for the same key of the same owner: SHA-256 of both."""
    return hashlib.sha256(json.dumps([owner, idempotency_key]).encode()).hexdigest()


def is_id(text: str) -> bool:
    """Whether this can be a job's ID at all."""
    return re.fullmatch(ID, text) is not None


def id_of_upload(key: str) -> str | None:
    """The job that an upload's key belongs to; None where it is no job's.

    Whoever may put objects into the inbox may choose such a key, so a job is only believed in where its record stands.
    """
    found = _UPLOAD.fullmatch(key)
    return found[1] if found else None


def upload_key(place: Location, id_: str, name: str) -> str:
    """Where a job's document is put."""
    return place.key(f"{UPLOADS}/{id_}/{name}")


def marker_key(target: Location, id_: str, name: str = "") -> str:
    """Key of one of a job's small objects, or what all of them begin with."""
    return target.key(f"{FOLDER}/{id_}/{name}")


def object_name(name: str, suffixes: tuple[str, ...], kind: str) -> str:
    """A caller's file name as the last part of a key, with an ending that is read.

    Args:
        name: as the caller says; a path's last part counts.
        suffixes: OCR_SUFFIXES; empty: every ending is read.
        kind: ending by the document's first bytes, `.png`; empty where nobody knows.
    """
    last = _UNFIT.sub("_", re.split(r"[/\\]", name)[-1]).strip(". ") or "document"
    ending = PurePosixPath(last).suffix.lower()
    if suffixes and ending not in suffixes:
        ending = kind if kind in suffixes else suffixes[0]
        return _cut(last) + ending
    return _cut(last[: len(last) - len(ending)]) + last[len(last) - len(ending) :]


def _cut(text: str) -> str:
    return text.encode()[:_LONGEST_NAME].decode("utf-8", "ignore")
