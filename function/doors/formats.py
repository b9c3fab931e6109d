"""The formats an answer can have over HTTP, chosen by `format` or `Accept`."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MIMEAccept

from function.errors import BadRequest
from function.results.writers import WRITERS, Writer
from function.spelling import nearest


@dataclass(frozen=True, slots=True)
class Format:
    """One format: the `format` value, its media type, and its writer (None for the streams)."""

    name: str
    media_type: str
    writer: Writer | None


FORMATS = (
    *(Format(writer.name, writer.media_type, writer) for writer in WRITERS.values()),
    Format("ndjson", "application/x-ndjson", None),
    Format("sse", "text/event-stream; charset=utf-8", None),
)
_BY_NAME = {form.name: form for form in FORMATS}


def choose(name: str | None, accept: MIMEAccept) -> Format:
    """The format of an answer: the one named, else the best that `Accept` names outright, else JSON.

    Raises:
        BadRequest: no format has that name.
    """
    if name is not None:
        if name not in _BY_NAME:
            raise BadRequest(
                f"format={name[:40]!r} is not known{nearest(name[:40], _BY_NAME)}",
                remedy=f"Write format as one of {', '.join(_BY_NAME)}.",
            )
        return _BY_NAME[name]
    for wanted, quality in accept:
        for form in FORMATS:
            if quality > 0 and wanted == form.media_type.partition(";")[0]:
                return form
    return FORMATS[0]
