"""How fast weights are read and verified from a cold disk, next to `dd` on the same file: `python -m bench.weights`.

A file of random bytes is written once; before each reading its pages are dropped from the page cache. Readings
alternate, several rounds, and ratios are taken within a round, since a shared disk is never the same twice. One file is
hashed by one core, so `warm`, the same verification of a file that is in memory, tells how much of it is hashing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from warmup.preload import READERS, preload
from warmup.verify import judge
from warmup.weights import WeightFile

CHUNK = 4 << 20


def main(arguments: Sequence[str]) -> int:
    """Print a line a round, then medians and ratios."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.at) as folder:
        path = Path(folder) / "weights.bin"
        file = _written(path, options.size)
        ways: dict[str, Callable[[], object]] = {
            "dd": lambda: _run("dd", f"if={path}", "of=/dev/null", "bs=4M"),
            "preload": lambda: preload([path], options.readers),
            "verify": lambda: judge(path.parent, file),
            "warm": lambda: judge(path.parent, file),
        }
        rounds = [_round(path, ways, number) for number in range(options.rounds)]
    _print(ways, rounds)
    return 0


def _round(path: Path, ways: dict[str, Callable[[], object]], number: int) -> dict[str, float]:
    """MB/s of each way, in an order that turns from round to round: what follows what must not matter."""
    names = list(ways)
    turn = number % len(names)
    speeds = {}
    for name in names[turn:] + names[:turn]:
        if name == "warm":
            preload([path])
        else:
            drop(path)
        began = time.perf_counter()
        ways[name]()
        speeds[name] = path.stat().st_size / 1e6 / (time.perf_counter() - began)
    sys.stdout.write("  ".join(f"{name} {speeds[name]:7,.0f} MB/s" for name in names) + "\n")
    return speeds


def _print(ways: dict[str, Callable[[], object]], rounds: Sequence[dict[str, float]]) -> None:
    for name in ways:
        sys.stdout.write(f"{name:10} median {statistics.median(each[name] for each in rounds):7,.0f} MB/s\n")
    for ours, theirs in (("preload", "dd"), ("verify", "dd"), ("verify", "warm")):
        ratios = sorted(each[ours] / each[theirs] for each in rounds)
        sys.stdout.write(
            f"{ours} / {theirs}: median {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f}, "
            f"{len(ratios)} rounds)\n"
        )


def drop(path: Path) -> None:
    """Take a file's clean pages out of the page cache; needs no rights beyond reading it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _written(path: Path, size: int) -> WeightFile:
    hashed = hashlib.sha256()
    with path.open("wb") as file:
        for start in range(0, size, CHUNK):
            data = os.urandom(min(CHUNK, size - start))
            hashed.update(data)
            file.write(data)
    return WeightFile(path=path.name, size=size, sha256=hashed.hexdigest())


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+) ?(|K|M|G)(iB)?", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 512MiB or 1GiB")
    return int(found[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[found[2]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.weights", description="Weights from a cold disk, next to dd."
    )
    parser.add_argument("--size", type=_size, default=1 << 30, metavar="SIZE", help="of the file (1GiB)")
    parser.add_argument("--rounds", type=int, default=8, metavar="N", help="(8)")
    parser.add_argument("--readers", type=int, default=READERS, metavar="N", help=f"of preload ({READERS})")
    parser.add_argument("--at", default=None, metavar="DIR", help="where the file is written: the disk to be measured")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
