"""Pieces of the description: options from the class that parses them, problems from the tree of errors."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from function.doors import formats
from function.errors import Busy, OcrError
from function.reading.options import Options

#: A piece of OpenAPI.
Piece = dict[str, Any]

REF = "#/components/schemas/{name}"
_TEXT: Piece = {"type": "string"}
REQUEST_ID: Piece = {"X-Request-Id": {"description": "the caller's own, or a new one", "schema": _TEXT}}
_RETRY_AFTER: Piece = {
    "Retry-After": {"description": "seconds to wait before the next try", "schema": {"type": "integer", "minimum": 0}}
}
#: What a binary document is, however it comes.
DOCUMENT: Piece = {"type": "string", "contentMediaType": "application/octet-stream"}


def ref(kind: type) -> Piece:
    """The schema of a class, by name."""
    return {"$ref": REF.format(name=kind.__name__)}


def parameter(name: str, where: str, about: str, schema: Piece | None = None, example: object = None) -> Piece:
    """One parameter; those of paths are required."""
    piece: Piece = {"name": name, "in": where, "description": about, "schema": schema or _TEXT}
    if where == "path":
        piece["required"] = True
    if example is not None:
        piece["example"] = example
    return piece


def options() -> list[Piece]:
    """Every option with what it may be, as query parameters."""
    schema = msgspec.json.schema_components([Options])[1]["Options"]["properties"]
    told = _attributes(Options)
    shown = {"pages": "1-3,7,9-", "language": "zh-Hant"}
    return [parameter(name, "query", told[name], schema[name], shown.get(name)) for name in schema]


def format_parameter() -> Piece:
    """`format`, where an answer has a choice."""
    names = [form.name for form in formats.FORMATS]
    return parameter(
        "format", "query", "of the answer, whatever `Accept` says; without it `Accept` decides", {"enum": names}
    )


def upload() -> Piece:
    """A document as a request's body: as a form, whose other fields are options, or as it is."""
    schema = msgspec.json.schema_components([Options])[1]["Options"]["properties"]
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": DOCUMENT, **schema, "format": {"enum": [form.name for form in formats.FORMATS]}},
    }
    raw = {"schema": DOCUMENT}
    kinds = ("application/octet-stream", "application/pdf", "image/png", "image/jpeg", "image/tiff")
    return {
        "required": True,
        "description": "PDF, PNG, JPEG, JPEG 2000, TIFF, WebP, BMP, GIF or PNM; the content decides, not the name",
        "content": {"multipart/form-data": {"schema": form}, **dict.fromkeys(kinds, raw)},
    }


def answers(result: type) -> Piece:
    """A result's content in every format."""
    content: Piece = {}
    for form in formats.FORMATS:
        schema = ref(result) if form.name == "json" else _TEXT
        content[form.media_type.partition(";")[0]] = {"schema": schema}
    return content


def json_body(kind: type, example: object = None) -> Piece:
    """A JSON content."""
    piece: Piece = {"schema": ref(kind)}
    if example is not None:
        piece["example"] = example
    return {"application/json": piece}


def response(about: str, content: Piece | None = None, headers: Piece | None = None) -> Piece:
    """One response."""
    piece: Piece = {"description": about, "headers": {**REQUEST_ID, **(headers or {})}}
    if content:
        piece["content"] = content
    return piece


def problems(*kinds: type[OcrError], body: Piece | None = None, statuses: Mapping[int, int] | None = None) -> Piece:
    """Responses by status, each naming the problems that have it.

    Args:
        kinds: what can happen.
        body: instead of a problem object.
        statuses: of these problems, answered as another one.
    """
    by_status: dict[int, list[OcrError]] = {}
    for kind in kinds:
        by_status.setdefault((statuses or {}).get(kind.status, kind.status), []).append(kind(""))
    content = body or {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}}
    return {str(status): _problem(errors, content) for status, errors in sorted(by_status.items())}


def _problem(errors: Iterable[OcrError], content: Piece) -> Piece:
    told = [f"`{error.name}`: {error.title}. {error.remedy}" for error in errors]
    waits = any(isinstance(error, Busy) or error.status == 503 for error in errors)
    return response("\n".join(told), content, _RETRY_AFTER if waits else None)


def _attributes(kind: type) -> dict[str, str]:
    """What a class's docstring says of its attributes."""
    text = inspect.getdoc(kind) or ""
    section = text.partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", section, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", words) for name, words in found}
