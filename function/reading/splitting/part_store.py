"""Parts of split documents in the results bucket: written only where none stands, so that repeats do no harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from function.errors import SourceGone, StoreUnavailable
from function.reading.splitting.manifest import Manifest, Partial, Unfit, fitting, sealed, unsealed
from function.reading.splitting.parts import PAGES, manifest_key, part_of, partial_key, split_folder
from function.reading.uploads.commit import ROUNDS
from function.stores.base import ABSENT, Conflict, Location, ObjectHead, Replaced, Store

_MAX_BYTES = 1 << 31
_JSON = "application/json"
#: Deletions under way at once.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class PartStore:
    """Used from many threads; every method raises StoreUnavailable.

    Attributes:
        results: store of the results.
        target: where in it.
    """

    results: Store
    target: Location

    def folder(self, manifest: Manifest) -> str:
        """Where the parts of this answer lie."""
        return split_folder(self.target, manifest.name, manifest.id)

    def fix(self, manifest: Manifest) -> tuple[Manifest, bool]:
        """Write the manifest, unless one stands there; tell which one counts, and whether it is this one, new.

        One that was altered is replaced: its ranges cannot be told any more, and its partials belong to its answer.
        """
        key = manifest_key(self.folder(manifest))
        body, metadata, there = sealed(manifest), {PAGES: str(manifest.count)}, ABSENT
        for _ in range(ROUNDS):
            try:
                self.results.put(self.target.bucket, key, body, media_type=_JSON, metadata=metadata, only_if=there)
            except Conflict:
                pass
            else:
                return manifest, True
            try:
                found = self._manifest(key)
            except _UnfitObject as unfit:
                there = unfit.etag
                continue
            if found is not None and (found.id, found.fingerprint) == (manifest.id, manifest.fingerprint):
                return found, False
            there = ABSENT
        raise StoreUnavailable(f"{key} was written by others {ROUNDS} times in a row", remedy="Try again later.")

    def manifest(self, folder: str) -> Manifest | None:
        """What was fixed; None where nothing was, or the parts are joined. Raises Unfit for what was altered."""
        return self._manifest(manifest_key(folder))

    def standing(self, folder: str) -> Mapping[tuple[int, int], bool]:
        """Ranges that were read, or given up (False)."""
        found: dict[tuple[int, int], bool] = {}
        for head in self.results.scan(self.target.bucket, f"{folder}/"):
            part = part_of(self.target, head.key)
            if part is not None and part.last:
                found[part.first, part.last] = found.get((part.first, part.last), False) or not part.failed
        return found

    def partial(self, folder: str, manifest: Manifest, first: int, last: int) -> Partial | None:
        """A range's result, else the record that it was given up; None where neither stands.

        Raises:
            Unfit: it was altered, or is another answer's. It is removed, so that the range may be read again.
        """
        for failed in (False, True):
            key = partial_key(folder, first, last, failed=failed)
            found = self._read(key)
            if found is None:
                continue
            try:
                return fitting(found[0], manifest, first, last)
            except Unfit:
                self._delete(key, found[1].etag)
                raise
        return None

    def write(self, folder: str, partial: Partial) -> None:
        """Write a partial; one that stands there stays, since both are of the same pages by the same engine."""
        key = partial_key(folder, partial.first, partial.last, failed=partial.failed)
        try:
            self.results.put(self.target.bucket, key, sealed(partial), media_type=_JSON, only_if=ABSENT)
        except Conflict:
            return

    def sweep(self, folder: str) -> int:
        """Remove all parts, the manifest first, so that nobody begins a range of them; tells how many."""
        keys = [head.key for head in self.results.scan(self.target.bucket, f"{folder}/")]
        ours, manifest = [key for key in keys if part_of(self.target, key)], manifest_key(folder)
        if manifest in ours:
            self.results.delete(self.target.bucket, manifest)
        remove_all(self.results, self.target.bucket, [key for key in ours if key != manifest])
        return len(ours)

    def begun_later(self, folder: str) -> bool:
        """Whether another reading of the same upload was begun after this one: its ranges count."""
        heads = list(self.results.scan(self.target.bucket, f"{folder.rpartition('/')[0]}/"))
        manifests = [head for head in heads if (part := part_of(self.target, head.key)) and not part.last]
        own = next((head for head in manifests if head.key == manifest_key(folder)), None)
        return own is not None and any(head.modified > own.modified for head in manifests)

    def missing(self, manifest: Manifest) -> Sequence[tuple[int, int]]:
        """Ranges that were neither read nor given up."""
        standing = self.standing(self.folder(manifest))
        return [pages for pages in manifest.ranges if tuple(pages) not in standing]

    def _manifest(self, key: str) -> Manifest | None:
        found = self._read(key)
        if found is None:
            return None
        try:
            manifest = unsealed(found[0], Manifest)
        except Unfit as problem:
            raise _UnfitObject(str(problem), found[1].etag) from None
        if manifest_key(self.folder(manifest)) != key:
            raise _UnfitObject("it belongs to another answer", found[1].etag)
        return manifest

    def _read(self, key: str) -> tuple[bytes, ObjectHead] | None:
        try:
            with self.results.get(self.target.bucket, key, max_bytes=_MAX_BYTES) as body:
                chunks = iter(lambda: body.read(1 << 20), b"")
                return b"".join(chunks), body.head
        except (SourceGone, Replaced):
            return None

    def _delete(self, key: str, etag: str) -> None:
        try:
            self.results.delete(self.target.bucket, key, only_if=etag)
        except Conflict:
            return


def remove_all(store: Store, bucket: str, keys: Sequence[str]) -> None:
    """Delete many objects, a few at a time: who waits for the answer waits for each round trip.

    Single deletions, since not every store that speaks S3's language knows those of many objects at once.
    """
    if not keys:
        return
    with ThreadPoolExecutor(min(_AT_ONCE, len(keys)), thread_name_prefix="sweep") as pool:
        list(pool.map(lambda key: store.delete(bucket, key), keys))


class _UnfitObject(Unfit):
    def __init__(self, problem: str, etag: str) -> None:
        super().__init__(problem)
        self.etag = etag
