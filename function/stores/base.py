"""The seam between the story and whatever keeps objects: uploads come from here, results go there.

Stores are told apart by what S3 promises, the least that all can do: an object is written whole or not at all, reads
follow writes, an etag changes with the bytes. Two things a caller reacts to are no errors and so not on the error tree:
`Conflict` (somebody else was faster: look again) and `Replaced` (a newer upload stands there: its own event follows).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Protocol, TypeAlias
from urllib.parse import unquote, urlsplit

from function.errors import TooLarge

#: For `only_if`: whatever stands there / only where nothing stands. Anything else is the etag that must stand there.
ANY, ABSENT = "", "*"
#: Versions that say nothing: a bucket without versions, and one whose versions were suspended (reused by every write).
NO_VERSION = frozenset({"", "null"})


#: What is written: bytes, or a file of any size that can be read from its beginning again.
Content: TypeAlias = bytes | IO[bytes]
_CHUNK_BYTES = 1 << 20


class StoreSignal(Exception):
    """What a caller of a store acts upon, rather than reports."""


class Conflict(StoreSignal):
    """The object is no longer what `only_if` said; nothing was written."""


class Replaced(StoreSignal):
    """A newer object stands under this key than the one asked for."""


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What a store knows of an object without its bytes.

    Attributes:
        etag: without quotes; opaque, only ever compared.
        version: empty where the bucket keeps none. Google's generation counts as one.
        metadata: of the user, names in lower case; empty in listings.
    """

    bucket: str
    key: str
    size: int
    etag: str
    version: str
    modified: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


class Stream(Protocol):
    """Bytes to be read once."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...

    def close(self) -> None:
        """Give the connection or descriptor back."""
        ...


class Body:
    """An object's bytes on their way in, never more than allowed. Close it after use.

    Args:
        head: of the very object that is read.
        stream: owned from now on.
        max_bytes: from OCR_MAX_BYTES.

    Raises:
        TooLarge: at once, where the size is known to be over `max_bytes`.
    """

    def __init__(self, head: ObjectHead, stream: Stream, max_bytes: int) -> None:
        self.head = head
        self._stream, self._max_bytes, self._read = stream, max_bytes, 0
        if head.size > max_bytes:
            stream.close()
            raise self._too_large(head.size)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end. Raises TooLarge past the limit, StoreUnavailable when cut off."""
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > self._max_bytes:
            raise self._too_large(self._read)
        return data

    def close(self) -> None:
        """Also in the middle."""
        self._stream.close()

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _too_large(self, size: int) -> TooLarge:
        return TooLarge(f"the limit is {self._max_bytes} bytes (OCR_MAX_BYTES); the object has at least {size}")


@dataclass(frozen=True, slots=True)
class Presigned:
    """An address to which anybody may PUT one object until it expires.

    Attributes:
        url: holds the signature, so it is a secret.
        headers: that must be sent with it, exactly so: they are signed.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str]


class Store(Protocol):
    """Keeps objects in buckets. Every method may be called from any thread.

    All raise StoreUnavailable (outages; a bucket that is missing), StoreDenied (credentials, rights) and BadRequest
    (a key that this store cannot have).
    """

    def head(self, bucket: str, key: str) -> ObjectHead | None:
        """What stands there now; None where nothing does (or nothing any longer)."""
        ...

    def get(self, bucket: str, key: str, *, max_bytes: int, version: str = "", etag: str = "") -> Body:
        """Read exactly this version, or the object with this etag; else whatever stands there.

        Raises:
            SourceGone: nothing stands there, or the version was deleted.
            Replaced: something else stands there than asked for.
            TooLarge: over `max_bytes`.
        """
        ...

    def put(
        self,
        bucket: str,
        key: str,
        body: Content,
        *,
        media_type: str,
        metadata: Mapping[str, str] | None = None,
        only_if: str = ANY,
    ) -> str:
        """Write the whole object, and tell its etag.

        Args:
            bucket: where.
            key: under which name.
            body: all of it; a file is never held in memory, and left open.
            media_type: for whoever reads it over HTTP.
            metadata: names of letters, digits and `-`, lower case; values any text. S3 keeps 2 KB in all.
            only_if: ANY, ABSENT or the etag that must stand there. A store that cannot do this writes anyway.

        Raises:
            Conflict: `only_if` does not hold; nothing was written.
        """
        ...

    def delete(self, bucket: str, key: str, *, only_if: str = ANY) -> None:
        """Remove what stands there; nothing there is as good. Raises Conflict where `only_if` does not hold."""
        ...

    def scan(self, bucket: str, prefix: str = "", *, after: str = "") -> Iterator[ObjectHead]:
        """Every object below a prefix in the order of the keys' UTF-8 bytes, page by page; from behind `after`."""
        ...

    def presign_put(self, bucket: str, key: str, *, metadata: Mapping[str, str], seconds: int) -> Presigned | None:
        """An address for somebody without credentials to put this object; asks the store nothing.

        Args:
            bucket: where.
            key: under which name.
            metadata: that the object shall have.
            seconds: until the address expires.

        Returns:
            None where objects of this store have no addresses.
        """
        ...

    def conditional_puts(self, bucket: str, prefix: str = "") -> bool:
        """Find out, once at start, whether `only_if` is honoured; tried on a key below `prefix`, then removed."""
        ...


