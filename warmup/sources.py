"""Where weights come from: a place that hands out a file's bytes from an offset on, or says why not.

`HttpSource` in sources_http.py is one, a folder another; `python -m warmup` adds buckets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from warmup.volume import plain
from warmup.weights import WeightFile


class SourceError(Exception):
    """One address did not give what was asked for.

    Args:
        why: in words, without the address and without a full stop.
        later: whether the same question may be answered later.
        after: seconds that the source asks to wait; 0: it did not say.
    """

    def __init__(self, why: str, *, later: bool, after: float = 0.0) -> None:
        super().__init__(why)
        self.later, self.after = later, after


class Stream(Protocol):
    """Bytes to be read once."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end. Raises SourceError when it breaks off."""
        ...

    def close(self) -> None:
        """Also in the middle."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer that has begun.

    Attributes:
        stream: the bytes from `start` on.
        start: the offset that was asked for, or 0 where only the whole file is to be had.
        total: size of the whole file; None: not told.
        validator: tells whether a later answer is of the same bytes; empty: the source has no such thing.
    """

    stream: Stream
    start: int
    total: int | None
    validator: str


class Source(Protocol):
    """A place with files. Called from several threads."""

    def addresses(self, file: WeightFile) -> Sequence[str]:
        """Where the file may be, best first; shown to people, so without passwords."""
        ...

    def open(self, address: str, offset: int, validator: str) -> Opened:
        """Begin to read.

        Args:
            address: one of `addresses`.
            offset: how many bytes are here already.
            validator: of the bytes that are here; the answer starts at 0 where they are no longer the same. Empty: the
                caller can tell by the hash.

        Raises:
            SourceError: it cannot be had there.
        """
        ...


class FolderSource:
    """A folder that holds the files at the same paths, such as another volume or a disk carried over by hand."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def addresses(self, file: WeightFile) -> Sequence[str]:
        """The one place."""
        return [str(self._folder / file.path)]

    def open(self, address: str, offset: int, validator: str) -> Opened:
        """From the offset on, where the file is still the same by size and time of change."""
        try:
            status = Path(address).stat()
            now = f"{status.st_size}-{status.st_mtime_ns}"
            start = offset if offset <= status.st_size and validator in {"", now} else 0
            stream = Path(address).open("rb")  # noqa: SIM115 - whoever reads it closes it
            stream.seek(start)
        except OSError as problem:
            raise SourceError(plain(problem), later=False) from problem
        return Opened(_File(stream), start, status.st_size, now)


class _File:
    """A file whose errors are those of a source."""

    def __init__(self, file: Stream) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        try:
            return self._file.read(size)
        except OSError as problem:
            raise SourceError(plain(problem), later=False) from problem

    def close(self) -> None:
        self._file.close()
