"""What `parse` was told to read: files, folders, patterns and standard input, each with its result's place."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from function.errors import BadRequest

#: What makes a pattern of a name.
_WILD = frozenset("*?[")


def expanded(names: Sequence[str], suffixes: Sequence[str]) -> dict[str, str]:
    """Each file to read, in order and once however often it is named, by where its result stands below --output.

    A folder stands for all documents below it; a pattern that the shell has left alone (`'scans/**/*.pdf'`) for what it
    matches. Results keep the structure below the folder, or below the part of the pattern that has no wildcards. Where
    two would meet, all keep that below the folder that every file has in common.

    Args:
        names: as they were written; `-` is standard input.
        suffixes: of documents, in lower case; in folders anything else is passed over.

    Raises:
        BadRequest: a folder or a pattern in which there is no document.
    """
    places: dict[str, str] = {}
    absolute: dict[str, str] = {}
    for name in names:
        for path, place in _expand(name, suffixes):
            whole = path if path == "-" else os.path.abspath(path)  # noqa: PTH100 - links stay as they are named
            if whole not in absolute:
                absolute[whole] = path
                places[path] = place
    if len(set(places.values())) == len(places):
        return places
    common = os.path.commonpath([os.path.dirname(whole) for whole in absolute if whole != "-"])  # noqa: PTH120
    return {path: os.path.relpath(whole, common) if path != "-" else "stdin" for whole, path in absolute.items()}


def documents_below(folder: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    """Documents of a folder and those below it, in order; hidden files and folders are nobody's documents.

    Folders that may not be read, or vanish meanwhile, have none: a watcher does not end for them.
    """
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".") and is_document(name, suffixes)]
    yield from (path for path in sorted(found) if path.is_file())


def is_document(name: str, suffixes: Iterable[str]) -> bool:
    """By its ending; without any suffixes everything is."""
    wanted = tuple(suffixes)
    return not wanted or name.lower().endswith(wanted)


def _expand(name: str, suffixes: Sequence[str]) -> list[tuple[str, str]]:
    path = Path(name)
    if name == "-":
        return [(name, "stdin")]
    if path.is_dir():
        below = [(str(file), str(file.relative_to(path))) for file in documents_below(path, suffixes)]
        return below or _nothing(f"there is no document below {name}")
    if _WILD.intersection(name) and not path.exists():
        fixed = Path(*takewhile(lambda part: not _WILD.intersection(part), path.parts))
        found = [Path(file) for file in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 - absolute ones, too
        files = [(str(file), str(file.relative_to(fixed))) for file in found if file.is_file()]
        return files or _nothing(f"nothing is like {name}")
    return [(name, path.name)]


def _nothing(why: str) -> list[tuple[str, str]]:
    raise BadRequest(why, remedy="Name files, folders with documents, or patterns that some file is like.")
