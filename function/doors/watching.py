"""`parse --watch FOLDER`: every document that comes into a folder is read once, when it has come whole.

The folder is looked at again and again, since notifications do not cross network file systems. What is done is told by
the results alone, so that a watcher which is killed at any moment goes on where it was.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from function.doors.inputs import documents_below, is_document
from function.errors import EXIT_DONE, EXIT_FAILED, EXIT_TRY_AGAIN, OcrError

#: Seconds between two looks, and after an outage.
LOOK, LATER = 1.0, 30.0
#: Of a file that says why there is no result.
REFUSED = ".error.json"


@dataclass(slots=True)
class Watch:
    """A folder that is watched.

    Attributes:
        folder: where documents come.
        output: where results go; the same folder puts them beside.
        ending: of results.
        suffixes: of documents.
        read: reads a file whose result stands at this place; returns its exit code.
    """

    folder: Path
    output: Path
    ending: str
    suffixes: Sequence[str]
    read: Callable[[Path, str], int]
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _ended: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _not_before: dict[Path, float] = field(default_factory=dict)

    def look(self) -> int:
        """Read whatever is new and has settled: of the same size and time as at the look before.

        Returns:
            How many were read.
        """
        present: dict[Path, tuple[int, int]] = {}
        done = 0
        for path in documents_below(self.folder, self.suffixes):
            if (state := _state(path)) is None or self._is_result(path):
                continue
            present[path] = state
            if self._seen.get(path) == state and not self._is_done(path, state):
                self._read(path, state)
                done += 1
        self._seen = present
        self._ended = {path: state for path, state in self._ended.items() if path in present}
        return done

    def forever(self, nap: Callable[[float], None] = time.sleep) -> None:
        """Until somebody interrupts it."""
        while True:
            self.look()
            nap(LOOK)

    def _read(self, path: Path, state: tuple[int, int]) -> None:
        code = self.read(path, self._place(path))
        if code in {EXIT_TRY_AGAIN, EXIT_FAILED}:
            self._not_before[path] = time.monotonic() + LATER
            return
        self._not_before.pop(path, None)
        self._ended[path] = state
        if code == EXIT_DONE:
            self._target(path, REFUSED).unlink(missing_ok=True)

    def refused(self, path: Path, problem: OcrError) -> None:
        """Put the reason where the result would be, so that the file is not read again before it changes."""
        if problem.redelivered or not path.exists():
            return
        told = {"type": problem.type, "title": problem.title, "detail": problem.detail, "remedy": problem.remedy}
        write_whole(self._target(path, REFUSED), json.dumps(told, ensure_ascii=False, indent=2).encode())

    def _is_done(self, path: Path, state: tuple[int, int]) -> bool:
        if self._ended.get(path) == state or time.monotonic() < self._not_before.get(path, 0.0):
            return True
        since = max(state[1], path.stat().st_ctime_ns)  # what was moved here keeps its time, and has come just now
        written = (_state(self._target(path, ending)) for ending in (f".{self.ending}", REFUSED))
        return any(one is not None and one[1] >= since for one in written)

    def _is_result(self, path: Path) -> bool:
        """`scan.png.pdf` beside `scan.png`, whether that is still there or not."""
        name = path.name.lower()
        return name.endswith(f".{self.ending}") and is_document(name[: -len(self.ending) - 1], self.suffixes or (".",))

    def _place(self, path: Path) -> str:
        return str(path.relative_to(self.folder))

    def _target(self, path: Path, ending: str) -> Path:
        return self.output / f"{self._place(path)}{ending}"


def write_whole(target: Path, data: bytes) -> None:
    """A file that is there whole, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name[:200]}.part")
    part.write_bytes(data)
    os.replace(part, target)  # noqa: PTH105 - the word for it


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
