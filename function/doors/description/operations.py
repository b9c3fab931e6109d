"""Every address of the function with its methods, as OpenAPI has it; tests hold it against what is served."""

from __future__ import annotations

from typing import Any

from events.senders import HOOKS
from function import errors
from function.doors.description import examples
from function.doors.description.parts import (
    Piece,
    answers,
    format_parameter,
    json_body,
    options,
    parameter,
    problems,
    response,
    upload,
)  # fmt: skip
from function.doors.jobs import JobAnswer
from function.doors.paddlex.answers import Envelope, LayoutDone, OcrDone
from function.doors.paddlex.requests import LayoutRequest, OcrRequest, RestructureRequest
from function.doors.presigned import UploadAddress
from function.doors.remarks_header import NAME as WARNINGS
from function.results.model import DocumentResult

#: Any caller of a door with keys.
_KEYS = (errors.Unauthorized, errors.TooOften)
#: What can come of reading a document while somebody waits.
_READING = (
    errors.BadRequest, errors.SentTooSlowly, errors.TooLarge, errors.TooManyPages, errors.TooManyPixels,
    errors.UnsupportedType, errors.Corrupt, errors.Encrypted, errors.Busy, errors.Unexpected, errors.EngineFailed,
    errors.EngineUnavailable, errors.NotReady, errors.RendererKilled, errors.DeadlineExceeded,
)  # fmt: skip
_CLOSED = (errors.UnknownPath,)
_STORES = (errors.StoreUnavailable, errors.StoreDenied, errors.Unexpected)
_DELIVERY = (
    errors.MalformedEvent, errors.Forbidden, errors.SourceGone, errors.TooLarge, errors.UnsupportedType,
    errors.Corrupt, errors.Encrypted, errors.Unexpected, errors.EngineFailed, errors.NotReady, errors.DoorClosed,
    errors.StoreUnavailable, errors.SinkUnavailable, errors.DeadlineExceeded,
)  # fmt: skip
_APPLIED: Piece = {
    "Preference-Applied": {"description": "what of `Prefer` was applied", "schema": {"type": "string"}},
}
_WARNED: Piece = {
    WARNINGS: {
        "description": "of formats without fields: how many warnings and errors of pages there are, and the first, "
        'shortened (a structured field, RFC 9651: `2; first="page 3: …"`); absent where there are none',
        "schema": {"type": "string", "pattern": r'^[1-9]\d*; first="[ -~]*"$'},
    },
}
_JSON: Piece = {"application/json": {"schema": {"type": "object"}}}
_NOTHING: Piece = {"type": "string", "maxLength": 0}


def paths() -> dict[str, dict[str, Piece]]:
    """Path → method → operation."""
    return {**_reading(), **_jobs(), **_paddlex(), **_deliveries(), **_page(), **_operating()}


def _operation(summary: str, tag: str, responses: Piece, **more: Any) -> Piece:
    """Those of operators and deliveries need no key."""
    piece: Piece = {"summary": summary, "tags": [tag], "responses": responses, **more}
    if tag not in {"reading", "jobs", "paddlex"}:
        piece["security"] = []
    return piece


def _reading() -> dict[str, dict[str, Piece]]:
    previews = parameter(
        "previews", "query", "with `ndjson` and `sse`: each page's picture before it", {"enum": ["no", "yes"]}
    )
    headers = [
        parameter(
            "Prefer",
            "header",
            "`wait=N`: seconds that the answer is worth, from 1; `respond-async`: a job at once, please, where there "
            "are any",
        ),
        parameter("Idempotency-Key", "header", "of a job: the same key and document are one job"),
    ]
    content = answers(DocumentResult)
    content["application/json"]["example"] = examples.result()
    parse: Piece = {
        "parameters": [*options(), format_parameter(), previews, *headers],
        "requestBody": upload(),
        "responses": {
            "200": response(
                "the result; `ndjson` and `sse` stream its pages as they are read", content, {**_WARNED, **_APPLIED}
            ),
            "202": response("with `Prefer: respond-async`: a job", json_body(JobAnswer), _APPLIED),
            **problems(*_READING, *_KEYS, *_CLOSED, errors.NotAcceptable, errors.KeyReused, *_STORES),
        },
    }
    return {
        "/v1/parse": {"post": _operation("Read a document", "reading", **parse)},
        "/predict": {"post": _operation("The same, for callers of the service this replaces", "reading", **parse)},
    }


