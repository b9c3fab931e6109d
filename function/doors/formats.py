"""The formats an answer can have over HTTP, chosen by `format` or `Accept`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from werkzeug.datastructures import MIMEAccept

from function.errors import BadRequest
from function.results.model import DocumentResult
from function.results.text import document_text
from function.spelling import nearest


@dataclass(frozen=True, slots=True)
class Format:
    """One format: the `format` value, its media type, and its writer (None for the streams)."""

    name: str
    media_type: str
    write: Callable[[DocumentResult], bytes] | None


FORMATS = (
    Format("json", "application/json", msgspec.json.encode),
    Format("markdown", "text/markdown; charset=utf-8", lambda result: result.markdown.encode()),
    Format("text", "text/plain; charset=utf-8", lambda result: document_text(result.pages).encode()),
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
