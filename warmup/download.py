"""One file, from the first source that has it, into its place: resumed, tried again, renamed only when it is right."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import BinaryIO

import msgspec
from msgspec import Struct

from warmup.errors import FetchError
from warmup.preload import CHUNK, read_part
from warmup.sources import Opened, Source, SourceError
from warmup.volume import plain, sync
from warmup.weights import WeightFile

#: What is asked of a source at once: little, since what has not arrived whole is lost when it breaks off.
PIECE = 1 << 17
#: Bytes after which a part is made to survive a power cut.
SYNC_EVERY = 64 << 20


class Stopped(Exception):
    """Somebody wants to stop; what has arrived stays, to go on from later."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a source is asked, and how long it is left alone in between.

    Attributes:
        tries: in a row without a megabyte of progress.
        first_pause: seconds; each further one is twice as long.
        longest_pause: seconds, also where a source asks for more.
    """

    tries: int = 6
    first_pause: float = 0.5
    longest_pause: float = 60.0

    def pause(self, failures: int, asked: float) -> float:
        """Seconds before the next try, a random part of them off, lest all machines come back at once."""
        growing = min(self.longest_pause, self.first_pause * 2.0 ** (failures - 1)) * random.uniform(0.5, 1.0)  # noqa: S311
        return max(growing, min(asked, self.longest_pause))


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was brought.

    Attributes:
        sha256: of its bytes.
        size: in bytes.
        address: where it came from.
        resumed: bytes that an earlier try had brought.
    """

    file: WeightFile
    sha256: str
    size: int
    address: str
    resumed: int


class Note(Struct):
    """What is remembered beside a part: whose bytes it holds, and how many of them survive a power cut."""

    address: str
    validator: str
    synced: int = 0


@dataclass
class Download:
    """The bringing of one file.

    Attributes:
        source: asked for it.
        file: what is expected.
        folder: into which it goes.
        part: where it grows; nobody else may write there.
        patience: with the source.
        stop: set by whoever wants to stop.
        progress: hears how many bytes came, negative where some had to be thrown away.
        say: hears a sentence where something went wrong that is tried again.
    """

    source: Source
    file: WeightFile
    folder: Path
    part: Path
    patience: Patience = field(default_factory=Patience)
    stop: Event = field(default_factory=Event)
    progress: Callable[[int], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None

    def run(self) -> Arrived:
        """Bring it.

        Raises:
            FetchError: no source has it, or it cannot be written; says why of each.
            Stopped: `stop` was set.
        """
        failed: list[str] = []
        later = False
        self.progress(self._here())
        for address in self.source.addresses(self.file):
            try:
                return self._from(address)
            except SourceError as problem:
                failed.append(f"{address}: {problem}")
                later = later or problem.later
            except OSError as problem:
                raise FetchError(
                    f"{self.folder / self.file.path} cannot be written: {plain(problem)}. {_room(self.folder)}"
                ) from problem
        told = "; ".join(failed) or "the manifest names no source; give one with --from"
        remedy = "Run the command again: it goes on where it stopped." if later else "Name another source with --from."
        raise FetchError(f"{self.file.path} could not be fetched: {told}. {remedy}", later=later)

    def _from(self, address: str) -> Arrived:
        failures, had = 0, 0
        while True:
            try:
                return self._try(address)
            except SourceError as problem:
                here = self._here()
                failures = 1 if here >= had + CHUNK else failures + 1
                had = here
                if not problem.later or failures >= self.patience.tries:
                    raise
                self.say(f"{self.file.path}: {problem}; {here:,} bytes are here, trying again")
                if self.stop.wait(self.patience.pause(failures, problem.after)):
                    raise Stopped from None

    def _try(self, address: str) -> Arrived:
        note = self._note()
        offset = self._usable(note, address)
        opened = self.source.open(address, offset, note.validator if note.address == address else "")
        try:
            self._fits(opened)
            offset = min(offset, opened.start)
            self._remember(Note(address, opened.validator, offset))
            size, sha256 = self._receive(opened, offset)
        finally:
            opened.stream.close()
        self._judge(size, sha256, resumed=offset > 0)
        target = self.folder / self.file.path
        # A time that archives and image layers, which keep whole seconds, bring back as it was: the stamp holds there.
        seconds = int(time.time())
        with contextlib.suppress(OSError):
            os.utime(self.part, (seconds, seconds))
        self.part.replace(target)
        self._beside().unlink(missing_ok=True)
        sync(target.parent)
        return Arrived(self.file, sha256, size, address, offset)

    def _usable(self, note: Note, address: str) -> int:
        """How much of what is here may be kept: all where the hash will tell, else what is surely of this file."""
        if self.file.sha256 is not None:
            return self._here()
        return min(self._here(), note.synced) if note.address == address and note.validator else 0

    def _fits(self, opened: Opened) -> None:
        if self.file.size is not None and opened.total is not None and opened.total != self.file.size:
            raise SourceError(f"expected {self.file.size:,} bytes, it offers {opened.total:,}", later=False)

    def _receive(self, opened: Opened, offset: int) -> tuple[int, str]:
        """Append to the part, hashing; size and hash of the whole."""
        hashed, at, synced = hashlib.sha256(), offset, offset
        if offset:
            read_part(self.part, 0, offset, bytearray(CHUNK), hashed.update)
        with self.part.open("r+b" if self.part.exists() else "wb") as file:
            self.progress(offset - file.seek(0, os.SEEK_END))
            file.truncate(offset)
            file.seek(offset)
            try:
                while data := opened.stream.read(PIECE):
                    file.write(data)
                    hashed.update(data)
                    at += len(data)
                    self.progress(len(data))
                    if at - synced >= SYNC_EVERY:
                        synced = self._synced(file, at)
                    if self.stop.is_set():
                        raise Stopped
            finally:
                self._synced(file, at)
        if opened.total is not None and at < opened.total:
            raise SourceError(f"it broke off after {at:,} of {opened.total:,} bytes", later=True)
        return at, hashed.hexdigest()

    def _judge(self, size: int, sha256: str, *, resumed: bool) -> None:
        """Throw wrong bytes away. A part that was resumed may be the culprit, so the whole gets one more try."""
        found = expected = ""
        if self.file.size is not None and size != self.file.size:
            expected, found = f"{self.file.size:,} bytes", f"{size:,} bytes"
        elif self.file.sha256 is not None and sha256 != self.file.sha256:
            expected, found = self.file.hash_in_words, f"SHA-256 {sha256}"
        elif size == 0:
            expected, found = "a file", "0 bytes"
        if found:
            self.progress(-size)
            self.part.unlink()
            self._beside().unlink(missing_ok=True)
            raise SourceError(f"expected {expected}, it sent {found}", later=resumed)

    def _here(self) -> int:
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def _beside(self) -> Path:
        return self.part.with_name(f"{self.part.name}.note")

    def _note(self) -> Note:
        with contextlib.suppress(OSError, ValueError):
            return msgspec.json.decode(self._beside().read_bytes(), type=Note)
        return Note("", "")

    def _remember(self, note: Note) -> None:
        self._beside().write_bytes(msgspec.json.encode(note))

    def _synced(self, file: BinaryIO, at: int) -> int:
        file.flush()
        os.fsync(file.fileno())
        note = self._note()
        note.synced = at
        self._remember(note)
        return at


def _room(folder: Path) -> str:
    """What is free there, for whoever must make room."""
    try:
        seen = os.statvfs(folder)
    except OSError:
        return "Mount the volume for writing."
    free = seen.f_bavail * seen.f_frsize / (1 << 20)
    return f"{free:,.0f} MiB are free there; make room, or mount the volume for writing."
