"""What a result is called: NAME, the upload's key below the inbox prefix, made fit for every store.

Keys come from strangers. One that is fit stays as it is (`scans/a.pdf` → `scans/a.pdf.json`). Any other (`../`, also
percent-encoded however often, control characters, too long) is mended and gets a hash of the whole key, so that it
leads nowhere and two uploads never share a result; a key that merely looks hashed is hashed, too, or it could be chosen
to meet another's.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

#: S3's limit for a key, and that of most file systems for one part of a path, in bytes of UTF-8.
MAX_KEY_BYTES, MAX_PART_BYTES = 1024, 255
#: Kept free at the end for `.error.json` and its like.
SUFFIX_BYTES = 16
_PART_ROOM = MAX_PART_BYTES - SUFFIX_BYTES
_HASH_LETTERS = 32
_HASHED = re.compile(rf"~[0-9a-f]{{{_HASH_LETTERS}}}$")
# Control characters, lone surrogates and noncharacters, of which XML and file systems can have none.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\\\\\ud800-\udfff\ufffe\uffff]")
#: `.zeropage` is where our own working objects lie, `.zeropage-disk` what a file system lacks.
_RESERVED = frozenset({"", ".", "..", ".zeropage", ".zeropage-disk"})
#: Proxies and stores decode once or twice; who encodes more often means no good.
_DECODINGS = 4


def result_name(key: str, *, prefix: str = "") -> str:
    """NAME of an upload, without a format's suffix.

    Args:
        key: below the inbox prefix.
        prefix: of the results; its length counts.
    """
    room = MAX_KEY_BYTES - SUFFIX_BYTES - (len(prefix.encode()) + 1 if prefix else 0)
    if _is_fit(key) and len(key.encode()) <= room:
        return key
    digest = "~" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LETTERS]
    parts = [_cut(_mended(part), _PART_ROOM - len(digest)) for part in key.split("/")]
    return _cut("/".join(parts), room - len(digest)).rstrip("/") + digest


def _is_fit(key: str) -> bool:
    if _HASHED.search(key) or _leads_elsewhere(key):
        return False
    return all(len(part.encode()) <= _PART_ROOM for part in key.split("/"))


def _leads_elsewhere(key: str) -> bool:
    """Whether the key, or what percent-decoding makes of it, could be followed out of its folder."""
    for _ in range(_DECODINGS):
        if _UNFIT.search(key) or not _RESERVED.isdisjoint(key.split("/")):
            return True
        decoded = unquote(key)
        if decoded == key:
            return False
        key = decoded
    return True


def _mended(part: str) -> str:
    part = _UNFIT.sub("_", part).replace("%", "_").replace("..", "_")
    return "_" if part in _RESERVED else part


def _cut(text: str, size: int) -> str:
    """At most `size` bytes, no character halved."""
    return text.encode()[: max(size, 1)].decode("utf-8", "ignore")
