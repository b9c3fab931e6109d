"""Our own events: what happened to a document, in types that consumers may rely on.

    dev.zeropage.document.uploaded   an upload, normalised from whatever its sender said
    dev.zeropage.pages.requested     a range of a split document waits to be read
    dev.zeropage.document.parsed     a result stands in the results bucket
    dev.zeropage.document.refused    the document's fault; an error object stands there instead

`source` is `s3://BUCKET`, `subject` the key, both of the upload. The id is a hash of what the event is about, so the
same thing said twice carries one id, and a consumer can drop the repeat.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from events.errors import Malformed
from events.event import Event, json_data
from events.fields import Fields
from events.uploads import DocumentUploaded
from events.writing import now

PREFIX = "dev.zeropage."
UPLOADED = f"{PREFIX}document.uploaded"
PAGES_REQUESTED = f"{PREFIX}pages.requested"
PARSED = f"{PREFIX}document.parsed"
REFUSED = f"{PREFIX}document.refused"
TYPES = (UPLOADED, PAGES_REQUESTED, PARSED, REFUSED)

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class PagesRequested:
    """A range of a split document.

    Attributes:
        upload: the document.
        manifest: key of the manifest in the results bucket; it fixes the ranges.
        fingerprint: of everything that determines the answer.
        first: page, 1-based.
        last: page, inclusive.
    """

    upload: DocumentUploaded
    manifest: str
    fingerprint: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DocumentParsed:
    """A result.

    Attributes:
        upload: the document.
        fingerprint: of everything that determines the answer.
        results: address of the result by format, `{"json": "s3://results/a.pdf.json"}`.
        pages: how many the document has.
        failed_pages: how many of them could not be read.
        rungs: how many pages each rung read.
        timings: seconds by phase.
        cost: seconds of CPU and GPU.
    """

    upload: DocumentUploaded
    fingerprint: str
    results: Mapping[str, str]
    pages: int
    failed_pages: int = 0
    rungs: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentRefused:
    """Why there is no result.

    Attributes:
        upload: the document.
        fingerprint: as of a result; empty where the document could not even be opened.
        problem: the problem object that an HTTP caller would get.
        result: address of the error object, empty where none was written.
    """

    upload: DocumentUploaded
    fingerprint: str
    problem: Mapping[str, Any]
    result: str = ""


Ours = DocumentUploaded | PagesRequested | DocumentParsed | DocumentRefused


def event_id(type_: str, upload: DocumentUploaded, fingerprint: str = "", first: int = 0, last: int = 0) -> str:
    """The same for the same thing said again, another for anything else: SHA-256 in hex.

    The type is part of it: a document that was refused, and after the cause was mended is parsed, has a second event
    with the same bucket, key, version and fingerprint, which must not look like a repeat of the first.

    Args:
        type_: one of `TYPES`.
        upload: the document; its bucket, key and version (or etag, or the best the sender said) count.
        fingerprint: of everything that determines the answer; empty before the document was read.
        first: of a range, its first page.
        last: of a range, its last page.
    """
    what = [type_, upload.bucket, upload.key, upload.identity, fingerprint, first, last]
    return hashlib.sha256(json.dumps(what, separators=(",", ":")).encode("ascii")).hexdigest()


def to_event(value: Ours, *, id_: str = "", time: str = "", tenant: str = "") -> Event:
    """The CloudEvent that says it.

    Args:
        value: what happened.
        id_: the id that was stored with the result, for a repeat; otherwise it follows from the value.
        time: when, RFC 3339; otherwise now.
        tenant: whose document it is, as the extension `tenant`, by which readers take turns; empty where nobody knows.
    """
    upload = value if isinstance(value, DocumentUploaded) else value.upload
    type_, data = _said(value)
    fingerprint = "" if isinstance(value, DocumentUploaded) else value.fingerprint
    pages = (value.first, value.last) if isinstance(value, PagesRequested) else (0, 0)
    return Event(
        id=id_ or event_id(type_, upload, fingerprint, *pages),
        source=f"s3://{upload.bucket}",
        type=type_,
        subject=_CONTROL.sub(
            lambda found: quote(found[0]), upload.key
        ),  # no attribute may hold them; `data` has the key
        time=time or now(),
        datacontenttype="application/json",
        data=data,
        extensions={"tenant": tenant} if tenant else {},
    )


def _said(value: Ours) -> tuple[str, dict[str, Any]]:
    if isinstance(value, DocumentUploaded):
        return UPLOADED, _without_blanks(asdict(value))
    kinds = {PagesRequested: PAGES_REQUESTED, DocumentParsed: PARSED, DocumentRefused: REFUSED}
    data = asdict(value)
    return kinds[type(value)], {**_without_blanks(data.pop("upload")), **_without_blanks(data)}


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", None, {})}


def from_event(event: Event) -> DocumentUploaded | PagesRequested:
    """What an event of ours asks for.

    Raises:
        Malformed: it is of another type than `UPLOADED` and `PAGES_REQUESTED`, or its data is incomplete.
    """
    problems: list[str] = []
    data = Fields(json_data(event), "data", problems)
    upload = data.upload(
        data.maybe("sender")[:40],
        bucket=data.text("bucket"),
        key=data.text("key"),
        size=data.size("size"),
        etag=data.maybe("etag"),
        version=data.maybe("version"),
        time=data.maybe("time")[:64],
        sequencer=data.maybe("sequencer")[:128],
    )
    value: DocumentUploaded | PagesRequested = upload
    if event.type == PAGES_REQUESTED:
        value = _pages(data, upload)
    elif event.type != UPLOADED:
        problems.append(f"type: {event.type[:80]!a} asks for nothing")
    if problems:
        raise Malformed(problems)
    return value


def _pages(data: Fields, upload: DocumentUploaded) -> PagesRequested:
    first, last = data.size("first") or 0, data.size("last") or 0
    if not 1 <= first <= last:
        data.note("first", f"and last must be pages, 1 or more, in this order; they are {first} and {last}")
    manifest = data.text("manifest")
    return PagesRequested(upload, manifest, data.text("fingerprint"), first, last)
