"""POST /v1/uploads: an address to which a document above OCR_MAX_REQUEST_BYTES is put, past this function.

    POST /v1/uploads?name=scan.pdf   → 201, `id`, `url`, `headers`
    PUT url                          with these headers and the document
    POST /v1/jobs?upload=id          → 202: its event goes out

The last is not needed where the bucket tells of its uploads by itself, and harmless there.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import msgspec
from flask import Response, request

from function.doors import bodies, formats
from function.doors.jobs import desk_here, door, idempotency_key, owner
from function.doors.operations import current
from function.errors import UnknownPath
from function.reading.jobs.jobs import Wanted

#: Seconds in which an upload may begin.
GOOD_FOR = 3600
_ELSEWHERE = (
    "Ask without a body, with name and options in the address; then PUT the document to the `url` that is answered."
)


class UploadAddress(msgspec.Struct, frozen=True):
    """Where a document may be put.

    Attributes:
        id: of the job that it becomes.
        url: to PUT it to; a secret.
        headers: that must be sent with it.
        expires: until when.
        links: the job, and what to POST to when the document is there.
    """

    id: str
    url: str
    headers: dict[str, str]
    expires: datetime
    links: dict[str, str]


@door.post("/v1/uploads")
def prepare() -> Response:
    """Sign an address for one document; options as /v1/jobs takes them, and `name`."""
    desk = desk_here()
    bodies.check_no_document(request, remedy=_ELSEWHERE)
    options, form, name = bodies.named_options_of(request)
    if form is not None:
        formats.choose(form, request.accept_mimetypes)
    announced = desk.jobs.announce(
        Wanted(options, name or "document", owner(), form or "", idempotency_key()), GOOD_FOR
    )
    if announced is None:
        raise UnknownPath(
            f"uploads past this function need a bucket, and OCR_INBOX is {current().settings.inbox!r}",
            remedy="Send the document to POST /v1/jobs, or let the operator set OCR_INBOX to s3://bucket/prefix.",
        )
    record, address = announced
    answer = UploadAddress(
        record.id,
        address.url,
        dict(address.headers),
        datetime.now(timezone.utc) + timedelta(seconds=GOOD_FOR),
        {"job": f"/v1/jobs/{record.id}", "start": f"/v1/jobs?upload={record.id}"},
    )
    response = Response(msgspec.json.encode(answer), status=201, content_type="application/json")
    response.headers["Location"] = f"/v1/jobs/{record.id}"
    response.headers["Cache-Control"] = "no-store"
    return response
