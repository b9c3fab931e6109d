"""Objects in memory, for tests and trials: what S3 promises, without S3."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from function.errors import SourceGone, StoreUnavailable
from function.stores.base import (
    ABSENT,
    ANY,
    NO_VERSION,
    Body,
    Conflict,
    Content,
    ObjectHead,
    Replaced,
    chunks_of,
    same_object,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Written:
    head: ObjectHead
    data: bytes


class MemoryStore:
    """See `base.Store`.

    Args:
        buckets: those that exist.
        versioned: keep every version, as a bucket with versions does.
        conditional: False ignores `only_if`, as some stores do.
    """

    def __init__(self, buckets: Iterable[str], *, versioned: bool = False, conditional: bool = True) -> None:
        self.versioned, self.conditional = versioned, conditional
        # Newest last; None is the mark of a deletion.
        self._buckets: dict[str, dict[str, list[_Written | None]]] = {bucket: {} for bucket in buckets}
        self._lock = threading.Lock()
        self._versions = 0

    def head(self, bucket: str, key: str) -> ObjectHead | None:
        """What stands there."""
        with self._lock:
            now = self._now(bucket, key)
            return now.head if now else None

    def get(self, bucket: str, key: str, *, max_bytes: int, version: str = "", etag: str = "") -> Body:
        """Read it, pinned."""
        with self._lock:
            found = self._now(bucket, key)
            if version not in NO_VERSION:
                kept = [one for one in self._kept(bucket, key) if one]
                found = next((one for one in kept if one.head.version == version), None)
        if found is None:
            raise SourceGone("the object was deleted since its event")
        if not same_object(version, etag, found.head.version, found.head.etag):
            raise Replaced(key)
        return Body(found.head, io.BytesIO(found.data), max_bytes)

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
        """Write it whole."""
        data = b"".join(chunks_of(body))
        with self._lock:
            self._check(bucket, key, only_if)
            self._versions += 1
            head = ObjectHead(
                bucket=bucket,
                key=key,
                size=len(data),
                etag=hashlib.md5(data, usedforsecurity=False).hexdigest(),
                version=f"v{self._versions}" if self.versioned else "",
                modified=datetime.now(timezone.utc),
                metadata=dict(metadata or {}),
            )
            self._add(bucket, key, _Written(head, data))
            return head.etag

    def delete(self, bucket: str, key: str, *, only_if: str = ANY) -> None:
        """Remove it."""
        with self._lock:
            if self._now(bucket, key) is not None:
                self._check(bucket, key, only_if)
                self._add(bucket, key, None)

    def scan(self, bucket: str, prefix: str = "", *, after: str = "") -> Iterator[ObjectHead]:
        """Everything below a prefix, as it stood at the call."""
        with self._lock:
            heads = [now.head for key in self._objects(bucket) if (now := self._now(bucket, key))]
        wanted = [head for head in heads if head.key.startswith(prefix) and head.key.encode() > after.encode()]
        yield from (replace(head, metadata={}) for head in sorted(wanted, key=lambda head: head.key.encode()))

    def presign_put(self, bucket: str, key: str, *, metadata: Mapping[str, str], seconds: int) -> None:
        """None: nobody reaches it from outside."""

    def conditional_puts(self, bucket: str, prefix: str = "") -> bool:
        """As built."""
        self._objects(bucket)
        return self.conditional

    def _objects(self, bucket: str) -> dict[str, list[_Written | None]]:
        if bucket not in self._buckets:
            raise StoreUnavailable(f"there is no bucket {bucket!r}", remedy="Create the bucket, or name another.")
        return self._buckets[bucket]

    def _kept(self, bucket: str, key: str) -> list[_Written | None]:
        return self._objects(bucket).get(key, [])

    def _now(self, bucket: str, key: str) -> _Written | None:
        kept = self._kept(bucket, key)
        return kept[-1] if kept else None

    def _add(self, bucket: str, key: str, written: _Written | None) -> None:
        kept = self._objects(bucket).setdefault(key, [])
        if not self.versioned:
            kept.clear()
        kept.append(written)

    def _check(self, bucket: str, key: str, only_if: str) -> None:
        now = self._now(bucket, key)
        holds = now is None if only_if == ABSENT else now is not None and now.head.etag == only_if
        if self.conditional and only_if != ANY and not holds:
            raise Conflict(key)
