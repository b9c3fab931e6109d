"""Objects as files of a folder, for one machine and for trials: `file:///folder`, whose parts are the buckets.

Files that people put there count as uploads, and results are plain files that they can open. What a file system lacks
stands in `.zeropage-disk/` within the bucket: the metadata, and a lock for each key, under which a condition is checked
and the file renamed into place. Writers must be ours for conditions to hold; on a network file system, it must keep
flock.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

import msgspec

from function.errors import BadRequest, OcrError, SourceGone, StoreDenied, StoreUnavailable
from function.stores.base import ABSENT, ANY, Body, Conflict, Content, ObjectHead, Replaced, chunks_of, plain_etag

OWN = ".zeropage-disk"
_BAD_NAME = frozenset({errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EINVAL, errno.EILSEQ})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class _Record(msgspec.Struct):
    """What is known of one writing of a file: how it looks from outside, and what it holds."""

    inode: int
    modified_ns: int
    size: int
    etag: str
    metadata: dict[str, str]


class DiskStore:
    """See `base.Store`. There are no versions; the etag is the SHA-256 of the bytes.

    Args:
        root: whose folders are the buckets; they must exist.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = Path(root)

    def head(self, bucket: str, key: str) -> ObjectHead | None:
        """What stands there; a file that was not written here is hashed first."""
        with _told(bucket), self._locked(bucket, key, fcntl.LOCK_SH), self._opened(bucket, key) as file:
            return self._head(bucket, key, file) if file else None

    def get(self, bucket: str, key: str, *, max_bytes: int, version: str = "", etag: str = "") -> Body:
        """Read it, pinned by its etag."""
        with _told(bucket), self._locked(bucket, key, fcntl.LOCK_SH), self._opened(bucket, key) as file:
            if file is None:
                raise SourceGone("the object was deleted since its event")
            head = self._head(bucket, key, file)
            if etag and plain_etag(etag) != head.etag:
                raise Replaced(key)
            file.seek(0)
            return Body(head, os.fdopen(os.dup(file.fileno()), "rb"), max_bytes)

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
        path = self._path(bucket, key)
        with _told(bucket), self._locked(bucket, key, fcntl.LOCK_EX), self._opened(bucket, key) as file:
            now = self._record(bucket, key, file) if file else None
            _check(now, key, only_if)
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._draft(bucket, body) as (draft, etag):
                seen = draft.stat()
                record = _Record(seen.st_ino, seen.st_mtime_ns, seen.st_size, etag, dict(metadata or {}))
                # Both stand until the next writing, so whichever file a crash leaves, its own record is found.
                self._note(bucket, key, [record, now] if now else [record])
                draft.replace(path)
            _sync(path.parent)
            return etag

    def delete(self, bucket: str, key: str, *, only_if: str = ANY) -> None:
        """Remove it."""
        path = self._path(bucket, key)
        with _told(bucket), self._locked(bucket, key, fcntl.LOCK_EX), self._opened(bucket, key) as file:
            if file is None:
                return
            if only_if != ANY:
                _check(self._record(bucket, key, file), key, only_if)
            path.unlink(missing_ok=True)
            self._beside(bucket, key, "json").unlink(missing_ok=True)

    def scan(self, bucket: str, prefix: str = "", *, after: str = "") -> Iterator[ObjectHead]:
        """Every file below a prefix; one that vanishes meanwhile is passed over."""
        folder = self._bucket(bucket)
        for key in _keys(folder, "", prefix, after):
            head = self.head(bucket, key) if key.startswith(prefix) and key.encode() > after.encode() else None
            if head is not None:
                yield ObjectHead(bucket, key, head.size, head.etag, "", head.modified)

    def presign_put(self, bucket: str, key: str, *, metadata: Mapping[str, str], seconds: int) -> None:
        """None: nobody reaches it from outside."""

    def conditional_puts(self, bucket: str, prefix: str = "") -> bool:
        """Yes, among processes of ours."""
        self._bucket(bucket)
        return True

    def _bucket(self, bucket: str) -> Path:
        folder = self._root / _part(bucket)
        if not folder.is_dir():
            raise StoreUnavailable(f"there is no folder {bucket!r} in the store", remedy="Create the folder.")
        return folder

    def _path(self, bucket: str, key: str) -> Path:
        """Where an object lies. Raises BadRequest for a key that would leave its bucket, by its words or by a link."""
        folder = self._bucket(bucket)
        parts = [_part(part) for part in key.split("/")]
        path = folder.joinpath(*parts)
        if parts[0] == OWN or not path.parent.resolve().is_relative_to(folder.resolve()):
            raise _bad_key(key)
        return path

    def _beside(self, bucket: str, key: str, kind: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self._bucket(bucket) / OWN / f"{name}.{kind}"

    @contextlib.contextmanager
    def _opened(self, bucket: str, key: str) -> Iterator[BinaryIO | None]:
        """The file, or None where there is none; links, pipes and folders are none."""
        try:
            # A pipe must not make us wait for its writer.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(self._path(bucket, key), flags)
        except OSError as problem:
            if problem.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}:
                raise
            yield None
            return
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            yield None
            return
        with os.fdopen(descriptor, "rb") as file:
            yield file

    @contextlib.contextmanager
    def _locked(self, bucket: str, key: str, how: int) -> Iterator[None]:
        """Hold the key's lock. Readers need none where nobody of ours ever wrote, nor may they be able to make one."""
        path = self._beside(bucket, key, "lock")
        if how == fcntl.LOCK_SH and not path.exists():
            yield
            return
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _draft(self, bucket: str, body: Content) -> Iterator[tuple[Path, str]]:
        """A file with the bytes, safe on disk, not in place yet, and their SHA-256."""
        path, digest = self._bucket(bucket) / OWN / f"{secrets.token_hex(8)}.part", hashlib.sha256()
        try:
            with path.open("xb") as file:
                for chunk in chunks_of(body):
                    file.write(chunk)
                    digest.update(chunk)
                file.flush()
                os.fsync(file.fileno())
            yield path, digest.hexdigest()
        finally:
            path.unlink(missing_ok=True)

    def _note(self, bucket: str, key: str, records: list[_Record]) -> None:
        with self._draft(bucket, msgspec.json.encode(records)) as (draft, _):
            draft.replace(self._beside(bucket, key, "json"))

    def _record(self, bucket: str, key: str, file: BinaryIO) -> _Record:
        """What is known of an open file; copied or changed by others, it is known by its bytes."""
        seen = os.fstat(file.fileno())
        records = self._records(bucket, key)
        for record in records:
            if (record.inode, record.modified_ns, record.size) == (seen.st_ino, seen.st_mtime_ns, seen.st_size):
                return record
        etag = _sha256(file)
        metadata = next((record.metadata for record in records if record.etag == etag), {})
        return _Record(seen.st_ino, seen.st_mtime_ns, seen.st_size, etag, metadata)

    def _records(self, bucket: str, key: str) -> list[_Record]:
        try:
            return msgspec.json.decode(self._beside(bucket, key, "json").read_bytes(), type=list[_Record])
        except (FileNotFoundError, msgspec.DecodeError):
            return []

    def _head(self, bucket: str, key: str, file: BinaryIO) -> ObjectHead:
        record = self._record(bucket, key, file)
        modified = datetime.fromtimestamp(record.modified_ns / 1e9, timezone.utc)
        return ObjectHead(bucket, key, record.size, record.etag, "", modified, record.metadata)


