"""Are the weights what the manifest says? Sizes and SHA-256, several files at once, read once at disk speed.

Reading them warms the page cache: after a full verification nothing is left to preload.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from warmup import lockfile, stamp
from warmup.errors import Problem, WarmupError, WeightsError
from warmup.preload import CHUNK, read_part
from warmup.volume import found, plain
from warmup.weights import WeightFile, load_manifest

log = logging.getLogger(__name__)

MODES = ("stamp", "full", "off")
#: Below this many bytes a start hashes every time and neither wants nor writes a stamp: it takes a tenth of a second,
#: and the folder may be that of an installed package.
SMALL = 128 << 20


@dataclass(frozen=True, slots=True)
class Checked:
    """How weights were found to be right.

    Attributes:
        how: `full` (sizes and hashes), `stamp` (as they were at an earlier full verification) or `off`.
        bytes: how many were read, and so lie in the page cache now; after `full` all but those of `unknown`.
        seconds: on the clock.
        unknown: paths of which no hash is known; they are there, and nobody can say more.
        note: a sentence for the log, often empty.
    """

    how: str
    bytes: int
    seconds: float
    unknown: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one file is: the problem it has, if any, and what a stamp may say of it."""

    file: WeightFile
    bytes: int
    problem: Problem | None
    seen: stamp.Seen | None


def check(folder: Path, tiers: Collection[str], mode: str = "stamp", *, remedy: str = "") -> Checked:
    """Verify weights as a start does: by the stamp where it holds, else in full, and stamp what was verified.

    What is not as it should be and yet no error, hashes that nobody knows or a stamp that cannot be written, is logged.

    Args:
        folder: where they lie; may be read-only.
        tiers: whose files.
        mode: one of MODES, from OCR_VERIFY_WEIGHTS; `full` passes over a stamp.
        remedy: a sentence saying what mends them; default: the command that fetches them again.

    Raises:
        WeightsError: files are missing, cut short or altered.
        ManifestError: the manifest or the lock cannot be read.
    """
    if mode not in MODES:
        raise WarmupError(f"{mode!r} is no way to verify weights; take one of {', '.join(MODES)}.")
    if mode == "off":
        return Checked("off", 0, 0.0)
    began = time.perf_counter()
    files = expected(folder, tiers)
    unknown = tuple(file.path for file in files if file.sha256 is None)
    if unknown:
        log.warning(
            "no hash is known of %d files of weights, so they are not verified: %s", len(unknown), ", ".join(unknown)
        )
    if mode == "stamp" and stamp.holds(folder, files):
        return Checked("stamp", 0, time.perf_counter() - began, unknown)
    verdicts = verify(folder, files)
    problems = [verdict.problem for verdict in verdicts if verdict.problem]
    if problems:
        raise WeightsError(problems, remedy or fetch_again(folder, tiers))
    total = sum(verdict.bytes for verdict in verdicts)
    note = "" if total < SMALL else _stamped(folder, tiers, verdicts)
    if note:
        log.warning("%s", note)
    return Checked("full", total, time.perf_counter() - began, unknown, note)


def expected(folder: Path, tiers: Collection[str]) -> list[WeightFile]:
    """The files of some tiers, with what a lock in the folder knows. Raises ManifestError."""
    return lockfile.filled_in(load_manifest(folder).files(tiers), lockfile.read_lock(folder / lockfile.NAME))


def present(folder: Path, tiers: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tiers of which something lies in a folder, and those of which nothing does. Raises ManifestError.

    Where nothing is there at all, every tier is of the first kind, so that somebody says so.
    """
    files = {tier: expected(folder, [tier]) for tier in tiers}
    here = [tier for tier in tiers if any((folder / file.path).exists() for file in files[tier])] or list(tiers)
    return here, [tier for tier in tiers if tier not in here and files[tier]]


def fetch_again(folder: Path, tiers: Collection[str]) -> str:
    """The sentence with the command that mends a folder."""
    names = " ".join(f"--tier {tier}" for tier in tiers)
    return f"Mend it with `python -m warmup fetch --to {folder} {names}`."


def verify(
    folder: Path, files: Sequence[WeightFile], told: Callable[[Verdict], object] = bool, threads: int = 0
) -> list[Verdict]:
    """Compare files with what is expected of them, largest first, and strike those that are wrong off the stamp.

    Args:
        folder: where they lie.
        files: what is expected.
        told: hears each verdict as soon as it is there, in any order and from any thread.
        threads: files at once; 0: as many as there are processors, at most 8.
    """
    threads = threads or min(8, len(os.sched_getaffinity(0)))

    def judged(file: WeightFile) -> Verdict:
        verdict = judge(folder, file)
        told(verdict)
        return verdict

    def size(file: WeightFile) -> int:
        seen = stamp.seen_now(folder, file)
        return seen.size if seen else 0

    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="verify") as pool:
        verdicts = list(pool.map(judged, sorted(files, key=size, reverse=True)))
    stamp.forget(folder, [verdict.file.path for verdict in verdicts if verdict.problem])
    return verdicts


def judge(folder: Path, file: WeightFile) -> Verdict:
    """Look at one file: that it is there, its size, and, where they are known, its bytes."""
    path, hashed = folder / file.path, hashlib.sha256()
    right = f"{file.size:,} bytes" if file.size is not None else "a file"
    try:
        status = path.stat()
    except OSError as problem:
        return Verdict(file, 0, Problem(str(path), right, found(problem)), None)
    if not stat.S_ISREG(status.st_mode):
        return Verdict(file, 0, Problem(str(path), right, "something that is no file"), None)
    if status.st_size != (file.size or status.st_size) or status.st_size == 0:
        return Verdict(file, 0, Problem(str(path), right, f"{status.st_size:,} bytes"), None)
    seen = stamp.Seen(status.st_size, status.st_mtime_ns, file.sha256 or "")
    if file.sha256 is None:
        return Verdict(file, 0, None, seen)
    try:
        count = read_part(path, 0, status.st_size, bytearray(CHUNK), hashed.update)
    except WeightsError as problem:
        return Verdict(file, 0, problem.problems[0], None)
    if hashed.hexdigest() == file.sha256:
        return Verdict(file, count, None, seen)
    return Verdict(file, count, Problem(str(path), file.hash_in_words, f"SHA-256 {hashed.hexdigest()}"), None)


def _stamped(folder: Path, tiers: Collection[str], verdicts: Sequence[Verdict]) -> str:
    """Save the next start the trouble; the note says why not, if so."""
    try:
        stamp.write(folder, {verdict.file.path: verdict.seen for verdict in verdicts if verdict.seen})
    except OSError as problem:
        names = " ".join(f"--tier {tier}" for tier in tiers)
        return (
            f"no stamp could be written to {folder} ({plain(problem)}), so every start reads all of it; where it can "
            f"be written, run `python -m warmup verify --in {folder} {names}` once"
        )
    return ""