def _jobs() -> dict[str, dict[str, Piece]]:
    key = parameter("Idempotency-Key", "header", "the same key and document are one job")
    began = parameter(
        "upload", "query", "the `id` that /v1/uploads gave, once the document was put there; no body then"
    )
    begins = problems(*_READING, *_KEYS, *_CLOSED, errors.KeyReused, *_STORES)
    submit = _operation(
        "Leave a document to be read",
        "jobs",
        {
            "200": response("how it stands: it ended before", json_body(JobAnswer)),
            "202": response("accepted", json_body(JobAnswer)),
            **begins,
            **problems(*_CLOSED, errors.UnknownUpload),
        },
        parameters=[*options(), format_parameter(), began, key],
        requestBody={**upload(), "required": False},
    )
    prepare = _operation(
        "An address to put a document to",
        "jobs",
        {"201": response("where, and until when", json_body(UploadAddress)), **begins},
        parameters=[*options(), format_parameter(), parameter("name", "query", "of the document"), key],
    )
    return {"/v1/jobs": {"post": submit}, "/v1/uploads": {"post": prepare}, **_one_job()}


def _one_job() -> dict[str, dict[str, Piece]]:
    job = parameter("id", "path", "of the job", {"type": "string", "minLength": 1})
    at = {
        "200": response("how it stands", json_body(JobAnswer)),
        **problems(*_KEYS, errors.UnknownJob, *_STORES),
    }
    events = response("objects `status`, `heartbeat`, `error`", {"text/event-stream": {"schema": {"type": "string"}}})
    stands = problems(
        *_KEYS, errors.BadRequest, errors.NotAcceptable, errors.UnknownJob, errors.JobUnfinished, errors.SourceGone,
        errors.TooLarge, errors.UnsupportedType, errors.Corrupt, errors.JobFailed, *_STORES,
    )  # fmt: skip
    result = _operation(
        "A job's result",
        "jobs",
        {"200": response("as /v1/parse answers", answers(DocumentResult), _WARNED), **stands},
        parameters=[job, format_parameter()],
    )
    changes = _operation(
        "A job's changes, as server-sent events",
        "jobs",
        {**at, "200": events, "204": response("its end was told already: stay away")},
        parameters=[job, parameter("Last-Event-ID", "header", "what the client has seen")],
    )
    return {
        "/v1/jobs/{id}": {
            "get": _operation("How a job stands", "jobs", at, parameters=[job]),
            "delete": _operation("Cancel a job", "jobs", at, parameters=[job]),
        },
        "/v1/jobs/{id}/result": {"get": result},
        "/v1/jobs/{id}/events": {"get": changes},
    }


def _paddlex() -> dict[str, dict[str, Piece]]:
    failed = problems(
        *_READING, *_KEYS, *_CLOSED, body=json_body(Envelope), statuses=dict.fromkeys((400, 410, 415), 422)
    )

    def asked(summary: str, kind: type, example: Piece) -> dict[str, Piece]:
        done = OcrDone if kind is OcrRequest else LayoutDone
        responses = {"200": response("the pages, in `result`", json_body(done)), **failed}
        body = {"required": True, "content": json_body(kind, example)}
        return {"post": _operation(summary, "paddlex", responses, requestBody=body)}

    again = examples.restructure_request()
    return {
        "/ocr": asked("Lines of text, as PaddleX's pipeline OCR", OcrRequest, examples.paddlex_request()),
        "/layout-parsing": asked("Blocks and Markdown, as PaddleOCR-VL", LayoutRequest, examples.paddlex_request()),
        "/restructure-pages": asked("Steps over pages that were read before", RestructureRequest, again),
        "/health": {
            "get": _operation(
                "Whether documents can be read, in PaddleX's words",
                "operating",
                {"200": response("they can", json_body(Envelope)), "503": response("not yet", json_body(Envelope))},
            )
        },
    }


