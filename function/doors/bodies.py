"""A request's document and options, whether they come as a form or as the raw body."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO

from flask import Request
from werkzeug.datastructures import MultiDict

from function.documents.base import Source
from function.errors import BadRequest
from function.reading.options import Options

#: Turns a stream and a name into a document source.
Intake = Callable[[IO[bytes], str], AbstractContextManager[Source]]

_NO_FILE = (
    "Send the document as the form field `file` (curl -F file=@scan.pdf …) "
    "or as the body (curl --data-binary @scan.pdf …)."
)


def options_of(request: Request) -> tuple[Options, str | None]:
    """Options from query and form fields, and the `format` field.

    Raises:
        BadRequest: an unknown option, one given twice, or a wrong value.
    """
    given: MultiDict[str, str] = MultiDict(request.args.items(multi=True))
    if _is_form(request):
        given.update(request.form)
    for name, values in given.lists():
        if len(set(values)) > 1:
            raise BadRequest(f"{name} is given more than once, with different values")
    wanted = given.to_dict()
    form = wanted.pop("format", None)
    return Options.parse(wanted), form


def source_of(request: Request, intake: Intake) -> AbstractContextManager[Source]:
    """The document itself.

    Raises:
        BadRequest: there is none, or more than one.
        TooLarge: over a limit.
    """
    if not _is_form(request):
        return intake(request.stream, "document")
    files = [part for part in request.files.values() if part]
    others = sorted(set(request.files) - {"file"})
    if others or len(request.files.getlist("file")) > 1:
        raise BadRequest("a request carries one document, in the form field `file`", remedy=_NO_FILE)
    if not files:
        raise BadRequest("the form has no file in its field `file`", remedy=_NO_FILE)
    return intake(files[0].stream, files[0].filename or "document")


def _is_form(request: Request) -> bool:
    return request.mimetype == "multipart/form-data"
