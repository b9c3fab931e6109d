"""What gunicorn refuses before there is a request, in the shape of every other error instead of a page of HTML."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from gunicorn import util

from function.errors import BadRequest, Unexpected

_REMEDIES = {
    HTTPStatus.REQUEST_URI_TOO_LONG: "Shorten the address; options may be fields of a form (curl -F pages=1-3 …).",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "Send fewer or shorter headers.",
}
_OTHERWISE = "Send a well-formed HTTP/1.1 request, as curl -F file=@scan.pdf … does."


def answer(sock: Any, status: int, reason: str, message: str) -> None:
    """Write the problem and hang up; called as gunicorn calls its own `write_error`, with one line about it."""
    import msgspec

    from function.doors.problems import Problem  # not before the worker has begun: the port should open first

    kind = BadRequest if status < HTTPStatus.INTERNAL_SERVER_ERROR else Unexpected
    remedy = _REMEDIES.get(HTTPStatus(status), _OTHERWISE) if kind is BadRequest else Unexpected.default_remedy
    request_id = uuid.uuid4().hex  # the caller's own stands in what could not be read
    problem = Problem(kind("").type, kind.title, status, message or reason, remedy, request_id)
    body = msgspec.json.encode(problem)
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"X-Request-Id: {request_id}\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode() + body)
