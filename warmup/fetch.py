"""Fills a folder with weights: what is there and right stays, the rest is brought, side by side, and all is stamped.

Any number of fetches may be started on one volume: one works, the others wait for it and then find nothing left to do.
Where a file system has no locks each has parts of its own, and whole files are renamed into place over each other.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from urllib.parse import quote

from msgspec.structs import replace

from warmup import lockfile, stamp
from warmup.download import Arrived, Download, Patience, Stopped
from warmup.errors import FetchError
from warmup.lockfile import Lock, Locked
from warmup.sources import Source
from warmup.verify import Verdict, verify
from warmup.volume import only_one, plain
from warmup.weights import WeightFile, load_manifest

LOCK, PARTS = ".fetch.lock", ".parts"
#: Of failures that are alike, as they mostly are, so many are told.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears what goes on; from any thread.

    Attributes:
        verified: each file that was looked at.
        begins: what will be downloaded.
        progress: bytes that came, negative where some were thrown away.
        arrived: each file that is in its place.
        say: a sentence.
    """

    verified: Callable[[Verdict], object] = bool
    begins: Callable[[Sequence[WeightFile]], object] = bool
    progress: Callable[[int], None] = lambda _: None
    arrived: Callable[[Arrived], object] = bool
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of it.

    Attributes:
        arrived: the files that were downloaded.
        kept: how many were there and right.
        locked: paths whose hash was recorded, for the first time.
        unknown: paths whose hash nobody knows.
    """

    arrived: tuple[Arrived, ...]
    kept: int
    locked: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass
class Fetch:
    """One run of `fetch`.

    Attributes:
        folder: to be filled; made if it is not there.
        tiers: whose files.
        source: of the files.
        record: write down hashes that nobody knows.
        shared_lock: a lock outside the folder that counts for more than the one within; recorded there, too.
        jobs: files at once.
        patience: with the source.
        told: who listens.
        stop: set to end early; what has arrived stays.
    """

    folder: Path
    tiers: Collection[str]
    source: Source
    record: bool = False
    shared_lock: Path | None = None
    jobs: int = 4
    patience: Patience = field(default_factory=Patience)
    told: Told = field(default_factory=Told)
    stop: Event = field(default_factory=Event)

    def run(self) -> Fetched:
        """Bring what is missing or wrong.

        Raises:
            FetchError: something could not be brought or written; the rest was.
            ManifestError: the manifest or a lock cannot be read.
            Stopped: `stop` was set.
        """
        files = self._expected()
        right = [verdict for verdict in verify(self.folder, files, self.told.verified) if not verdict.problem]
        if len(right) == len(files) and not self._to_lock(files):
            self._stamp(_seen(right))
            return Fetched((), len(files), (), _unknown(files))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with only_one(self.folder / LOCK, self._waiting) as held:
                return self._alone({verdict.file: verdict for verdict in right}, held)
        except BrokenPipeError:  # nobody reads what we say
            raise
        except OSError as problem:
            raise FetchError(
                f"{problem.filename or self.folder} cannot be written: {plain(problem)}. Fetch where the volume is "
                "mounted for writing, by a user who may."
            ) from problem

    def _alone(self, before: Mapping[WeightFile, Verdict], held: bool) -> Fetched:
        """Look again at what was wrong, since another fetch may have worked meanwhile, and bring the rest."""
        files = self._expected()
        verdicts = [before[file] for file in files if file in before]
        verdicts += verify(self.folder, [file for file in files if file not in before])
        right = [verdict for verdict in verdicts if not verdict.problem]
        wanted = [verdict.file for verdict in verdicts if verdict.problem]
        arrived, failures = self._download(wanted, held) if wanted else ([], [])
        seen = _seen(right)
        for each in arrived:
            if now := stamp.seen_now(self.folder, each.file):
                seen[each.file.path] = now
        locked = self._lock(arrived, [verdict.file for verdict in right]) if self.record else {}
        for path in locked.keys() & seen.keys():
            seen[path] = replace(seen[path], sha256=locked[path].sha256)
        self._stamp(seen)
        if failures:
            raise _together(failures)
        return Fetched(tuple(arrived), len(right), tuple(sorted(locked)), _unknown(lockfile.filled_in(files, locked)))

    def _expected(self) -> list[WeightFile]:
        lock = lockfile.read_lock(self.folder / lockfile.NAME)
        if self.shared_lock is not None:
            lock |= lockfile.read_lock(self.shared_lock)
        return lockfile.filled_in(load_manifest(self.folder).files(self.tiers), lock)

    def _download(self, wanted: Sequence[WeightFile], held: bool) -> tuple[list[Arrived], list[FetchError]]:
        own = "" if held else f"-{os.uname().nodename}-{secrets.token_hex(4)}"
        parts = self.folder / f"{PARTS}{own}"
        parts.mkdir(exist_ok=True)
        for file in wanted:
            (self.folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        self._check_room(wanted, parts)
        self.told.begins(wanted)
        arrived: list[Arrived] = []
        failures: list[FetchError] = []
        with ThreadPoolExecutor(max_workers=self.jobs, thread_name_prefix="fetch") as pool:
            futures = [pool.submit(self._one(file, parts).run) for file in wanted]
            try:
                for future in as_completed(futures):
                    self._collect(future, arrived, failures)
            except BaseException:
                self.stop.set()
                pool.shutdown(cancel_futures=True)
                raise
            finally:
                if not held:  # nobody will find them again
                    shutil.rmtree(parts, ignore_errors=True)
        with contextlib.suppress(OSError):  # parts of other fetches stay
            parts.rmdir()
        return arrived, failures

    def _one(self, file: WeightFile, parts: Path) -> Download:
        return Download(
            source=self.source,
            file=file,
            folder=self.folder,
            part=_part(parts, file),
            patience=self.patience,
            stop=self.stop,
            progress=self.told.progress,
            say=self.told.say,
        )

    def _collect(self, future: Future[Arrived], arrived: list[Arrived], failures: list[FetchError]) -> None:
        try:
            arrived.append(future.result())
            self.told.arrived(arrived[-1])
        except FetchError as problem:
            failures.append(problem)
            self.told.say(f"{len(failures)} could not be fetched; the others go on")

    def _check_room(self, wanted: Sequence[WeightFile], parts: Path) -> None:
        """Say at once what would be found out after an hour, as far as sizes are known."""
        here = sum(part.stat().st_size for part in (_part(parts, file) for file in wanted) if part.exists())
        needed = sum(file.size or 0 for file in wanted) - here
        seen = os.statvfs(self.folder)
        if needed > (free := seen.f_bavail * seen.f_frsize):
            raise FetchError(
                f"{self.folder} has {free / 1e6:,.0f} MB free, and {needed / 1e6:,.0f} MB are to come. Make room "
                "there, or take a larger volume."
            )

    def _to_lock(self, files: Sequence[WeightFile]) -> bool:
        """Whether there is something to write down: an unknown hash, or a shared lock that the folder lacks."""
        if self.record and _unknown(files):
            return True
        if self.shared_lock is None:
            return False
        known = lockfile.read_lock(self.folder / lockfile.NAME)
        shared = lockfile.read_lock(self.shared_lock)
        return any(file.path in shared and known.get(file.path) != shared[file.path] for file in files)

    def _lock(self, arrived: Sequence[Arrived], right: Sequence[WeightFile]) -> Lock:
        """Write down what nobody knew, and tell what that was."""
        new = {each.file.path: Locked(each.size, each.sha256, each.address) for each in arrived if not each.file.sha256}
        new |= {file.path: lockfile.of_file(self.folder / file.path) for file in right if not file.sha256}
        shared = lockfile.read_lock(self.shared_lock) if self.shared_lock else {}
        for path in [self.folder / lockfile.NAME, *([self.shared_lock] if self.shared_lock else [])]:
            old = lockfile.read_lock(path)
            if (whole := old | shared | new) != old:
                lockfile.write_lock(path, whole)
        return new

    def _stamp(self, seen: dict[str, stamp.Seen]) -> None:
        try:
            stamp.write(self.folder, seen)
        except OSError as problem:
            self.told.say(f"no stamp could be written to {self.folder}: {plain(problem)}")

    def _waiting(self) -> None:
        self.told.say(f"another fetch is at work on {self.folder}; waiting for it to end")


def _part(parts: Path, file: WeightFile) -> Path:
    return parts / quote(file.path, safe="")


def _seen(verdicts: Sequence[Verdict]) -> dict[str, stamp.Seen]:
    return {verdict.file.path: verdict.seen for verdict in verdicts if verdict.seen}


def _unknown(files: Sequence[WeightFile]) -> tuple[str, ...]:
    return tuple(file.path for file in files if file.sha256 is None)


def _together(failures: Sequence[FetchError]) -> FetchError:
    """One error of several; the same command helps only if it may help with each."""
    told = [str(each) for each in failures[:SHOWN]]
    if more := len(failures) - len(told):
        told.append(f"{more} more files could not be fetched, either.")
    return FetchError("\n".join(told), later=all(failure.exit_code == 75 for failure in failures))


__all__ = ["Fetch", "Fetched", "Stopped", "Told"]