def _part(part: str) -> str:
    """One part of a path. Raises BadRequest for what is none."""
    if part in {"", ".", ".."} or "/" in part or "\0" in part:
        raise _bad_key(part)
    return part


def _bad_key(key: str) -> BadRequest:
    return BadRequest(f"{key[:80]!r} cannot be a file in the store's folder", remedy="Rename the object.")


def _check(now: _Record | None, key: str, only_if: str) -> None:
    holds = now is None if only_if == ABSENT else now is not None and now.etag == only_if
    if only_if != ANY and not holds:
        raise Conflict(key)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keys(folder: Path, above: str, prefix: str, after: str) -> Iterator[str]:
    """Keys in the order of their bytes: a folder counts with its slash, as S3, which has no folders, would sort."""
    with os.scandir(folder) as entries:
        names = [f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in entries]
    for name in sorted(names, key=os.fsencode):
        key = f"{above}{name}"
        if not name.endswith("/"):
            yield key
        elif key != f"{OWN}/" and (key.startswith(prefix) or prefix.startswith(key)):
            with contextlib.suppress(FileNotFoundError):
                yield from _keys(folder / name, key, prefix, after)


@contextlib.contextmanager
def _told(bucket: str) -> Iterator[None]:
    """The system's errors as ours."""
    try:
        yield
    except (OSError, UnicodeError) as problem:
        raise _translated(problem, bucket) from problem


def _translated(problem: OSError | UnicodeError, bucket: str) -> OcrError:
    if isinstance(problem, UnicodeError) or problem.errno in _BAD_NAME:
        return BadRequest("the key cannot be the name of a file in the store's folder", remedy="Rename the object.")
    what = f"the folder {bucket!r} of the store: {problem.strerror}"
    if problem.errno in _DENIED:
        return StoreDenied(what, remedy="Let the function's user read and write the folder.")
    return StoreUnavailable(what, remedy="Mend the disk or the mount, or make room.")
