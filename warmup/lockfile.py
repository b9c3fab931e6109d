"""Sizes and hashes that the manifest does not know, as the first download brought them: weights.lock.json.

The lock lies beside the weights, so that every start finds it; `fetch --lock FILE` keeps one elsewhere as well, for
other volumes. It proves that nothing has changed since it was written, not that the first download was right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from warmup.errors import ManifestError
from warmup.preload import CHUNK, read_part
from warmup.volume import write_whole
from warmup.weights import Sha256, Size, WeightFile

NAME = "weights.lock.json"


class Locked(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file was when it came: size in bytes, SHA-256, and from where (an address without its query)."""

    size: Size
    sha256: Sha256
    source: str


Lock = dict[str, Locked]


def read_lock(path: Path) -> Lock:
    """By path below the folder of weights; empty where there is no lock.

    Raises:
        ManifestError: it is there and cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Lock)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise ManifestError(
            f"{path} cannot be read: {problem}. Mend it, or remove it and run `python -m warmup fetch --lock` again."
        ) from problem


def write_lock(path: Path, lock: Lock) -> None:
    """In the order of the names, so that two locks of the same files are the same bytes. Raises OSError."""
    ordered = {name: lock[name] for name in sorted(lock)}
    write_whole(path, msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n")


def of_file(path: Path) -> Locked:
    """What the lock says of a file that lay there already. Raises WeightsError."""
    hashed = hashlib.sha256()
    size = read_part(path, 0, path.stat().st_size, bytearray(CHUNK), hashed.update)
    return Locked(size, hashed.hexdigest(), "it lay there already")


def filled_in(files: Iterable[WeightFile], lock: Lock) -> list[WeightFile]:
    """The files with what the lock knows of those whose hash the manifest does not tell."""
    return [
        replace(file, size=lock[file.path].size, sha256=lock[file.path].sha256, locked=True)
        if file.sha256 is None and file.path in lock
        else file
        for file in files
    ]
