"""A folder that several machines may share: whole files or none, one writer at a time, errors in plain words."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

_PLAIN = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EROFS: "it is mounted read-only",
    errno.EACCES: "this user may not",
    errno.EPERM: "this user may not",
    errno.ENOENT: "it is not there",
    errno.EIO: "the disk cannot read or write it",
    errno.ESTALE: "the network file system has lost it",
}
#: Errors of `flock` where a file system has no locks.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


def plain(problem: OSError) -> str:
    """What the system's error means, in a few words without a full stop."""
    return _PLAIN.get(problem.errno or 0) or (problem.strerror or str(problem)).lower()


def found(problem: OSError) -> str:
    """What was found instead of a file."""
    return "nothing there" if isinstance(problem, FileNotFoundError) else plain(problem)


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        # Some network file systems cannot sync folders; a rename is durable there when it returns.
        if problem.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EBADF}:
            raise
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file so that readers see the old one or the new one, never half of it.

    Raises:
        OSError: nothing was changed.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync(path.parent)


@contextlib.contextmanager
def only_one(lock: Path, waiting: Callable[[], None]) -> Iterator[bool]:
    """Hold a lock file for the time of a `with`; its end frees it, and so does the process's, however it comes.

    Args:
        lock: made if it is not there, and left there: whoever deleted it would cut others' lock loose.
        waiting: called once if somebody else holds it.

    Yields:
        Whether it is held; False where the file system has no locks.

    Raises:
        OSError: the lock file cannot be made.
    """
    import fcntl

    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as problem:
        os.close(descriptor)
        if problem.errno not in _NO_LOCKS:
            raise
        yield False
        return
    try:
        yield True
    finally:
        os.close(descriptor)
