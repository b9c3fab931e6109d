"""Where uploads lie and results go: buckets with a prefix, and the key that a result gets.

A result stands below the results prefix under the upload's own name with one more ending (`a.pdf` → `a.pdf.json`). Keys
are chosen by strangers, so a name that a file system, a gateway or a browser could read as a way out (`../`, `%2e%2e/`,
control characters), or that would be too long, is replaced by a harmless one with a hash of the original.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote

from events.errors import Malformed, shown
from events.uploads import MAX_KEY_BYTES

#: Room for the longest ending, so that all results of an upload are cut alike and keep one name.
MAX_ENDING_BYTES = 32

_CONTROL_OR_BACKSLASH = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]")
_HASHED = re.compile(r"~[0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, or the part of it below a prefix.

    Attributes:
        bucket: its name.
        prefix: empty, or a folder, which ends in a slash: `out` is taken for `out/`, so it never means `outlook.pdf`.
    """

    bucket: str
    prefix: str = ""

    def __post_init__(self) -> None:
        if self.prefix and not self.prefix.endswith("/"):
            object.__setattr__(self, "prefix", self.prefix + "/")

    def __contains__(self, address: tuple[str, str]) -> bool:
        """Whether an object, (bucket, key), lies here."""
        bucket, key = address
        return bucket == self.bucket and key.startswith(self.prefix)


def result_key(inbox_prefix: str, key: str, results_prefix: str, ending: str) -> str:
    """The key of an upload's result; two uploads never share one.

    Args:
        inbox_prefix: of the place where the upload lies; as `Place.prefix`.
        key: the upload's.
        results_prefix: of the place where results go; as `Place.prefix`.
        ending: `.md`, `.json`, `.error.json` …

    Returns:
        At most 1,024 bytes of UTF-8, always below `results_prefix`, with no way out of it however often it is decoded.

    Raises:
        Malformed: the key does not lie below the prefix or is the prefix itself, or no room is left for a name.
    """
    name = key.removeprefix(inbox_prefix)
    if not key.startswith(inbox_prefix) or not name:
        raise Malformed([f"key: {shown(key)} is no name below {shown(inbox_prefix)}"])
    room = MAX_KEY_BYTES - len(results_prefix.encode("utf-8")) - MAX_ENDING_BYTES
    if len(ending.encode("utf-8")) > MAX_ENDING_BYTES or room < 64:
        raise Malformed([f"the prefix {shown(results_prefix)} or the ending {shown(ending)} leaves no room for a name"])
    return f"{results_prefix}{_harmless(name, room)}{ending}"


def _harmless(name: str, room: int) -> str:
    """The name itself where it is harmless and short enough; otherwise something like it, with its hash."""
    if len(name.encode("utf-8")) <= room and not _hostile(name) and not _HASHED.search(name):
        return name
    # A name that looks hashed is hashed too, or it could be chosen to meet another's.
    digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:32]
    plain = _CONTROL_OR_BACKSLASH.sub("_", name).replace("%", "_").replace("..", "_")
    tame = "/".join("_" if segment in {"", "."} else segment for segment in plain.split("/"))
    cut = tame.encode("utf-8")[: room - len(digest) - 1].decode("utf-8", "ignore")
    return f"{cut}~{digest}"


def _hostile(name: str) -> bool:
    """Whether the name, or what percent-decoding makes of it, could lead elsewhere."""
    for _ in range(4):
        if name.startswith("/") or _CONTROL_OR_BACKSLASH.search(name) or {".", ".."} & set(name.split("/")):
            return True
        decoded = unquote(name)
        if decoded == name:
            return False
        name = decoded
    return True  # encoded over and over: nobody means well
