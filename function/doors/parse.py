"""POST /v1/parse: a document in, its text out. POST /predict is the same, for callers of the service this replaces."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, g, request, stream_with_context

from function.documents.base import ClosingSource
from function.doors import bodies, formats, jobs, streams
from function.doors.operations import current
from function.doors.preferences import seconds_to_wait
from function.errors import NotReady
from function.reading.caller import Caller
from function.reading.options import Options
from function.reading.reader import Progress

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
    options, name = bodies.options_of(request)
    form = formats.choose(name, request.accept_mimetypes)
    settings = function.settings
    caller = Caller(
        seconds_to_wait(request.headers.getlist("Prefer"), settings.request_seconds),
        _hung_up(request.environ.get("gunicorn.socket")),
        settings.admission_seconds,
        recall=not {"no-cache", "no-store"} & request.cache_control.keys(),
        keep="no-store" not in request.cache_control,
        request_id=g.request_id,
    )
    source = bodies.source_of(request, function.take_in)
    with bodies.hinting(request):
        if form.write is None:
            return _streamed(_progress(source, options, caller), form)
        with source as opened:
            result = function.reader.read(opened, options, caller)
    response = Response(form.write(result), content_type=form.media_type)
    if result.cached:
        response.headers["Cache-Status"] = "zeropage; hit"  # RFC 9211; Markdown and text have no field to say it in
    return response


def _progress(source: ClosingSource, options: Options, caller: Caller) -> Iterator[Progress]:
    with source as opened:
        yield from current().reader.stream(opened, options, caller)


def _streamed(progress: Iterator[Progress], form: formats.Format) -> Response:
    """A refusal before the first page still gets its own status, so the first step is awaited here."""
    first = next(progress)
    write = streams.server_sent if form.name == "sse" else streams.ndjson
    g.streaming = True
    lines = streams.told(itertools.chain([first], progress), write)
    response = Response(stream_with_context(lines), content_type=form.media_type)
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold pages back until its buffer is full
    response.headers["Cache-Control"] = "no-store"
    return response


def _hung_up(connection: socket.socket | None) -> Callable[[], bool]:
    """Whether the client has closed its connection: a peek that neither waits nor takes anything away."""

    def gone() -> bool:
        if connection is None:
            return False
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True

    return gone
