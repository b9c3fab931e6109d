"""SeaweedFS's filer webhook: paths below /buckets, for files and folders alike.

Facts: seaweedfs/seaweedfs weed/notification/webhook/http.go and types.go: `key` is the path before the change;
`message` is the protocol buffer as Go's encoding/json writes it (`new_entry`), in other versions as protojson does
(`newEntry`). A changed entry that names its parent is called `rename`, though nothing need have moved. Its S3 API
(weed/s3api) keeps parts of an upload below `.uploads`, versions at `KEY.versions/v_ID`. Ten seconds, three retries,
then a message is lost.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from events.event import Event
from events.fields import Fields
from events.senders.base import Outcome, Sender, ignored, one

NAME = "seaweedfs"
_ROOT = "/buckets/"
_VERSION = re.compile(r"(?s)(?P<key>.+)\.versions/v_(?P<version>[^/]+)")


def read(message: Any, _event: Event | None = None) -> list[Outcome]:
    """Read one change of the filer.

    Raises:
        Malformed: something appeared, but what cannot be read.
    """
    return one(message, _read)


def _read(message: Fields) -> Outcome:
    kind, path = message.text("event_type"), message.text("key")
    entry = "message.new_entry" if message.get("message.new_entry") is not None else "message.newEntry"
    if kind == "delete" or _delete_marker(message.get(f"{entry}.extended")):
        return ignored("removed", path)
    if kind not in {"create", "update", "rename"}:
        return ignored("unknown", kind)
    parent, name = message.maybe("message.new_parent_path", "message.newParentPath"), message.maybe(f"{entry}.name")
    path = f"{parent.rstrip('/')}/{name}" if parent and name else path
    if not path.startswith(_ROOT):
        return ignored("unknown", path)
    bucket, _, key = path.removeprefix(_ROOT).partition("/")
    if not key or any(message.get(f"{entry}.{spelling}") is True for spelling in ("is_directory", "isDirectory")):
        return ignored("folder", path)
    if key.startswith(".uploads/"):
        return ignored("multipart", path)
    version = _VERSION.fullmatch(key)
    # Either JSON leaves a size of 0 out, so that a file is empty is never told.
    sizes = [message.size(f"{entry}.attributes.{spelling}") for spelling in ("file_size", "fileSize")]
    return message.upload(
        NAME,
        bucket=bucket,
        key=version["key"] if version else key,
        version=version["version"] if version else "",
        size=next((size for size in sizes if size), None),
        etag=_hex_md5(message.get(f"{entry}.attributes.md5")),
        time=message.maybe(f"{entry}.attributes.mtime")[:64],
    )


def _delete_marker(extended: Any) -> bool:
    """A deletion in a bucket with versions is a new entry that says so."""
    return isinstance(extended, dict) and any("delete-marker" in str(name).lower() for name in extended)


def _hex_md5(encoded: Any) -> str:
    """The ETag of an object that came in one piece is its MD5; without one it is not told."""
    try:
        return base64.b64decode(encoded, validate=True).hex() if isinstance(encoded, str) else ""
    except (binascii.Error, ValueError):
        return ""


SENDER = Sender(name=NAME, title="SeaweedFS filer", read=read)
