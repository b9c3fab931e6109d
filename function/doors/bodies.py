"""A request's document and options, whether they come as a form or as the raw body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from flask import Request, request
from werkzeug.datastructures import FileStorage, MultiDict

from function.documents.base import ClosingSource
from function.errors import BadRequest, Corrupt, TooLarge, UnsupportedType
from function.reading.options import Options
from function.spelling import nearest

#: Turns a stream and a name into a document source.
Intake = Callable[[IO[bytes], str], ClosingSource]

_NO_FILE = (
    "Send the document as the form field `file` (curl -F file=@scan.pdf …) "
    "or as the body (curl --data-binary @scan.pdf …)."
)
_ANOTHER = "Send another file; if this one should not be empty, get it from its source again."
_CURL_D = (
    "curl -d takes line breaks and zeros out of a file; send it with curl -F file=@scan.pdf … "
    "or curl --data-binary @scan.pdf …."
)
_NO_JSON = (
    "JSON with the file in base64 goes to POST /ocr or /layout-parsing. Here, send the file's bytes: "
    "curl -F file=@scan.pdf …."
)
_NO_MIXTURE = (
    "Forms are multipart/form-data, as curl -F file=@scan.pdf … writes them; other mixtures are not taken apart."
)
#: Of a form's part; anything else leaves its bytes alone (RFC 2045, 6.1).
_WRITTEN_AS_TEXT = ("base64", "quoted-printable")


def check_encoding() -> None:
    """Before each request: nothing is unpacked here, so that no body is larger than it was counted to be.

    Raises:
        UnsupportedType: the body is packed.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise UnsupportedType(
            f"the body is packed (Content-Encoding: {encoding[:40]}), and bodies are not unpacked here",
            remedy="Send the bytes as they are, without Content-Encoding; PDFs and most pictures are packed already.",
        )
    transfer = request.headers.get("Transfer-Encoding", "chunked").strip().lower()
    if transfer not in {"", "chunked"}:
        raise UnsupportedType(
            f"the body is packed (Transfer-Encoding: {transfer[:40]}), and bodies are not unpacked here",
            remedy="Send the bytes as they are, with a Content-Length or Transfer-Encoding: chunked.",
        )


def message_of(request: Request) -> bytes:
    """The whole body of a delivery.

    Raises:
        TooLarge: it came in chunks that went beyond the limit, where werkzeug would hand over its beginning as if it
            were all.
    """
    body = request.get_data(cache=False)
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise TooLarge(f"the body has more than {limit} bytes (OCR_MAX_REQUEST_BYTES)")
    return body


def options_of(request: Request) -> tuple[Options, str | None]:
    """Options from query and form fields, and the `format` field.

    Raises:
        BadRequest: an unknown option, one given twice, or a wrong value.
    """
    wanted = _fields(request)
    form = wanted.pop("format", None)
    return Options.parse(wanted), form


def reading_options_of(request: Request) -> tuple[Options, str | None, bool]:
    """The same, and whether `previews` are wanted; raises as `options_of`."""
    wanted = _fields(request)
    form, previews = wanted.pop("format", None), wanted.pop("previews", "no")
    if previews not in {"yes", "no"}:
        raise BadRequest(f"previews={previews[:40]!r} is not known", remedy="Write previews as yes or no.")
    return Options.parse(wanted, besides=("format", "previews")), form, previews == "yes"


def named_options_of(request: Request) -> tuple[Options, str | None, str]:
    """The same of a request without a document, and its `name`; raises as `options_of`."""
    wanted = _fields(request)
    form, name = wanted.pop("format", None), wanted.pop("name", "")
    return Options.parse(wanted, besides=("format", "name")), form, name


def check_alone(request: Request, *known: str, remedy: str) -> None:
    """Where neither a document nor other options are looked at: what comes along would be lost without a word.

    Args:
        request: at hand.
        known: what its address may ask for.
        remedy: where all else belongs.

    Raises:
        BadRequest: something came along.
    """
    for name in (*request.args, *(request.form if _is_form(request) else ())):
        if name not in known:
            raise BadRequest(f"{name[:40]!r} changes nothing here{nearest(name[:40], known)}", remedy=remedy)
    check_no_document(request, remedy=remedy)


