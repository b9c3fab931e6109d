"""SeaweedFS's filer webhook: paths below /buckets, for files and folders alike.

Facts: seaweedfs/seaweedfs weed/notification/webhook/http.go and types.go: `key` is the path before the change;
`message` is the protocol buffer as Go's encoding/json writes it (`new_entry`), in other versions as protojson does
(`newEntry`). A changed entry that names its parent is called `rename`, though nothing need have moved. Parts of an
upload lie below `.uploads`. Ten seconds, three retries, then it is lost.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Outcome, Sender, ignored, one

NAME = "seaweedfs"
_ROOT = "/buckets/"


def read(message: Any, _event: Event | None = None) -> list[Outcome]:
    """Read one change of the filer.

    Raises:
        Malformed: something appeared, but what cannot be read.
    """
    return one(message, _read)


def _read(message: Fields) -> Outcome:
    kind, path = message.text("event_type"), message.text("key")
    if kind == "delete":
        return ignored("removed", path)
    if kind not in {"create", "update", "rename"}:
        return ignored("unknown", kind)
    entry = "message.new_entry" if message.get("message.new_entry") is not None else "message.newEntry"
    parent, name = message.maybe("message.new_parent_path", "message.newParentPath"), message.maybe(f"{entry}.name")
    path = f"{parent.rstrip('/')}/{name}" if parent and name else path
    if not path.startswith(_ROOT):
        return ignored("unknown", path)
    bucket, _, key = path.removeprefix(_ROOT).partition("/")
    if True in {message.get(f"{entry}.is_directory") is True, message.get(f"{entry}.isDirectory") is True} or not key:
        return ignored("folder", path)
    if key.startswith(".uploads/"):
        return ignored("multipart", path)
    if "/.versions/" in f"/{key}" or ".versions/" in key:
        return ignored("metadata", path)
    sizes = (message.size(f"{entry}.attributes.{spelling}") for spelling in ("file_size", "fileSize"))
    return message.upload(
        NAME,
        bucket=bucket,
        key=key,
        # protojson and encoding/json both leave a size of 0 out, and small files' sizes too in some versions.
        size=next((size for size in sizes if size), None),
        etag=_hex_md5(message.get(f"{entry}.attributes.md5")),
        time=message.maybe(f"{entry}.attributes.mtime")[:64],
    )


def _hex_md5(encoded: Any) -> str:
    """The ETag of an object that came in one piece is its MD5; without one it is not told."""
    try:
        return base64.b64decode(encoded, validate=True).hex() if isinstance(encoded, str) else ""
    except (binascii.Error, ValueError):
        return ""


SENDER = Sender(name=NAME, title="SeaweedFS filer", read=read)
