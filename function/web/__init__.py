"""The page that a person opens in a browser: its files, read once, each with its media type; a door serves them.

They are written by hand and served as they are; nothing is built. `app.js` is where to begin to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
_SAMPLES = _FOLDER.parent.parent / "warmup" / "pages"
#: Everything else in this folder (screenshots, licences) is for its readers.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_OF_SAMPLES = {".jpg": "image/jpeg", ".pdf": "application/pdf", ".png": "image/png"}
#: Stands in index.html for the hash of all files.
_PLACE = b"{release}"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    data: bytes
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of the page.

    Attributes:
        release: a hash over all of them; in their addresses, so that browsers may keep them for good.
        files: by their path below this folder.
    """

    release: str
    files: Mapping[str, Asset]


@cache
def assets() -> Assets:
    """Read at the first visit, so that the start pays nothing."""
    found = {str(path.relative_to(_FOLDER)): path for path in sorted(_FOLDER.rglob("*")) if path.suffix in _TYPES}
    data = {name: path.read_bytes() for name, path in found.items()}
    release = hashlib.sha256(b"".join(name.encode() + content for name, content in data.items())).hexdigest()[:16]
    placed = {name: content.replace(_PLACE, release.encode()) for name, content in data.items()}
    return Assets(release, {name: _asset(content, _TYPES[found[name].suffix]) for name, content in placed.items()})


@cache
def samples() -> Mapping[str, Asset]:
    """Documents to try the page with, by their names."""
    found = sorted(path for path in _SAMPLES.iterdir() if path.suffix in _OF_SAMPLES)
    return {path.name: _asset(path.read_bytes(), _OF_SAMPLES[path.suffix]) for path in found}


def _asset(data: bytes, media_type: str) -> Asset:
    return Asset(data, media_type, hashlib.sha256(data).hexdigest()[:16])
