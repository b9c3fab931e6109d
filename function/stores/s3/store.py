"""One client of S3 and of the stores that speak its language.

Google's buckets, through their S3-compatible API: the version is the generation (a header of theirs), reads are pinned
by it, and the etag that its events tell is never compared, being another than the one this API shows. Its writes have
no condition on an etag, and its own headers for that cannot be mixed with S3's; `conditional_puts` finds out.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, NoReturn

from function.errors import SourceGone
from function.stores.base import (
    ABSENT,
    ANY,
    NO_VERSION,
    Body,
    Conflict,
    Content,
    ObjectHead,
    Presigned,
    Replaced,
    Stream,
    chunks_of,
    plain_etag,
    rewound,
    same_object,
)  # fmt: skip
from function.stores.s3 import checksums, faults
from function.stores.s3.client import Connection
from function.stores.s3.metadata import decoded, encoded

_KEPT_OUT, _REFUSED = "kept out", "refused"
_EPOCH = datetime.fromtimestamp(0, timezone.utc)


class S3Store:
    """See `base.Store`. Credentials come by the usual chain: environment, profile, web identity, the pod's role.

    Args:
        connection: how the store is reached.
        page_size: of listings, at most 1000.
    """

    def __init__(self, connection: Connection | None = None, *, page_size: int = 1000) -> None:
        self._connection, self._page_size = connection or Connection(), page_size
        self._lock = threading.Lock()
        # Until `conditional_puts` finds otherwise. Some stores refuse a condition instead of passing over it.
        self._conditions = True
        # Whether a CRC32 may go along; the first writing finds out.
        self._checksums: bool | None = None

    def head(self, bucket: str, key: str) -> ObjectHead | None:
        """What stands there."""
        try:
            answer = self._client.head_object(Bucket=bucket, Key=key)
        except self._exceptions as problem:
            if faults.code_of(problem) in faults.GONE:
                return None
            raise faults.translated(problem, "HeadObject", bucket, key) from problem
        return _head(bucket, key, answer)

    def get(self, bucket: str, key: str, *, max_bytes: int, version: str = "", etag: str = "") -> Body:
        """Read it, pinned."""
        client, wanted = self._client, dict[str, str]()
        if version not in NO_VERSION and not self._connection.is_google:
            wanted["VersionId"] = version
        elif etag:
            wanted["IfMatch"] = f'"{etag}"'
        try:
            answer = client.get_object(Bucket=bucket, Key=key, **wanted)
        except self._exceptions as problem:
            code = faults.code_of(problem)
            if code in faults.CONFLICT:
                raise Replaced(key) from problem
            if code in faults.DELETED:
                raise SourceGone("the object was deleted since its event") from problem
            raise faults.translated(problem, "GetObject", bucket, key) from problem
        head = _head(bucket, key, answer)
        stream = _Download(answer["Body"], head, self._exceptions)
        if not same_object(version, etag, head.version, head.etag):
            stream.close()
            raise Replaced(key)
        return Body(head, stream, max_bytes)

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
        condition = _condition(only_if) if self._conditions else {}
        try:
            answer = self._put(bucket, key, body, condition, ContentType=media_type, Metadata=encoded(metadata or {}))
        except self._exceptions as problem:
            self._raise_written(problem, "PutObject", bucket, key, only_if)
        return plain_etag(answer["ETag"])

    def delete(self, bucket: str, key: str, *, only_if: str = ANY) -> None:
        """Remove it. Stores learnt conditions on this late, so it is looked at first in any case."""
        if only_if != ANY:
            head = self.head(bucket, key)
            if head is None:
                return
            if head.etag != only_if:
                raise Conflict(key)
        condition = _condition(only_if) if self._conditions else {}
        try:
            self._delete(bucket, key, condition)
        except self._exceptions as problem:
            code = faults.code_of(problem)
            if code not in faults.GONE:
                self._raise_written(problem, "DeleteObject", bucket, key, only_if)

    def scan(self, bucket: str, prefix: str = "", *, after: str = "") -> Iterator[ObjectHead]:
        """Everything below a prefix; a page is asked for when it is needed."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, StartAfter=after, PaginationConfig={"PageSize": self._page_size}
        )
        # A listing bears no checksum: one that was damaged shows in numbers and dates that are none.
        damaged: tuple[type[Exception], ...] = (*self._exceptions, KeyError, ValueError)
        try:
            for page in pages:
                for found in page.get("Contents", ()):
                    yield _head(bucket, found["Key"], found)
        except damaged as problem:
            raise faults.translated(problem, "ListObjectsV2", bucket, prefix) from problem

    def presign_put(self, bucket: str, key: str, *, metadata: Mapping[str, str], seconds: int) -> Presigned:
        """An address of OCR_S3_PUBLIC_URL, or of the store as we reach it; metadata goes as signed headers."""
        words = encoded(metadata)
        try:
            with self._lock:
                signer = self._connection.signer
            url = signer.generate_presigned_url(
                "put_object",
                Params={"Bucket": bucket, "Key": key, **({"Metadata": words} if words else {})},
                ExpiresIn=seconds,
            )
        except self._exceptions as problem:
            raise faults.translated(problem, "signing an address", bucket, key) from problem
        return Presigned(str(url), {f"x-amz-meta-{name}": value for name, value in words.items()})

    def conditional_puts(self, bucket: str, prefix: str = "") -> bool:
        """Try both conditions where they cannot hold; from then on they are sent only where they are honoured."""
        key = f"{prefix.rstrip('/')}/" if prefix else ""
        key += f".zeropage/probe-{secrets.token_hex(8)}"
        made: list[str] = []
        try:
            for condition in ({}, _condition(ABSENT), _condition("0" * 32)):
                made.append(self._probe(bucket, key, condition))
        finally:
            for version in set(made) - {_KEPT_OUT, _REFUSED}:
                self._remove(bucket, key, version)
        self._conditions = made[1:] == [_KEPT_OUT, _KEPT_OUT]
        return self._conditions

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _probe(self, bucket: str, key: str, condition: Mapping[str, str]) -> str:
        """The version that a PUT made (`null` without versions), or how the condition kept it from one."""
        try:
            answer = self._put(bucket, key, b"Zeropage asks whether this store honours conditions.\n", condition)
        except self._exceptions as problem:
            code = faults.code_of(problem)
            if condition and code in faults.CONFLICT | faults.GONE:
                return _KEPT_OUT
            if condition and code in faults.UNKNOWN_CONDITION:
                return _REFUSED
            raise faults.translated(problem, "PutObject", bucket, key) from problem
        return str(answer.get("VersionId", "null"))

    def _remove(self, bucket: str, key: str, version: str) -> None:
        """Nothing of a probe stays, not even as an older version."""
        try:
            self._delete(bucket, key, {} if version in NO_VERSION else {"VersionId": version})
        except self._exceptions as problem:
            raise faults.translated(problem, "DeleteObject", bucket, key) from problem

    def _put(self, bucket: str, key: str, body: Content, condition: Mapping[str, str], **more: Any) -> dict[str, Any]:
        known, newer = checksums.of(chunks_of(body))
        wanted = {"Bucket": bucket, "Key": key, **known, **condition, **more}
        newer = {} if self._checksums is False else newer
        try:
            answer: dict[str, Any] = self._client.put_object(Body=rewound(body), **wanted, **newer)
        except self._exceptions as problem:
            if self._checksums is not None or faults.code_of(problem) not in faults.UNKNOWN_CHECKSUM:
                raise
            newer, answer = {}, self._client.put_object(Body=rewound(body), **wanted)
        self._checksums = bool(newer)
        return answer

    def _delete(self, bucket: str, key: str, condition: Mapping[str, str]) -> None:
        try:
            self._client.delete_object(Bucket=bucket, Key=key, **condition)
        except self._exceptions as problem:
            if "IfMatch" not in condition or faults.code_of(problem) not in faults.UNKNOWN_CONDITION:
                raise
            self._client.delete_object(Bucket=bucket, Key=key)

    def _raise_written(self, problem: Exception, doing: str, bucket: str, key: str, only_if: str) -> NoReturn:
        code = faults.code_of(problem)
        # 404: the object that If-Match asks for has gone meanwhile.
        if only_if != ANY and code in faults.CONFLICT | faults.GONE:
            raise Conflict(key) from problem
        raise faults.translated(problem, doing, bucket, key) from problem

    @property
    def _client(self) -> Any:
        with self._lock:
            return self._connection.client

    @property
    def _exceptions(self) -> tuple[type[Exception], ...]:
        return self._connection.exceptions


