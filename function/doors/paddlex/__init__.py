"""PaddleX serving's API, for its clients: POST /ocr, /layout-parsing and /restructure-pages, GET /health.

What is asked for is read by the same story as at /v1/parse; only words and shapes are PaddleX's.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import repeat
from typing import IO

import msgspec
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from function.documents.base import ClosingSource, Source
from function.doors import clients, problems
from function.doors.operations import current
from function.doors.operations import door as operations
from function.doors.paddlex import addresses
from function.doors.paddlex.again import pages_again
from function.doors.paddlex.answers import (
    Envelope,
    Given,
    LayoutAnswer,
    LayoutDone,
    LayoutPage,
    OcrAnswer,
    OcrDone,
    OcrPage,
    data_info,
    exports_of,
    layout_page,
    markdown_of,
    named_as_paddlex,
    ocr_page,
)  # fmt: skip
from function.doors.paddlex.requests import (
    Common,
    LayoutRequest,
    OcrRequest,
    RestructureRequest,
    decoded,
    options_of_layout,
    options_of_ocr,
    require_known,
)  # fmt: skip
from function.errors import BadRequest, NotReady, OcrError, TooLarge
from function.reading.caller import Caller, CallerGone
from function.reading.options import Options
from function.reading.pictures import Pictures, drawn
from function.results.model import DocumentResult
from function.url_input import allowed_hosts

door = Blueprint("paddlex", __name__)

#: Refusals that PaddleX knows one status for; its clients look for that one.
_UNPROCESSABLE = frozenset({400, 410, 415, 422})
#: Pages up to which pictures are given to who does not say whether they are wanted, and at most.
PICTURES_UNASKED = 10
MOST_PICTURES = 100
#: Bytes of a body beside the document.
_FIELDS = 1 << 20


@door.post("/ocr")
def ocr() -> Response:
    """Lines of text, page by page."""
    asked = decoded(_body(), OcrRequest)
    _named(asked.logId)
    result, pictures = _read(asked, options_of_ocr(asked), lines=True)
    came, least = asked.useDocOrientationClassify is False, asked.textRecScoreThresh or 0.0
    pages = [
        OcrPage(
            ocr_page(page, least=least, as_it_came=came), ocrImage=_base64(seen.found), inputImage=_base64(seen.given)
        )
        for page, seen in zip(result.pages, pictures, strict=False)
    ]
    return _answer(OcrAnswer(pages, data_info(result)))


@door.post("/layout-parsing")
def layout() -> Response:
    """Blocks and Markdown, page by page."""
    asked = decoded(_body(), LayoutRequest)
    _named(asked.logId)
    options = options_of_layout(asked)
    if "accurate" in current().reader.batchers:  # without one the reader refuses the tier itself
        require_known(options, current().reader.wishes("accurate"))
    result, pictures = _read(asked, options, lines=False)
    return _answer(LayoutAnswer(_layout_pages(asked, result, pictures), data_info(result)))


@door.post("/restructure-pages")
def restructure() -> Response:
    """Pages that were read before, once more as one document; needs no slot and no engine."""
    asked = decoded(_body(), RestructureRequest)
    _named(asked.logId)
    return _answer(LayoutAnswer(pages_again(asked)))


@operations.get("/health")
def health() -> Response:
    """Whether documents can be read; PaddleX's own answers before it can."""
    reason = current().not_ready_reason()
    code = 0 if reason is None else NotReady.status
    told = Envelope(g.get("request_id", ""), code, "Healthy" if reason is None else f"Not ready: {reason}")
    return _json(told, code or 200)


def failed(error: OcrError) -> Response:
    """An error as PaddleX's clients read it: the HTTP status is the `errorCode`."""
    response = problems.answer(error)
    status = 422 if error.status in _UNPROCESSABLE else error.status
    message = f"{error.title}: {error.detail}. {error.remedy}"
    response.data = msgspec.json.encode(Envelope(_log_id(), status, message))
    response.status_code, response.content_type = status, "application/json"
    return response


@door.errorhandler(Exception)
def any_failed(error: Exception) -> Response:
    """Whatever ends a request here, in PaddleX's shape."""
    if isinstance(error, CallerGone):
        return problems.gone(error)
    if isinstance(error, HTTPException):
        return failed(problems.ours(error))
    return failed(error if isinstance(error, OcrError) else problems.unexpected(error))


