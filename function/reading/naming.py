"""What a result is called: NAME, the upload's key below the inbox prefix, made fit for every store.

Keys come from strangers. One that is fit stays as it is (`scans/a.pdf` → `scans/a.pdf.json`); in any other the unfit
parts are replaced and a hash of the whole key is added, so that no two uploads share a result by chance.
"""

from __future__ import annotations

import hashlib
import re

#: S3's limit for a key, and that of most file systems for one part of a path, in bytes of UTF-8.
MAX_KEY_BYTES, MAX_PART_BYTES = 1024, 255
#: Kept free at the end for `.error.json` and its like.
SUFFIX_BYTES = 16
_PART_ROOM = MAX_PART_BYTES - SUFFIX_BYTES
_HASH_LETTERS = 16
# Dots that climb, also percent-encoded, as some proxies and stores decode twice.
_CLIMBS = re.compile(r"(\.|%2e){1,2}", re.IGNORECASE)
# Control characters, lone surrogates and noncharacters, of which XML and file systems can have none.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\\\\\ud800-\udfff\ufffe\uffff]")


def result_name(key: str, *, prefix: str = "") -> str:
    """NAME of an upload, without a format's suffix.

    Args:
        key: below the inbox prefix.
        prefix: of the results; its length counts.
    """
    parts = [_fit(part) for part in key.split("/")]
    name = "/".join(parts)
    room = MAX_KEY_BYTES - SUFFIX_BYTES - (len(prefix.encode()) + 1 if prefix else 0)
    if name == key and len(name.encode()) <= room and all(len(part.encode()) <= _PART_ROOM for part in parts):
        return name
    digest = "-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LETTERS]
    parts = [_cut(part, _PART_ROOM - len(digest)) for part in parts]
    return _cut("/".join(parts), room - len(digest)).rstrip("/") + digest


def _fit(part: str) -> str:
    if part == "" or _CLIMBS.fullmatch(part) or part == ".zeropage":
        return "_"
    return _UNFIT.sub("_", part)


def _cut(text: str, size: int) -> str:
    """At most `size` bytes, no character halved."""
    return text.encode()[: max(size, 1)].decode("utf-8", "ignore")
