"""The stamp of a verified volume, so that a start need not hash gigabytes again: weights.stamp.json beside the weights.

It holds, for each file that was verified, the hash that it was verified against and the size and time of change that it
had then. Where any of these differs now, from the file or from the manifest, the stamp says nothing about that file.
It is meant against accidents; whoever may write to the volume may write a stamp.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from warmup.volume import write_whole
from warmup.weights import WeightFile

NAME = "weights.stamp.json"


class Seen(Struct, frozen=True):
    """A file when it was verified; `sha256` is empty where no hash was known and its size alone was looked at."""

    size: int
    mtime_ns: int
    sha256: str


class Stamp(Struct, frozen=True):
    """By path below the folder."""

    files: dict[str, Seen]


def holds(folder: Path, files: Iterable[WeightFile]) -> bool:
    """Whether every file is as it was when it was last verified against what is expected of it now."""
    seen = read(folder)
    return all(
        file.path in seen and seen[file.path] == seen_now(folder, file) and file.size in {None, seen[file.path].size}
        for file in files
    )


def seen_now(folder: Path, file: WeightFile) -> Seen | None:
    """What a stamp would say of a file as it lies there; None where it does not."""
    try:
        status = (folder / file.path).stat()
    except OSError:
        return None
    return Seen(status.st_size, status.st_mtime_ns, file.sha256 or "")


def read(folder: Path) -> dict[str, Seen]:
    """Empty where there is no stamp, or one that cannot be read: it is only ever a short cut."""
    with contextlib.suppress(OSError, ValueError):
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Stamp).files
    return {}


def write(folder: Path, seen: dict[str, Seen]) -> None:
    """Add verified files to the stamp.

    Args:
        folder: of the weights.
        seen: as they were *before* they were read, so that a change meanwhile voids the stamp.

    Raises:
        OSError: the volume cannot be written.
    """
    old = read(folder)
    if (files := old | seen) == old:  # so that a read-only volume with a stamp is no error
        return
    write_whole(folder / NAME, msgspec.json.encode(Stamp({name: files[name] for name in sorted(files)})))


def forget(folder: Path, paths: Iterable[str]) -> None:
    """Files that proved wrong are stamped no longer; on a read-only volume the stamp stays. Raises nothing."""
    files, wrong = read(folder), set(paths)
    if wrong & set(files):
        with contextlib.suppress(OSError):
            left = {name: seen for name, seen in files.items() if name not in wrong}
            write_whole(folder / NAME, msgspec.json.encode(Stamp(left)))
