"""The HTTP application: every door on one Flask app, with request ids, problems and request metrics around them."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from function.doors import (
    bodies,
    closed,
    deadletter,
    description,
    events,
    guard,
    hooks,
    job_events,
    jobs,
    operations,
    paddlex,
    pages,
    parse,
    presigned,
    problems,
    whole,
)
from function.telemetry import logs, metrics, spans
from function.wiring import Function

log = logging.getLogger("function.access")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

#: Whatever of somebody's document comes back, a browser runs and loads nothing of it; a result as HTML has styles and
#: pictures inside. The pages that a person opens have policies of their own.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

#: Imported for the addresses that they add to other doors.
_OF_OTHERS = (description.openapi, job_events.events, presigned.prepare)


def create_app(function: Function) -> Flask:
    """The WSGI application around a function that was built, and perhaps started, elsewhere."""
    app = Flask("zeropage", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = function.settings.max_request_bytes
    app.extensions["zeropage"] = function
    app.register_blueprint(operations.door)
    app.register_blueprint(pages.door)
    for door in (parse.door, paddlex.door, jobs.door, events.door, hooks.door, deadletter.door):
        app.register_blueprint(door)
    problems.install(app)
    app.before_request(_begin)
    app.before_request(closed.check_open)
    app.before_request(guard.check_key)
    app.before_request(bodies.check_encoding)
    app.before_request(whole.watch)
    app.after_request(_label)
    app.teardown_request(_end)
    return app


def create_probes(function: Function) -> Flask:
    """Health and metrics alone, beside a command that takes its work from elsewhere."""
    app = Flask("zeropage", static_folder=None)
    app.extensions["zeropage"] = function
    app.register_blueprint(operations.door)
    problems.install(app)
    return app


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    logs.REQUEST_ID.set(g.request_id)
    if spans.recorder is not None or "traceparent" in request.headers:
        g.span = spans.begin(request.path, request.headers.get("traceparent", ""))
    g.began = time.monotonic()


def _label(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    if applied := g.get("preference_applied"):  # RFC 7240, 3; also where it ended in a 504
        response.headers["Preference-Applied"] = applied
    g.status = response.status_code
    return response


def _end(_: BaseException | None) -> None:
    """Runs after the last byte of a streamed answer, too."""
    known = logs.known()
    if not g.get("streaming"):
        logs.forget()
    request.close()  # the spooled parts of a form that was refused before its document was taken in
    if request.endpoint is None or request.endpoint.startswith(("operations.", "pages.")):
        return
    if g.get("streaming") or "began" not in g:
        return  # a stream's context is left twice: when its head is sent, and after its last byte
    seconds = time.monotonic() - g.pop("began")
    outcome = g.get("outcome", "done")
    door = request.blueprint or ""
    metrics.requests.labels(door, outcome).inc()
    metrics.request_seconds.labels(door).observe(seconds)
    log.info(
        "%s %s", request.method, request.path,
        extra={
            **known, "request_id": g.request_id, "door": door, "status": g.get("status", 0), "outcome": outcome,
            "seconds": round(seconds, 3), **g.get("caller", {}),
        },
    )  # fmt: skip
    if g.get("span"):
        g.span.attributes |= {
            **known,
            "door": door,
            "outcome": outcome,
            "http.response.status_code": g.get("status", 0),
        }
        g.span.failed = g.get("status", 0) >= 500
        g.span.end()