def chunks_of(body: Content) -> Iterator[bytes]:
    """What is written, from its beginning, a piece at a time."""
    if isinstance(body, bytes):
        yield body
        return
    body.seek(0)
    while chunk := body.read(_CHUNK_BYTES):
        yield chunk


def rewound(body: Content) -> Content:
    """The same, read from its beginning by whoever takes it now."""
    if not isinstance(body, bytes):
        body.seek(0)
    return body


def plain_etag(etag: str) -> str:
    """As senders and stores write it, to what is compared: no quotes, not marked weak."""
    return etag.strip().removeprefix("W/").strip('"')


def same_object(version: str, etag: str, other_version: str, other_etag: str) -> bool:
    """Whether two descriptions are of one upload, by what both of them tell; versions count for more than etags.

    Where they have nothing in common to compare, an event that names no version say, they are taken to agree.
    """
    if version not in NO_VERSION and other_version not in NO_VERSION:
        return version == other_version
    if etag and other_etag:
        return plain_etag(etag) == plain_etag(other_etag)
    return True


@dataclass(frozen=True, slots=True)
class Location:
    """Where objects lie, from a setting such as OCR_INBOX.

    Attributes:
        folder: of `file://`: the folder in which buckets are folders; empty for `s3://`.
        prefix: what keys begin with, without a slash at its ends; may be empty.
    """

    folder: str
    bucket: str
    prefix: str

    @classmethod
    def parse(cls, url: str) -> Location:
        """`s3://bucket/prefix`, or `file:///folder`, whose last part is the bucket.

        Raises:
            ValueError: one line saying what is wrong.
        """
        parts = urlsplit(url)
        path = unquote(parts.path).strip("/") if parts.scheme == "file" else url.partition("://")[2]
        if parts.scheme == "file":
            folder, _, bucket = path.rpartition("/")
            if not bucket or parts.netloc or {"", ".", ".."} & set(path.split("/")):
                raise ValueError(f"{url!r} names no folder; write file:///folder")
            return cls(f"/{folder}", bucket, "")
        bucket, _, prefix = path.partition("/")
        if parts.scheme != "s3" or not bucket:
            raise ValueError(f"{url!r} is neither s3://bucket/prefix nor file:///folder")
        return cls("", bucket, prefix.strip("/"))

    @property
    def url(self) -> str:
        """As it is written in a setting."""
        folder = f"file://{self.folder.rstrip('/')}" if self.folder else "s3:/"
        return f"{folder}/{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")

    def key(self, name: str) -> str:
        """The key of a name below this place."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def name(self, key: str) -> str:
        """The other way round: what is left of a key that `holds` said yes to."""
        return key[len(self.prefix) + 1 :] if self.prefix else key

    def holds(self, bucket: str, key: str) -> bool:
        """Whether an object lies here."""
        return bucket == self.bucket and (not self.prefix or key.startswith(f"{self.prefix}/"))

    def contains(self, other: Location) -> bool:
        """Whether `other` is this place or lies within: results must not contain the inbox."""
        if self.folder or other.folder:
            mine, others = (f"{place.folder}/{place.bucket}/" for place in (self, other))
            return bool(self.folder) == bool(other.folder) and others.startswith(mine)
        return self.bucket == other.bucket and f"{other.prefix}/".startswith(f"{self.prefix}/" if self.prefix else "")
