"""Which events were accepted already, kept in a file, so that a replay that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from types import TracebackType
from typing import BinaryIO


class Done:
    """Events by source and id, which together name an event.

    Args:
        path: a line is added as soon as an event was accepted; None keeps nothing beyond this run.
    """

    def __init__(self, path: Path | None) -> None:
        self._known: set[bytes] = set()
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        if path is not None:
            self._file = path.open("ab+")
            self._load(self._file)

    def __enter__(self) -> Done:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def holds(self, source: str, id_: str) -> bool:
        """Whether this event was accepted, now or in an earlier run."""
        with self._lock:
            return _digest(source, id_) in self._known

    def add(self, source: str, id_: str, status: int) -> None:
        """Note that it was; survives a kill of this process from here on."""
        line = json.dumps({"source": source, "id": id_, "status": status}).encode() + b"\n"
        with self._lock:
            self._known.add(_digest(source, id_))
            if self._file is not None:
                self._file.write(line)
                self._file.flush()

    def _load(self, file: BinaryIO) -> None:
        file.seek(0)
        line = b"\n"
        for line in file:
            try:
                entry = json.loads(line)
                self._known.add(_digest(entry["source"], entry["id"]))
            except (ValueError, TypeError, KeyError):
                continue  # half a line: the process was killed while it wrote
        if not line.endswith(b"\n"):
            file.write(b"\n")


def _digest(source: str, id_: str) -> bytes:
    """Sixteen bytes instead of two texts: millions of them fit into memory."""
    return hashlib.sha256(f"{source}\n{id_}".encode("utf-8", "surrogatepass")).digest()[:16]