def check_no_document(request: Request, *, remedy: str) -> None:
    """The same of the document alone."""
    if request.files if _is_form(request) else request.content_length or request.stream.read(1):
        raise BadRequest(f"{request.path} takes no document, and something came in the body", remedy=remedy)


def source_of(request: Request, intake: Intake) -> ClosingSource:
    """The document itself.

    Raises:
        BadRequest: there is none, or more than one.
        TooLarge: over a limit.
    """
    if not _is_form(request):
        return _not_empty(intake(request.stream, "document"), "the body is empty", f"{_ANOTHER} {_NO_FILE}")
    try:
        part = _only_file(request)
        return _not_empty(intake(part.stream, part.filename or "document"), "the file is empty", _ANOTHER)
    finally:
        for received in request.files.values():
            received.close()  # a spooled body would keep its disk until the garbage collector comes by


@contextmanager
def hinting(request: Request) -> Iterator[None]:
    """What cannot be read was perhaps damaged on its way: `curl -d` takes line breaks and zeros out of a file.

    Raises:
        Refusal: as within, with that remedy where the body came as curl -d sends it.
    """
    try:
        yield
    except (UnsupportedType, Corrupt) as problem:
        if request.mimetype == "application/x-www-form-urlencoded":
            raise type(problem)(problem.detail, remedy=f"{_CURL_D} Otherwise: {problem.remedy}") from problem
        if request.is_json:
            raise type(problem)(problem.detail, remedy=_NO_JSON) from problem
        if request.mimetype.startswith("multipart/") and not _is_form(request):
            raise type(problem)(problem.detail, remedy=_NO_MIXTURE) from problem
        raise


def _only_file(request: Request) -> FileStorage:
    parts = request.files.getlist("file")
    if others := [name for name in request.files if name != "file"]:
        raise BadRequest(
            f"the form has a file in its field {str(others[0])[:40]!r}; the document is looked for in `file` alone",
            remedy=_NO_FILE,
        )
    if len(parts) > 1:
        raise BadRequest(
            f"the form has {len(parts)} files in its field `file`, and a request carries one document",
            remedy="Send each in a request of its own.",
        )
    if not parts and not request.form:
        raise BadRequest(
            "nothing can be read of the form: it is empty or cut off, its parts are not parted by the boundary that"
            " Content-Type names, or a name in it is not UTF-8",
            remedy=f"Let the HTTP client write the form and its Content-Type. {_NO_FILE}",
        )
    if not parts:
        raise BadRequest("the form has no file in its field `file`", remedy=_NO_FILE)
    encoding = parts[0].headers.get("Content-Transfer-Encoding", "").strip().lower()
    if encoding in _WRITTEN_AS_TEXT:
        raise UnsupportedType(
            f"the form's file is written as text (Content-Transfer-Encoding: {encoding}), which forms no longer do",
            remedy="Send the file's bytes as they are, without Content-Transfer-Encoding.",
        )
    return parts[0]


def _not_empty(source: ClosingSource, what: str, remedy: str) -> ClosingSource:
    if source.size == 0:
        source.close()
        raise BadRequest(f"the request holds no document: {what}, it has 0 bytes", remedy=remedy)
    return source


def _fields(request: Request) -> dict[str, str]:
    given: MultiDict[str, str] = MultiDict(request.args.items(multi=True))
    if _is_form(request):
        if "file" in request.form:
            # curl -F file=scan.pdf, without the @, sends the name alone
            raise BadRequest("the form's field `file` holds text instead of a file", remedy=_NO_FILE)
        given.update(request.form)
    for name, values in given.lists():
        if not name:  # None, where the part's header cannot be taken apart
            raise BadRequest("a field of the form has no name that can be read", remedy=_NO_FILE)
        if len(set(values)) > 1:
            raise BadRequest(
                f"{name} is given more than once, with different values",
                remedy=f"Give {name} once, in the address or in the form.",
            )
    return given.to_dict()


def _is_form(request: Request) -> bool:
    return request.mimetype == "multipart/form-data"
