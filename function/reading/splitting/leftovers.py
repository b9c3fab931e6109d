"""Parts of split documents that nobody waits for any more, so that they may be removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from function.reading.splitting.manifest import Manifest, Unfit
from function.reading.splitting.part_store import PartStore
from function.reading.splitting.parts import FOLDER, part_of
from function.reading.uploads.commit import is_about, missing_in
from function.stores.base import Location, Store, same_object

#: Parts of a result that lacks pages wait so long for the replay of their dead letters.
KEPT_FOR_REPLAY = timedelta(days=14)

Reason = Literal["joined", "incomplete", "deleted", "replaced", "without manifest", "altered"]


@dataclass(frozen=True, slots=True)
class Leftover:
    """What is left of one split.

    Attributes:
        folder: key of the folder that holds it.
        reason: why nobody waits for it.
        parts: how many objects.
        size: of all of them, in bytes.
    """

    folder: str
    reason: Reason
    parts: int
    size: int


def leftovers(uploads: Store, results: Store, target: Location, *, before: datetime) -> Iterator[Leftover]:
    """Splits that are over: joined, given up for good, or of an upload that is no more; the others are not told.

    One whose result is still to come is left alone, however old it is: `reconcile` sends its upload's event, upon
    which only what is missing is read.

    Args:
        uploads: store of the uploads.
        results: store of the results.
        target: where in it.
        before: what was written later is left alone, since somebody may be at it.

    Raises:
        Outage: a store does not answer.
    """
    folders: dict[str, tuple[int, int, datetime]] = {}
    for head in results.scan(target.bucket, target.key(f"{FOLDER}/")):
        part = part_of(target, head.key)
        if part is not None:
            count, size, newest = folders.get(part.folder, (0, 0, head.modified))
            folders[part.folder] = count + 1, size + head.size, max(newest, head.modified)
    parts = PartStore(results, target)
    for folder, (count, size, newest) in folders.items():
        if newest < before:
            reason = _reason(parts, uploads, folder, old=newest < before - KEPT_FOR_REPLAY)
            if reason is not None:
                yield Leftover(folder, reason, count, size)


def _reason(parts: PartStore, uploads: Store, folder: str, *, old: bool) -> Reason | None:
    try:
        manifest = parts.manifest(folder)
    except Unfit:
        return "altered"
    if manifest is None:
        return "without manifest"
    upload = uploads.head(manifest.bucket, manifest.key)
    if upload is None:
        return "deleted"
    if not same_object(upload.version, upload.etag, manifest.source_version, manifest.source_etag):
        return "replaced"
    return _ended(parts, manifest, old=old)


def _ended(parts: PartStore, manifest: Manifest, *, old: bool) -> Reason | None:
    version, etag = manifest.source_version, manifest.source_etag
    result = parts.results.head(parts.target.bucket, f"{manifest.name}.json")
    if result is None or not is_about(result, manifest.bucket, manifest.key, version, etag):
        return None
    if missing_in(result.metadata):
        return "incomplete" if old else None
    return "joined"
