"""What a sender's message comes to: uploads, or a word why there is nothing to do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from events.errors import shown

#: Why a message asks for nothing; the label of a metric, so the list is closed.
Reason = Literal[
    "test",  # the sender tries its address
    "removed",  # deleted, expired, archived
    "metadata",  # tags, retention, ACL, storage class, access, restored: the bytes are the same
    "multipart",  # begun, or a part of it
    "empty",  # no bytes
    "folder",  # the key ends in a slash, or the entry is a directory
    "suffix",  # not one that is read
    "own_output",  # it lies where results go
    "own_event",  # what this function said itself
    "unsubscribed",  # the end of a subscription
    "unknown",  # none of these
]
REASONS: tuple[str, ...] = get_args(Reason)

#: S3's limit for a key, in bytes of UTF-8.
MAX_KEY_BYTES = 1024

#: Wider than S3's rule of today: old buckets have capitals, underscores and up to 255 characters.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_LABEL = re.compile(r"[\x21-\x7e]{0,1024}")


@dataclass(frozen=True, slots=True)
class DocumentUploaded:
    """An object arrived, or was replaced.

    Attributes:
        bucket: its bucket, as the S3 API names it.
        key: its key, decoded, otherwise as the uploader chose it, however hostile.
        version: its version id, for Google its generation; empty where the bucket keeps none.
        etag: without quotes; for Google the MD5 in hex, because its JSON API's etag is another. Empty if unsaid.
        size: bytes; None if unsaid.
        time: when, in the sender's own words; empty if unsaid.
        sequencer: orders events of one key, where the sender has one. Never used to decide what is newest.
        sender: who said so, a name of `senders.SENDERS`.
    """

    bucket: str
    key: str
    version: str = ""
    etag: str = ""
    size: int | None = None
    time: str = ""
    sequencer: str = ""
    sender: str = ""

    @property
    def identity(self) -> str:
        """What tells this upload from another one of the same key; the best that the sender said."""
        return self.version or self.etag or self.sequencer or (f"{self.time} {self.size}" if self.time else "")


@dataclass(frozen=True, slots=True)
class Ignored:
    """There is nothing to do.

    Attributes:
        reason: for the metric.
        detail: the sender's word for it, escaped and cut, for the log.
    """

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One of several records names no object; the others of the delivery stand.

    Attributes:
        problems: everything that is wrong with it.
    """

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The sender asks whether its messages are wanted: they are, if somebody visits the address.

    Attributes:
        url: already restricted to the sender's own hosts. A secret: who has it can confirm.
        topic: what is subscribed to.
    """

    url: str = field(repr=False)
    topic: str


def bucket_problem(bucket: str) -> str | None:
    """Why this can be no bucket's name; None where it can."""
    if not _BUCKET.fullmatch(bucket) or ".." in bucket:
        return f"{shown(bucket)} is no bucket's name"
    return None


def key_problem(key: str) -> str | None:
    """Why no object can have this key; None where one can. Only what S3 itself refuses: `../` is a key like any."""
    try:
        length = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        return "holds half a surrogate pair: that is no text"
    if not key:
        return "is empty"
    return f"has {length} bytes; a key has at most {MAX_KEY_BYTES}" if length > MAX_KEY_BYTES else None


def label_problem(text: str) -> str | None:
    """Why this can be no version id or etag: both travel in headers."""
    return None if _LABEL.fullmatch(text) else "holds more than 1,024 characters, or some that are not printable ASCII"
