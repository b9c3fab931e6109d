"""Reads files into the page cache ahead of use, at the speed of the disk, while Python is still importing.

Several readers, because a network disk answers each of them after a while and all of them in the same while; long
sequential reads, because a kernel that reads ahead by 128 KiB leaves fast disks idle; one buffer a reader, whose bytes
nobody looks at: what matters is that the kernel keeps the pages.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from warmup.errors import Problem, WeightsError
from warmup.volume import found

#: One read. A megabyte stays within a core's own cache, which makes copying it there nearly free.
CHUNK = 1 << 20
#: What one reader takes at a time, in a row.
SEGMENT = 32 << 20
#: How far the kernel is told to read ahead of whoever reads.
AHEAD = 64 << 20
READERS = 4


@dataclass(frozen=True, slots=True)
class Preloaded:
    """What was read: how much, and how long it took on the clock."""

    bytes: int
    seconds: float

    @property
    def mb_per_second(self) -> float:
        """Millions of bytes, as disks are sold."""
        return self.bytes / 1e6 / self.seconds if self.seconds else 0.0


def preload(files: Sequence[Path], readers: int = READERS) -> Preloaded:
    """Read files, so that whoever opens them next finds them in memory.

    Args:
        files: in the order in which they will be wanted.
        readers: threads; each takes the next 32 MiB.

    Raises:
        WeightsError: a file is missing or cannot be read.
    """
    began = time.perf_counter()
    parts, lock = _segments(files), Lock()

    def work() -> int:
        buffer, done = bytearray(CHUNK), 0
        while True:
            with lock:
                part = next(parts, None)
            if part is None:
                return done
            done += read_part(*part, buffer)

    with ThreadPoolExecutor(max_workers=max(1, readers), thread_name_prefix="preload") as pool:
        total = sum(future.result() for future in [pool.submit(work) for _ in range(max(1, readers))])
    return Preloaded(total, time.perf_counter() - began)


def read_part(path: Path, start: int, end: int, buffer: bytearray, use: Callable[[memoryview], object] = len) -> int:
    """Read a part of a file from front to back.

    Args:
        path: of the file.
        start: first byte.
        end: behind the last; the file may end earlier.
        buffer: reused for each read.
        use: is shown what was read; the view is good until it returns.

    Returns:
        How many bytes there were.

    Raises:
        WeightsError: it cannot be opened or read.
    """
    at, advised = start, start
    view = memoryview(buffer)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            while at < end:
                if advised < end and at + AHEAD // 2 >= advised:
                    os.posix_fadvise(descriptor, advised, min(AHEAD, end - advised), os.POSIX_FADV_WILLNEED)
                    advised += AHEAD
                count = os.preadv(descriptor, [view[: end - at]], at)
                if count == 0:
                    break
                use(view[:count])
                at += count
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise WeightsError(
            [Problem(str(path), "a file that can be read", found(problem))], "See that it is there and readable."
        ) from problem
    return at - start


def _segments(files: Sequence[Path]) -> Iterator[tuple[Path, int, int]]:
    for path in files:
        try:
            size = path.stat().st_size
        except OSError:
            size = 1  # reading it tells what is wrong
        for start in range(0, size, SEGMENT):
            yield path, start, min(start + SEGMENT, size)
