"""Errors as `application/problem+json` (RFC 9457), the same through every HTTP door."""

from __future__ import annotations

import logging

import msgspec
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as FrameworkMethodNotAllowed

from function.errors import (
    BadRequest,
    Busy,
    MethodNotAllowed,
    OcrError,
    TooLarge,
    Unauthorized,
    Unexpected,
    UnknownPath,
)  # fmt: skip
from function.reading.caller import CallerGone

log = logging.getLogger(__name__)

#: nginx's word for "the client closed the connection"; nobody reads it, but logs and metrics do.
CLIENT_CLOSED_REQUEST = 499
#: The outcome of such a request; others are `done`, or the name of a problem.
CALLER_GONE = "caller-gone"


class Problem(msgspec.Struct, frozen=True):
    """What a refused caller reads; `remedy` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    request_id: str


def problem_of(error: OcrError) -> Problem:
    """The problem object of an error, for the request at hand."""
    return Problem(error.type, error.title, error.status, error.detail, error.remedy, g.get("request_id", ""))


def install(app: Flask) -> None:
    """Turn every exception of a request into its problem."""
    app.register_error_handler(OcrError, answer)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CallerGone, gone)
    app.register_error_handler(Exception, lambda error: answer(unexpected(error)))


def unexpected(error: BaseException) -> OcrError:
    """A fixed text for the caller, the trace for the log: an exception's words may hold what callers must not see."""
    log.error("unexpected failure", exc_info=error, extra={"request_id": g.get("request_id", "")})
    return Unexpected("an unexpected failure of the function; the log tells more under this request id")


def answer(error: OcrError, *, status: int | None = None) -> Response:
    """The error's response; `status` where a sender understands another one than the error's own."""
    g.outcome = error.name
    response = Response(
        msgspec.json.encode(problem_of(error)), status=status or error.status, content_type="application/problem+json"
    )
    response.headers["Cache-Control"] = "no-store"  # a 404 or 410 may be kept otherwise, and a job is there later
    if error.status == Unauthorized.status:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(error.retry_after)
    if error.redelivered and error.status == 503:
        response.headers["Retry-After"] = "5"
    return response


def gone(_: CallerGone) -> Response:
    """What nobody reads."""
    g.outcome = CALLER_GONE
    return Response(status=CLIENT_CLOSED_REQUEST)


def _refused(error: HTTPException) -> Response:
    """With the methods that an address does take (RFC 9110, 15.5.6)."""
    response = answer(ours(error))
    if methods := _methods(error):
        response.headers["Allow"] = ", ".join(methods)
    return response


def _past_here() -> str:
    """How a document gets past the limit of a body, where there is such a way: to a bucket."""
    desk = current_app.extensions["zeropage"].jobs
    if desk is None or desk.jobs.places[0].folder or request.blueprint not in {"parse", "jobs", "paddlex"}:
        return ""
    return ", or put it to an address that POST /v1/uploads gives, as a job"


def _methods(error: HTTPException) -> list[str]:
    return sorted(error.valid_methods or ()) if isinstance(error, FrameworkMethodNotAllowed) else []


def ours(error: HTTPException) -> OcrError:
    """The framework's own refusals in our words."""
    if isinstance(error, RequestEntityTooLarge):
        length, limit = request.content_length, current_app.config["MAX_CONTENT_LENGTH"]
        if length is not None and length <= limit:  # then it is one of werkzeug's limits of a form's fields
            return TooLarge(
                "the form has too many fields, or too long ones",
                remedy="Send the document as the form's field `file`, and each option once, as a field or a query.",
            )
        return TooLarge(
            f"the body has more than {limit} bytes (OCR_MAX_REQUEST_BYTES)",
            remedy=f"Send a smaller document{_past_here()}, or let the operator raise OCR_MAX_REQUEST_BYTES.",
        )
    if error.code == UnknownPath.status:
        return UnknownPath(f"there is nothing at {request.path[:200]}")
    if error.code == MethodNotAllowed.status:
        methods = [method for method in _methods(error) if method not in {"HEAD", "OPTIONS"}]
        remedy = f"Use {' or '.join(methods)} here." if methods else None
        return MethodNotAllowed(f"{request.path[:200]} does not take {request.method}", remedy=remedy)
    if isinstance(error, ClientDisconnected):
        return BadRequest("the body broke off before its end", remedy="Send the request again, to its end.")
    return BadRequest(
        str(error.description or error.name), remedy="Send a well-formed request, as curl -F file=@scan.pdf … does."
    )