def _body() -> bytes:
    """The JSON; a document in base64 has four bytes for three, and its limit is that of its own bytes."""
    limit = current().settings.max_request_bytes
    request.max_content_length = -(-limit * 4 // 3) + _FIELDS
    if reason := current().not_ready_reason():
        raise NotReady(f"the function is not ready: {reason}")
    return request.get_data(cache=False)


def _read(asked: Common, options: Options, *, lines: bool) -> tuple[DocumentResult, Iterator[Pictures]]:
    function = current()
    caller = clients.caller_of(request, function.settings)
    with _source(asked) as source:
        pictured = asked.visualize is not False
        with function.reader.admission.slot(caller, source.sha256) if pictured else nullcontext():
            result = function.reader.read(source, options, caller, admitted=pictured)
            return result, _pictures(asked, source, result, caller, lines=lines)


def _pictures(
    asked: Common, source: Source, result: DocumentResult, caller: Caller, *, lines: bool
) -> Iterator[Pictures]:
    """Of each page, where they are wanted: asked for, or for PaddleX's clients, which expect them unasked."""
    count = len(result.pages)
    if asked.visualize and count > MOST_PICTURES:
        raise BadRequest(
            f"visualize: the document has {count} pages, and pictures are given of {MOST_PICTURES} at most",
            remedy="Send visualize=false.",
        )
    if asked.visualize is False or (asked.visualize is None and count > PICTURES_UNASKED):
        return repeat(Pictures(b"", b""), count)
    function = current()
    try:
        return iter(list(drawn(function.reader.opener, source, result.pages, function.reader.dpi, caller, lines=lines)))
    except BadRequest:
        if asked.visualize:
            raise
        return repeat(Pictures(b"", b""), count)


def _source(asked: Common) -> ClosingSource:
    function = current()
    if addresses.is_address(asked.file):
        hosts = allowed_hosts(function.settings.url_input)
        with addresses.fetched(asked.file, hosts) as stream:
            return _of_its_type(function.take_in(stream, "document"), asked)
    return _of_its_type(function.take_in(_decoded_file(asked.file), "document"), asked)


def _decoded_file(text: str) -> IO[bytes]:
    limit = current().settings.max_request_bytes
    if len(text) > -(-limit * 4 // 3) + 4 + text.count("\n") * 2:
        raise TooLarge(f"the limit is {limit} bytes (OCR_MAX_REQUEST_BYTES), and `file` holds more")
    try:
        data = base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(
            "`file` is neither base64 nor an address",
            remedy="Send the document's bytes in standard base64 (RFC 4648, section 4), without `data:` before them.",
        ) from None
    if not data:
        raise BadRequest("`file` is empty", remedy="Send the document's bytes in base64.")
    return io.BytesIO(data)


def _of_its_type(source: ClosingSource, asked: Common) -> ClosingSource:
    """Raises BadRequest where the content is not what `fileType` says; the content alone decides what it is."""
    is_pdf = b"%PDF-" in os.pread(source.fileno(), 1029, 0)
    if asked.fileType is not None and is_pdf != (asked.fileType == 0):
        source.close()
        raise BadRequest(
            f"fileType is {asked.fileType}, and the content is {'a PDF' if is_pdf else 'no PDF'}",
            remedy="Send 0 for a PDF, 1 for an image, or leave fileType out.",
        )
    return source


def _layout_pages(asked: LayoutRequest, result: DocumentResult, pictures: Iterator[Pictures]) -> list[LayoutPage]:
    came, ignored = asked.useDocOrientationClassify is False, asked.markdownIgnoreLabels or []
    pages = []
    for found, seen in zip(result.pages, pictures, strict=False):
        page = named_as_paddlex(found, Given(found, as_it_came=came))
        pruned = layout_page(
            page,
            result.document.pages,
            as_it_came=came,
            flattened=bool(asked.useDocUnwarping),
            formatted=bool(asked.formatBlockContent),
        )
        markdown = markdown_of(
            page.blocks,
            page.images or [],
            ignored=ignored,
            pretty=asked.prettifyMarkdown,
            with_images=asked.returnMarkdownImages,
        )
        drawings = {"layout_det_res": _base64(seen.found) or ""} if seen.found else {}
        exports = exports_of(asked.outputFormats, f"page-{page.number}", [page])
        pages.append(LayoutPage(pruned, markdown, drawings, _base64(seen.given), exports))
    return pages


def _named(log_id: str | None) -> None:
    g.log_id = (log_id or "")[:256]


def _log_id() -> str:
    return str(g.get("log_id") or g.get("request_id", ""))


def _answer(result: OcrAnswer | LayoutAnswer) -> Response:
    done = OcrDone if isinstance(result, OcrAnswer) else LayoutDone
    return _json(done(_log_id(), 0, "Success", result), 200)  # type: ignore[arg-type]


def _json(told: Envelope, status: int) -> Response:
    return Response(msgspec.json.encode(told), status=status, content_type="application/json")


def _base64(data: bytes) -> str | None:
    return base64.b64encode(data).decode() if data else None
