"""Where archived events lie: a file, standard input, a folder, a bucket, or this function's own dead letters."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

from function.doors.event_tools import letters
from function.doors.event_tools.letters import Found, Unreadable
from function.doors.event_tools.side_by_side import in_order
from function.errors import BadRequest, SourceGone, TooLarge
from function.settings import Settings
from function.stores.base import ObjectHead, Store

#: Stands for the dead letters that POST /deadletter archived below OCR_RESULTS.
DEAD_LETTERS = "deadletters"
_LINES = frozenset({".jsonl", ".ndjson"})
#: Archived objects fetched at once.
_FETCHERS = 8


def found(source: str, settings: Settings, since: datetime | None) -> Iterator[Found]:
    """Every archived event of a source.

    Args:
        source: `-`, a path, `file:///folder`, `s3://bucket/prefix` or `deadletters`.
        settings: how a bucket is reached.
        since: what was archived earlier need not be fetched, as its events are older still.

    Raises:
        BadRequest: there is no such source.
        Outage: the bucket cannot be read.
    """
    if source == DEAD_LETTERS:
        source = dead_letters(settings)
    if source == "-":
        return letters.read(sys.stdin.buffer, "stdin", None, lines=True)
    if source.startswith("s3://"):
        return _bucket(source, settings, since)
    if source.startswith("file://"):
        source = unquote(urlsplit(source).path)
    path = Path(source)
    if not path.exists():
        raise BadRequest(
            f"SOURCE {source!r} is no file and no folder",
            remedy="Name one, or s3://BUCKET/PREFIX, or - for standard input.",
        )
    return _folder(path) if path.is_dir() else _file(path)


def dead_letters(settings: Settings) -> str:
    """Where POST /deadletter archives. Raises BadRequest where no place is set."""
    from function.doors.deadletter import FOLDER

    if not settings.results:
        raise BadRequest(
            f"SOURCE {DEAD_LETTERS!r} is below OCR_RESULTS, which is not set", remedy="Set it, or name the place."
        )
    return f"{settings.results.rstrip('/')}/{FOLDER}"


def _folder(folder: Path) -> Iterator[Found]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield from _file(path)


def _file(path: Path) -> Iterator[Found]:
    try:
        with path.open("rb") as file:
            stored = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
            yield from letters.read(file, str(path), stored, lines=path.suffix.lower() in _LINES)
    except OSError as problem:
        yield Unreadable(str(path), problem.strerror or type(problem).__name__)


def _bucket(url: str, settings: Settings, since: datetime | None) -> Iterator[Found]:
    from function.wiring import open_store

    store, place = open_store(settings, "SOURCE", url)
    heads = store.scan(place.bucket, f"{place.prefix}/" if place.prefix else "")
    wanted = (head for head in heads if since is None or head.modified >= since)
    for several in in_order(lambda head: _fetched(store, head), wanted, _FETCHERS):
        yield from several


def _fetched(store: Store, head: ObjectHead) -> list[Found]:
    where = f"s3://{head.bucket}/{head.key}"
    try:
        with store.get(head.bucket, head.key, max_bytes=letters.MAX_BYTES) as body:
            data = bytearray()
            while chunk := body.read(1 << 20):
                data += chunk
    except (SourceGone, TooLarge) as problem:
        return [Unreadable(where, problem.detail)]
    lines = head.key.lower().endswith(tuple(_LINES))
    return list(letters.read(io.BytesIO(bytes(data)), where, head.modified, lines=lines))
