"""Which weights there are: the manifest weights.toml, typed, and what a lock beside the weights adds to it.

The start reads this, so it imports nothing but what the settings have imported already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from warmup.errors import ManifestError

#: Beside this module; a folder of weights may hold one of its own.
NAME = "weights.toml"

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Size = Annotated[int, Meta(ge=1)]


class WeightFile(Struct, frozen=True, kw_only=True):
    """One file of a model.

    Attributes:
        path: below the folder of weights, with slashes.
        size: bytes; None: nobody has told.
        sha256: in hexadecimal; None: nobody has told.
        urls: where it is published, best first.
        model: whose it is.
        locked: size and hash come from a lock, not from the manifest.
    """

    path: str
    size: Size | None = None
    sha256: Sha256 | None = None
    urls: tuple[str, ...] = ()
    model: str = ""
    locked: bool = False

    @property
    def hash_in_words(self) -> str:
        """For messages: what is expected, and who says so."""
        return f"SHA-256 {self.sha256}" + (" (from weights.lock.json)" if self.locked else "")


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """A file as the manifest lists it: `path` below its model's folder, `at` below its sources (default: `path`)."""

    path: str
    at: str = ""
    size: Size | None = None
    sha256: Sha256 | None = None


class Model(Struct, frozen=True, forbid_unknown_fields=True):
    """A model: its files, whose they are and under which terms, where they are published, which models it needs."""

    licence: str
    sources: tuple[str, ...]
    files: tuple[Entry, ...]
    folder: str = ""
    holder: str = ""
    needs: tuple[str, ...] = ()


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that weights.toml tells."""

    tiers: dict[str, tuple[str, ...]]
    models: dict[str, Model]

    def files(self, tiers: Collection[str]) -> list[WeightFile]:
        """The files of some tiers, each once, with those of the models that theirs need.

        Args:
            tiers: names of tiers; names of models are taken, too.

        Raises:
            ManifestError: there is no tier or model of a name.
        """
        found: dict[str, WeightFile] = {}
        for name in tiers:
            for file in self._files(name):
                found.setdefault(file.path, file)
        return list(found.values())

    def _files(self, name: str) -> Iterator[WeightFile]:
        if name in self.tiers:
            for member in self.tiers[name]:
                yield from self._files(member)
            return
        if name not in self.models:
            known = ", ".join([*self.tiers, *self.models])
            raise ManifestError(f"{NAME} has no tier and no model {name!r}; it has {known}.")
        model = self.models[name]
        for entry in model.files:
            yield WeightFile(
                path=str(PurePosixPath(model.folder) / entry.path),
                size=entry.size,
                sha256=entry.sha256,
                urls=tuple(source + (entry.at or entry.path) for source in model.sources),
                model=name,
            )
        for needed in model.needs:
            yield from self._files(needed)


def load_manifest(folder: Path | None = None) -> Manifest:
    """The manifest that lies in `folder`, else ours.

    Raises:
        ManifestError: it cannot be read; the message names file, field and reason.
    """
    path = folder / NAME if folder is not None else None
    if path is None or not path.is_file():
        path = Path(__file__).with_name(NAME)
    try:
        manifest = msgspec.toml.decode(path.read_bytes(), type=Manifest)
    except (OSError, ValueError) as problem:
        raise ManifestError(f"{path} cannot be read: {problem}.") from problem
    for complaint in _complaints(manifest):
        raise ManifestError(f"{path}: {complaint}.")
    return manifest


def _complaints(manifest: Manifest) -> Iterator[str]:
    """What types cannot tell: names that lead nowhere, paths that lead outside."""
    named: Iterable[str] = [name for names in manifest.tiers.values() for name in names]
    for name in [*named, *(need for model in manifest.models.values() for need in model.needs)]:
        if name not in manifest.models:
            yield f"there is no model {name!r}"
    for name, model in manifest.models.items():
        if any(needed in manifest.models and manifest.models[needed].needs for needed in model.needs):
            yield f"models.{name}.needs: what is needed must not need anything itself"
        for entry in model.files:
            whole = PurePosixPath(model.folder) / entry.path
            if whole.is_absolute() or ".." in whole.parts or not entry.path or any(p[0] == "." for p in whole.parts):
                yield f"models.{name}: the path {str(whole)!r} must stay below the folder, without hidden parts"