def _deliveries() -> dict[str, dict[str, Piece]]:
    needed = {name: {"type": "string", "minLength": 1} for name in ("id", "source", "type")}
    event = {
        "type": "object",
        "required": ["specversion", *needed],
        "properties": {"specversion": {"enum": ["1.0"]}, **needed},
    }
    content = {
        "application/cloudevents+json": {"schema": event, "example": examples.event()},
        "application/cloudevents-batch+json": {"schema": {"type": "array", "items": event}},
    }
    done = {
        "200": response("done; the outcome as an event, where the sender passes replies on"),
        "204": response("done, or nothing to do"),
        **problems(*_DELIVERY),
    }
    name = parameter("name", "path", "of the sender", {"enum": list(HOOKS)})
    hook = problems(*_DELIVERY, errors.Unauthorized, errors.UnknownPath)
    permitted = {"200": response("they may")}
    hooked = {status: response("taken") for status in ("200", "202", "204")}
    body: Piece = {"content": {"application/json": {"schema": {}}}}
    letter = {"204": response("kept"), **problems(errors.TooLarge, errors.DoorClosed, *_STORES)}
    return {
        "/": {
            "get": _page_at("The page for people", "text/html", errors.UnknownPath),
            "post": _operation(
                "A CloudEvent, or a batch of them",
                "deliveries",
                done,
                requestBody={"required": True, "content": content},
            ),
            "options": _operation("May events be sent here", "deliveries", permitted),
        },
        "/hooks/{name}": {
            "post": _operation(
                "A webhook that is no CloudEvent",
                "deliveries",
                {**hooked, **hook},
                parameters=[name, parameter("token", "query", "for senders that can set no header")],
                requestBody=body,
            ),
            "options": _operation(
                "May events be sent here", "deliveries", permitted, parameters=[parameter("name", "path", "of anyone")]
            ),
        },
        "/deadletter": {"post": _operation("What a broker gave up", "deliveries", letter, requestBody=body)},
    }


def _page() -> dict[str, dict[str, Piece]]:
    release, name = parameter("release", "path", "of the page"), parameter("name", "path", "of the file")
    there = "application/octet-stream"
    return {
        "/web/{release}/{name}": {
            "get": {**_page_at("A file of that page", there, errors.UnknownPath), "parameters": [release, name]}
        },
        "/web/samples/{name}": {
            "get": {**_page_at("A document to try", there, errors.UnknownPath), "parameters": [name]}
        },
        "/web/offer.json": {"get": _page_at("What can be chosen here", "application/json", errors.UnknownPath)},
    }


def _page_at(summary: str, media_type: str, *kinds: type[errors.OcrError]) -> Piece:
    content: Piece = (
        {"*/*": {"schema": {}}} if media_type == "application/octet-stream" else {media_type: {"schema": {}}}
    )
    return _operation(summary, "page", {"200": response("it", content), **problems(*kinds)})


def _operating() -> dict[str, dict[str, Piece]]:
    def there(about: str, media_type: str, *statuses: str) -> Piece:
        content = {media_type: {"schema": {"type": "object" if "json" in media_type else "string"}}}
        return {status: response(about, content) for status in ("200", *statuses)}

    alive = there("whether it is, and whether only a new process helps", "application/json", "503")
    return {
        "/healthz": {
            "get": _operation("Alive", "operating", alive),
            "post": _operation("The same, for pings that can only post", "operating", alive),
        },
        "/readyz": {"get": _operation("Ready, and why not", "operating", there("which", "application/json", "503"))},
        "/metrics": {"get": _operation("Prometheus text", "operating", there("metrics", "text/plain"))},
        "/v1/schema.json": {
            "get": _operation("The result's JSON schema", "operating", there("it", "application/schema+json"))
        },
        "/openapi.json": {"get": _operation("This description", "operating", there("it", "application/json"))},
        "/docs": {"get": _operation("The same for people", "operating", there("it", "text/html"))},
    }


#: Classes whose schemas are told by name.
NAMED = (
    DocumentResult, JobAnswer, UploadAddress, Envelope, OcrDone, LayoutDone, OcrRequest, LayoutRequest,
    RestructureRequest,
)  # fmt: skip
