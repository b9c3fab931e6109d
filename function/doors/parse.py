"""POST /v1/parse: a document in, its text out. POST /predict is the same, for callers of the service this replaces."""

from __future__ import annotations

import itertools
from collections.abc import Generator

from flask import Blueprint, Response, g, request, stream_with_context

from function.documents.base import ClosingSource
from function.doors import bodies, clients, formats, jobs, remarks_header, streams
from function.doors.operations import current
from function.doors.steps import Steps
from function.errors import BadRequest, NotReady
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.previews import Encode
from function.reading.reader import Progress
from function.reading.searchable import written
from function.wiring import Function
from function.wiring.previews import encoder

door = Blueprint("parse", __name__)


@door.post("/v1/parse")
@door.post("/predict")
def parse() -> Response:
    """Read one document; options as query or form fields, the format by `format` or `Accept`.

    With `Prefer: respond-async` it becomes a job.
    """
    function = current()
    if jobs.prefers_async():
        return jobs.accept()
    if reason := function.not_ready_reason():
        raise NotReady(f"the function is not ready: {reason}")
    options, name, previews = bodies.reading_options_of(request)
    form = formats.choose(name, request.accept_mimetypes)
    if previews and form.writer is not None:
        raise BadRequest(
            f"previews=yes: pictures of pages come with streams, and the format is {form.name}",
            remedy="Ask with format=sse or format=ndjson, or leave previews out.",
        )
    caller = clients.caller_of(request, function.settings)
    source = bodies.source_of(request, function.take_in)
    with bodies.hinting(request):
        if form.writer is None:
            return _streamed(function, source, options, caller, form, encoder() if previews else None)
        with source as opened:
            result = function.reader.read(opened, options, caller)
            body = written(form.writer, result, function.reader.opener, opened)
    response = Response(body, content_type=form.media_type)
    if form.name != "json":
        remarks_header.tell(response, result)
    if result.cached:
        response.headers["Cache-Status"] = "zeropage; hit"  # RFC 9211; Markdown and text have no field to say it in
    return response


def _streamed(
    function: Function,
    source: ClosingSource,
    options: Options,
    caller: Caller,
    form: formats.Format,
    encode: Encode | None,
) -> Response:
    """A refusal before the first page still gets its own status, so the first step is awaited, if it comes soon."""

    def progress(listener: Caller) -> Generator[Progress, None, None]:
        with source as opened:
            yield from function.reader.stream(opened, options, listener, encode=encode)

    steps = Steps(progress, caller, silence=function.settings.heartbeat_seconds)
    first = next(steps)
    write = streams.server_sent if form.name == "sse" else streams.ndjson
    g.streaming = True
    lines = streams.told(itertools.chain([first], steps), write)
    response = Response(stream_with_context(lines), content_type=form.media_type)
    response.call_on_close(steps.leave)
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold pages back until its buffer is full
    response.headers["Cache-Control"] = "no-store"
    return response
