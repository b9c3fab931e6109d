"""The formats an answer can have over HTTP, chosen by `format` or `Accept`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MIMEAccept

from function.errors import BadRequest, NotAcceptable
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
    """The format of an answer: the one named, whatever `Accept` says; else what that likes best; else JSON.

    Raises:
        BadRequest: no format has that name.
        NotAcceptable: `Accept` takes none of them.
    """
    if name is not None:
        if name not in _BY_NAME:
            raise BadRequest(
                f"format={name[:40]!r} is not known{_meant(name[:40])}",
                remedy=f"Write format as one of {', '.join(_BY_NAME)}.",
            )
        return _BY_NAME[name]
    if not accept:
        return FORMATS[0]
    liked = {_bare(kind): quality for kind, quality in reversed(list(accept))}
    best = max(FORMATS, key=lambda form: _liking(_bare(form.media_type), liked))
    if _liking(_bare(best.media_type), liked)[0] <= 0:
        raise NotAcceptable(
            f"Accept: {accept.to_header()[:80]} takes none of the formats there are",
            remedy=f"Name one with format=, which needs no Accept: {', '.join(_BY_NAME)}; or accept anything (*/*).",
        )
    return best


def _meant(name: str) -> str:
    """What was probably meant, where it is called by its ending or its media type, too."""
    for form in FORMATS:
        if _bare(name) in {_bare(form.media_type), form.writer.ending if form.writer else form.name}:
            return f"; did you mean {form.name}?"
    return nearest(name, _BY_NAME)


def _liking(kind: str, liked: Mapping[str, float]) -> tuple[float, bool]:
    """By the narrowest range that holds it (RFC 9110, 12.5.1); of equals, what is named outright comes first."""
    ranges = (kind, f"{kind.partition('/')[0]}/*", "*/*")
    return next((liked[one] for one in ranges if one in liked), 0.0), kind in liked


def _bare(media_type: str) -> str:
    """Without parameters, of which no format has two kinds."""
    return media_type.partition(";")[0].strip().lower()
