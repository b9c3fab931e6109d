"""POST /v1/preview: pictures of a few pages, for those who want to see beside the text what was read."""

from __future__ import annotations

import msgspec
from flask import Response, request

from function.doors import bodies, clients
from function.doors.operations import current
from function.doors.parse import door
from function.errors import NotReady
from function.wiring.previews import preview as drawn


class Picture(msgspec.Struct, frozen=True):
    """One page, upright as the file says; `data` is null where it cannot be drawn, in JSON as base64 otherwise."""

    number: int
    media_type: str
    data: bytes | None


class Pictures(msgspec.Struct, frozen=True):
    """The first few of the pages that were asked for; `pages` is how many the document has."""

    pages: int
    pictures: list[Picture]


@door.post("/v1/preview")
def preview() -> Response:
    """Draw pages of a document that is sent as to /v1/parse; `pages` says which, of which the first few are drawn."""
    function = current()
    if reason := function.not_ready_reason():
        raise NotReady(f"the function is not ready: {reason}")
    options, _ = bodies.options_of(request)
    caller = clients.caller_of(request, function.settings)
    with bodies.hinting(request), bodies.source_of(request, function.take_in) as source:
        seen, media_type = drawn(function, source, options, caller)
    body = Pictures(seen.pages, [Picture(page.number, media_type, page.picture) for page in seen.drawn])
    return Response(msgspec.json.encode(body), content_type="application/json", headers={"Cache-Control": "no-store"})
