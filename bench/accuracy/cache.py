"""Readings kept on disk, so that a second run measures only what changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from bench.accuracy.corpus import Sample
from bench.accuracy.readers.base import Reading

#: Raise it when a reader's code changes what it reads.
_FORMAT = "1"


class Cache:
    """One JSON file a reading, named after everything that determines it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, reader: str, version: str, sample: Sample, pages: int) -> Reading | None:
        """The stored reading, or None."""
        path = self._path(reader, version, sample, pages)
        return Reading.from_json(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    def put(self, reader: str, version: str, sample: Sample, pages: int, reading: Reading) -> None:
        """Store it; failures are not kept."""
        if reading.error:
            return
        path = self._path(reader, version, sample, pages)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(reading.to_json(), ensure_ascii=False), encoding="utf-8")

    def _path(self, reader: str, version: str, sample: Sample, pages: int) -> Path:
        # The classes choose Tesseract's language.
        parts = (_FORMAT, reader, version, sample.sha256, str(pages), *sample.classes)
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return self._folder / reader / f"{sample.path.stem[:40]}-{key[:20]}.json"
