"""Where the parts of a split document lie until they are joined, and how far its reading has come.

Below the results' place, in `.zeropage/parts/`: no upload's result can lie there (`naming` mends such keys), and what
lies there is never read as an upload. Names of uploads are hashed, since a key leaves no room for more behind it.

    .zeropage/parts/HASH OF NAME/MANIFEST ID/manifest.json             fixes the ranges
    .zeropage/parts/HASH OF NAME/MANIFEST ID/00001-00020.json          a range that was read
    .zeropage/parts/HASH OF NAME/MANIFEST ID/00021-00040.failed.json   a range that was given up
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from function.stores.base import Location, ObjectHead, Store

#: Below the place of the results.
FOLDER = ".zeropage/parts"
#: Metadata of a manifest: how many pages its ranges have in all, so that telling progress opens nothing.
PAGES = "ocr-pages"
_MANIFEST = "manifest.json"
_HASH_LETTERS = 32
_KEY = re.compile(
    rf"{re.escape(FOLDER)}/(?P<name>[0-9a-f]{{{_HASH_LETTERS}}})/(?P<id>[0-9a-f]{{{_HASH_LETTERS}}})/"
    r"(?:manifest|(?P<first>\d{5,9})-(?P<last>\d{5,9})(?P<failed>\.failed)?)\.json"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One object of a split document.

    Attributes:
        folder: key of the folder that holds all its objects, without a slash at the end.
        first: page of a range; 0 for the manifest.
        last: page, inclusive; 0 for the manifest.
        failed: the range was given up.
    """

    folder: str
    first: int = 0
    last: int = 0
    failed: bool = False


def parts_folder(target: Location, name: str) -> str:
    """Folder of all splits of an upload, without a slash at the end.

    Args:
        target: of the results.
        name: key of the upload's result without its ending, prefix included.
    """
    return target.key(f"{FOLDER}/{_digest(name)}")


def split_folder(target: Location, name: str, answer_id: str) -> str:
    """Folder of one split: of one version of the upload, read by one engine in one way.

    Args:
        target: of the results.
        name: as in `parts_folder`.
        answer_id: of the answer that its ranges are joined to (`commit.result_id`).
    """
    return f"{parts_folder(target, name)}/{_digest(answer_id)}"


def manifest_key(folder: str) -> str:
    """Key of the manifest in a folder of `split_folder`."""
    return f"{folder}/{_MANIFEST}"


def partial_key(folder: str, first: int, last: int, *, failed: bool = False) -> str:
    """Key of a range's result, or of the record that it was given up."""
    return f"{folder}/{first:05}-{last:05}{'.failed' if failed else ''}.json"


def part_of(target: Location, key: str) -> Part | None:
    """What stands under a key; None where it is no part of a split document."""
    if not target.holds(target.bucket, key):
        return None
    found = _KEY.fullmatch(target.name(key))
    if not found:
        return None
    return Part(key.rpartition("/")[0], int(found["first"] or 0), int(found["last"] or 0), bool(found["failed"]))


class Standing(NamedTuple):
    """How far a split document has come.

    Attributes:
        done: pages, given up ones among them.
        total: pages.
        touched: when its newest part was written.
    """

    done: int
    total: int
    touched: datetime


def progress(store: Store, target: Location, name: str, *, since: datetime | None = None) -> Standing | None:
    """How far an upload has come that is being read in ranges.

    One listing, and one HEAD. Where there are several splits (the upload was replaced, or another engine reads now),
    the one that was begun last counts.

    Args:
        store: of the results.
        target: where in it.
        name: key of the upload's result without its ending, prefix included.
        since: splits that were begun earlier are another upload's.

    Returns:
        None where the upload is not split, or no longer.

    Raises:
        Outage: the store does not answer.
    """
    heads = list(store.scan(target.bucket, f"{parts_folder(target, name)}/"))
    begun = [head for head in heads if head.key.endswith(f"/{_MANIFEST}") and (since is None or head.modified >= since)]
    if not begun:
        return None
    latest = max(begun, key=lambda head: (head.modified, head.key))
    known = store.head(target.bucket, latest.key)
    total = known.metadata.get(PAGES, "") if known else ""
    if not total.isdecimal():
        return None
    folder = latest.key.rpartition("/")[0]
    done = {(part.first, part.last) for part in _partials(target, heads) if part.folder == folder}
    pages = min(int(total), sum(last - first + 1 for first, last in done))
    return Standing(pages, int(total), max(head.modified for head in heads))


def _partials(target: Location, heads: list[ObjectHead]) -> Iterator[Part]:
    parts = (part_of(target, head.key) for head in heads)
    return (part for part in parts if part is not None and part.last)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LETTERS]
