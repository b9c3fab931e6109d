"""Compiled models kept on a volume, so that only the first start on a kind of machine compiles.

An entry is one file: the SHA-256 of what follows, then the compiled model as the runtime exported it. Its name hashes
everything that decides whether it fits, so an entry of another library, processor, precision or model is never opened;
one that was cut short or altered does not match its hash and is made anew. Pods that write at once write the same:
each into a file of its own that then takes the name. Whoever writes an entry also removes those that nobody has used
for a month, as happens to every entry when the library, the weights or the nodes change.

Measured with OpenVINO 2026.4.1 in bfloat16: both models take 0.95 CPU seconds to compile and 0.33 to take from here.
ONNX Runtime has nothing kept: its sessions take 0.19 CPU seconds, and 0.08 from its optimised format.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger(__name__)

#: Raise it when the files change their make-up.
_FORMAT = "1"
_DIGEST_BYTES = 32
#: Seconds after which an entry that nobody took goes; a pod that mounts the folder read-only cannot say that it took
#: one, and compiles anew if it has to. Using an entry is noted so often at most.
_UNUSED, _NOTED = 30 * 86400.0, 86400.0
#: What a writer that was killed leaves behind.
_ABANDONED = 86400.0
#: In the names of our entries, so that nothing else in the folder is touched.
_HASH = "[0-9a-f]" * 32


class CompiledModels:
    """A folder of entries; harmless where it is missing, full, read-only or spoilt.

    Whoever may write there decides what the function reads, as with the weights themselves.

    Args:
        folder: made if need be.
        fits: everything that decides whether an entry is of use, beyond what `load` is told.
    """

    def __init__(self, folder: Path, fits: Iterable[str]) -> None:
        self._folder = folder
        self._fits = [_FORMAT, *fits]
        self._writers: list[threading.Thread] = []
        self._complained = False

    def load(self, model: str, *details: object) -> bytes | None:
        """The compiled model, whole and unaltered; None where there is none.

        Args:
            model: its name, for people who look into the folder.
            details: what else it was compiled for.
        """
        path = self._path(model, details)
        try:
            with path.open("rb") as file:
                digest, compiled = file.read(_DIGEST_BYTES), file.read()
        except FileNotFoundError:
            return None
        except OSError as problem:
            log.warning("OCR_COMPILED: %s cannot be read (%s); the model is compiled anew", path, problem.strerror)
            return None
        if hashlib.sha256(compiled).digest() != digest:
            log.warning("OCR_COMPILED: %s is cut short or altered; the model is compiled anew", path)
            return None
        _note_use(path)
        return compiled

    def keep(self, compiled: bytes, model: str, *details: object) -> None:
        """Write an entry beside what goes on: nobody waits for a slow volume."""
        path = self._path(model, details)
        writer = threading.Thread(target=self._write, args=(path, compiled), name="keep-compiled", daemon=True)
        self._writers.append(writer)
        writer.start()

    def wait(self) -> None:
        """Return when everything is written."""
        while self._writers:
            self._writers.pop().join()

    def _path(self, model: str, details: Iterable[object]) -> Path:
        words = "\0".join([*self._fits, model, *map(str, details)])
        return self._folder / f"{model}-{hashlib.sha256(words.encode()).hexdigest()[:32]}.compiled"

    def _write(self, path: Path, compiled: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, compiled)
            _prune(path.parent)
        except OSError as problem:
            if not self._complained:
                self._complained = True
                log.warning(
                    "OCR_COMPILED: %s cannot be kept (%s), so the next start compiles, too. Make the folder writable "
                    "for one start, or unset the variable", path, problem.strerror,
                )  # fmt: skip


def _replace(path: Path, compiled: bytes) -> None:
    # Of this writer alone, whichever pod or process it is in: the number of a process is not unique between pods.
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with beside.open("wb") as file:
            file.write(hashlib.sha256(compiled).digest())
            file.write(compiled)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _note_use(path: Path) -> None:
    """By the time of change, for many volumes keep no time of use."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > _NOTED:
            os.utime(path)


def _prune(folder: Path) -> None:
    """Remove what nobody uses; another pod that does so at the same moment is no problem, nor one that reads it."""
    now = time.time()
    for pattern, longest in ((f"*-{_HASH}.compiled", _UNUSED), (f".*-{_HASH}.compiled.*", _ABANDONED)):
        for path in folder.glob(pattern):
            with contextlib.suppress(OSError):
                if now - path.stat().st_mtime > longest:
                    path.unlink()
