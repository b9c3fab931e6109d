"""Documents on their way in: read once, hashed on the way, kept in memory or, above a size, on disk."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO

from function.documents import memory
from function.errors import BadRequest, NotReady, TooLarge

_CHUNK_BYTES = 1 << 20


class StoredSource:
    """A document's bytes behind a descriptor that nobody can write to; see `base.Source`. Close it after use.

    Args:
        name: for people; decides nothing.
        sha256: of the bytes, in hexadecimal.
        size: in bytes.
        descriptor: owned from now on.
    """

    def __init__(self, name: str, sha256: str, size: int, descriptor: int) -> None:
        self.name, self.sha256, self.size = name, sha256, size
        self._descriptor = descriptor

    def fileno(self) -> int:
        """Where the bytes are."""
        return self._descriptor

    def close(self) -> None:
        """Give them back; children that have them open keep their own descriptors."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> StoredSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def from_bytes(data: bytes, name: str = "document") -> StoredSource:
    """A document that is in memory already."""
    descriptor = memory.create("document")
    _write(descriptor, data)
    memory.freeze(descriptor)
    return StoredSource(name, hashlib.sha256(data).hexdigest(), len(data), descriptor)


def from_stream(
    stream: IO[bytes], name: str, *, max_bytes: int, spool_bytes: int, variable: str = "OCR_MAX_BYTES"
) -> StoredSource:
    """Read a stream to its end.

    Args:
        stream: its `read(n)` may return less than asked; empty means the end.
        name: for people.
        max_bytes: more are refused as soon as they have been read.
        spool_bytes: above this the document lies in an unlinked file in the folder for temporary files.
        variable: the setting that `max_bytes` comes from.

    Raises:
        TooLarge: over `max_bytes`.
        NotReady: there is no room on disk.
    """
    digest, size = hashlib.sha256(), 0
    descriptor, spooled = memory.create("document"), False
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > max_bytes:
                raise _too_large(name, None, max_bytes, variable)
            if size > spool_bytes and not spooled:
                descriptor, spooled = _moved_to_disk(descriptor), True
            digest.update(chunk)
            _write(descriptor, chunk)
        descriptor = _for_reading(descriptor, spooled=spooled)
    except BaseException:
        os.close(descriptor)
        raise
    return StoredSource(name, digest.hexdigest(), size, descriptor)


def from_path(path: str | os.PathLike[str], *, max_bytes: int, variable: str = "OCR_MAX_BYTES") -> StoredSource:
    """A file where it lies; it must not change while it is read.

    Raises:
        BadRequest: it is no file that can be read.
        TooLarge: over `max_bytes`.
    """
    name = Path(path).name
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a descriptor is what is wanted
            size = os.fstat(file.fileno()).st_size
            if size > max_bytes:
                raise _too_large(name, size, max_bytes, variable)
            digest = _digest(file)
            return StoredSource(name, digest, size, os.dup(file.fileno()))
    except OSError as problem:
        missing = isinstance(problem, FileNotFoundError)
        raise BadRequest(
            f"{os.fspath(path)} cannot be read: {'there is no such file' if missing else problem.strerror}",
            remedy="Name a file that is there and may be read.",
        ) from problem


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _moved_to_disk(descriptor: int) -> int:
    """Copy a memfd into an unlinked file and close it."""
    try:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - used as one below, but failing here is told apart
    except OSError as problem:
        raise NotReady(f"a document of this size waits on disk, and there is no folder for it: {problem}") from problem
    with file:
        os.lseek(descriptor, 0, os.SEEK_SET)
        while chunk := os.read(descriptor, _CHUNK_BYTES):
            _write(file.fileno(), chunk)
        moved = os.dup(file.fileno())
    os.close(descriptor)
    return moved


def _for_reading(descriptor: int, *, spooled: bool) -> int:
    """The same bytes, unchangeable for whoever gets the descriptor."""
    if not spooled:
        memory.freeze(descriptor)
        return descriptor
    reading = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    os.close(descriptor)
    return reading


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM}:
            raise NotReady(
                "there is no room to keep the document while it is read", remedy="Try again later."
            ) from problem
        raise


def _too_large(name: str, size: int | None, max_bytes: int, variable: str) -> TooLarge:
    has = f"has {size}" if size is not None else "has more than that many"
    return TooLarge(
        f"the limit is {max_bytes} bytes ({variable}); {name} {has}",
        remedy=f"Split the document, or raise {variable}.",
    )