class _Download:
    """A body whose failures are ours, those of its checksum among them."""

    def __init__(self, stream: Stream, head: ObjectHead, exceptions: tuple[type[Exception], ...]) -> None:
        self._stream, self._head, self._left = stream, head, head.size
        self._exceptions: tuple[type[Exception], ...] = (*exceptions, OSError)

    def read(self, size: int, /) -> bytes:
        try:
            data = self._stream.read(size)
            self._left -= len(data)
            if data and self._left <= 0:
                # botocore compares at the end, and whoever passes bytes on must hear of it before the last of them.
                data += self._stream.read(1)
            return data
        except self._exceptions as problem:
            raise faults.translated(problem, "GetObject, halfway,", self._head.bucket, self._head.key) from problem

    def close(self) -> None:
        self._stream.close()


def _condition(only_if: str) -> dict[str, str]:
    if only_if == ANY:
        return {}
    return {"IfNoneMatch": "*"} if only_if == ABSENT else {"IfMatch": f'"{only_if}"'}


def _head(bucket: str, key: str, answer: Mapping[str, Any]) -> ObjectHead:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return ObjectHead(
        bucket=bucket,
        key=key,
        size=int(answer.get("ContentLength", answer.get("Size", 0))),
        etag=plain_etag(answer.get("ETag", "")),
        version=answer.get("VersionId") or headers.get("x-goog-generation", ""),
        modified=answer.get("LastModified", _EPOCH),
        metadata=decoded(answer.get("Metadata", {})),
    )
