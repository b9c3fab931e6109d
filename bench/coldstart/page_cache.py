"""Put the page cache into the state of a node that has never run the image: files are read from the disk again."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_SAMPLE = 1 << 20


def ours() -> list[Path]:
    """What a start reads: the packages (weights included), the standard library, and the program itself."""
    packages = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib")}
    return sorted(
        {path.resolve() for path in [*packages, *(_ROOT / name for name in ("function", "events", "warmup"))]}
    )


def evict(folders: Iterable[Path]) -> int:
    """Drop the clean pages of every file below the folders; needs no privilege. Returns how many bytes they hold.

    Pages that a running process has mapped stay (this very Python's, say), and so do those not yet written to disk.
    """
    size = 0
    for path in _files(folders):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            continue  # removed meanwhile, or not ours to read
        try:
            size += os.fstat(descriptor).st_size
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
    return size


def cached_share(path: Path) -> float:
    """How much of a file is in the page cache, 0..1, looked at once a MiB; 1.0 where the kernel cannot tell.

    Looking draws nothing in: preadv2 with RWF_NOWAIT (Linux 4.14) fails instead of reading from the disk.
    """
    with path.open("rb") as file:
        offsets = range(0, max(1, os.fstat(file.fileno()).st_size), _SAMPLE)
        hits = sum(_is_cached(file.fileno(), offset) for offset in offsets)
    return hits / len(offsets)


def can_tell(path: Path) -> bool:
    """Whether kernel and file system say what of this file is cached."""
    with path.open("rb") as file:
        return _state(file.fileno(), 0) is not None


def _is_cached(descriptor: int, offset: int) -> bool:
    return _state(descriptor, offset) is not False


def _state(descriptor: int, offset: int) -> bool | None:
    if sys.platform != "linux":
        return None
    try:
        return os.preadv(descriptor, [bytearray(1)], offset, os.RWF_NOWAIT) >= 0
    except BlockingIOError:
        return False
    except OSError:
        return None  # this file system does not know the flag


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for place, _, names in os.walk(folder):
            yield from (Path(place, name) for name in names)
