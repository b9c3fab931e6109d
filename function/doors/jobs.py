"""POST /v1/jobs and what follows: a document is taken now and read later; any instance tells how it stands.

The result comes from the results bucket in whatever format is asked for then. Completion is an event, too
(`dev.zeropage.document.parsed`), with the job's upload in its subject.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext

import msgspec
from flask import Blueprint, Response, g, request

from function.documents.base import ClosingSource
from function.doors import bodies, clients, formats, problems, remarks_header, streams
from function.doors.operations import current
from function.doors.preferences import preferences
from function.errors import (
    BadRequest,
    JobFailed,
    JobUnfinished,
    OcrError,
    Refusal,
    SourceGone,
    StoreUnavailable,
    UnknownJob,
    UnknownPath,
    UnknownUpload,
)  # fmt: skip
from function.reading.jobs.job_records import CALLER, Record
from function.reading.jobs.job_status import FINAL, Found, JobStatus
from function.reading.jobs.jobs import Wanted
from function.reading.searchable import written
from function.results.model import DocumentResult
from function.stores.base import Body
from function.wiring import JobDesk

door = Blueprint("jobs", __name__)

_TOLD_BEFORE = (
    "Send upload alone: options are told to POST /v1/uploads, the document is PUT to the `url` that this answers, and "
    "the format of the result can be chosen when it is fetched."
)
#: A structured field's string (RFC 8941) as the Idempotency-Key draft has it, or the same without its quotes.
_IDEMPOTENCY_KEY = re.compile(r'"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?')


class JobAnswer(JobStatus, frozen=True, omit_defaults=True, kw_only=True):
    """A job's status with the addresses that belong to it."""

    links: dict[str, str]


@door.post("/v1/jobs")
def submit() -> Response:
    """Take a document as /v1/parse does; or with `upload=ID`, have read what was put to an address of /v1/uploads."""
    if "upload" in request.args:
        bodies.check_alone(request, "upload", remedy=_TOLD_BEFORE)
        return _begun(request.args["upload"])
    return accept()


def accept() -> Response:
    """Make a job of the request at hand."""
    desk = desk_here()
    options, form = bodies.options_of(request)
    if form is not None:
        formats.choose(form, request.accept_mimetypes)
    with bodies.source_of(request, current().take_in) as source:
        wanted = Wanted(options, source.name, owner(), form or "", idempotency_key())
        status, upload = desk.jobs.submit(source, wanted)
    if upload is not None:
        desk.hand_on(upload)
    return told(status, accepted=True)


def prefers_async() -> bool:
    """Whether a caller of /v1/parse would rather have a job (RFC 7240), and there are jobs here."""
    return current().jobs is not None and "respond-async" in preferences(request.headers.getlist("Prefer"))


@door.get("/v1/jobs/<id_>")
def status(id_: str) -> Response:
    """How a job stands."""
    _, found = looked_at(id_)
    return told(found.status)


@door.delete("/v1/jobs/<id_>")
def cancel(id_: str) -> Response:
    """Stop a job, and remove what it holds."""
    desk = desk_here()
    return told(desk.jobs.cancel(desk.jobs.find(id_, owner())))


@door.get("/v1/jobs/<id_>/result")
def result(id_: str) -> Response:
    """The result, in the format asked for now, else with the job, else JSON."""
    bodies.check_alone(request, "format", remedy="Of a result only its format can be asked for.")
    record, found = looked_at(id_)
    form = formats.choose(request.args.get("format") or record.format or None, request.accept_mimetypes)
    if found.result is None:
        return _without_result(found.status)
    # Whatever stands there by now: a fuller result may have taken the place of one with failed ranges.
    body = desk_here().jobs.results.get(found.result.bucket, found.result.key, max_bytes=sys.maxsize)
    if form.name == "json":
        response = _private(Response(_chunks(body), content_type=form.media_type))
        response.call_on_close(body.close)  # of a HEAD, whose chunks nobody asks for
        response.content_length = body.head.size
        return response
    read = msgspec.json.decode(b"".join(_chunks(body)), type=DocumentResult)
    if form.writer is not None:
        with nullcontext() if form.writer.write else _document(record) as source:
            told = written(form.writer, read, current().reader.opener, source)
        response = _private(Response(told, content_type=form.media_type))
        remarks_header.tell(response, read)
        return response
    write = streams.server_sent if form.name == "sse" else streams.ndjson
    return _private(Response(b"".join(streams.told(iter([*read.pages, read]), write)), content_type=form.media_type))


def desk_here() -> JobDesk:
    """What makes and tells of jobs. Raises UnknownPath where there is no place for them."""
    desk = current().jobs
    if desk is None:
        raise UnknownPath(
            "there are no jobs here: OCR_INBOX and OCR_RESULTS are not set",
            remedy="Send the document to POST /v1/parse, or let the operator set both.",
        )
    return desk


def owner() -> str:
    """Whose the caller's jobs are: his tenant's, else his own; everybody's where nobody is told apart."""
    shown = g.get("caller", {})
    if shown and not shown.get("tenant"):
        return f"{CALLER}{shown['caller']}"
    return clients.tenant_of(request, current().settings)


def idempotency_key() -> str:
    """Of the request; empty where it has none. Raises BadRequest where it is no key."""
    said = request.headers.get("Idempotency-Key", "").strip()
    found = _IDEMPOTENCY_KEY.fullmatch(said)
    if said and not found:
        raise BadRequest(
            f"Idempotency-Key {said[:40]!a} is no key",
            remedy="Send 1 to 255 visible ASCII characters, best a random UUID, without quotes within.",
        )
    return found[1] if found else ""


def looked_at(id_: str) -> tuple[Record, Found]:
    """A job of the caller's, and how it stands; if nobody reads it, it is read from now on."""
    desk = desk_here()
    record = desk.jobs.find(id_, owner())
    found = desk.jobs.look(record)
    desk.keep_going(found)
    return record, found


def told(status: JobStatus, *, accepted: bool = False) -> Response:
    """A status as an answer: 202 for what was accepted and is not finished, with the time to ask again."""
    finished = status.state in FINAL
    response = Response(
        msgspec.json.encode(answer_of(status)),
        status=202 if accepted and not finished else 200,
        content_type="application/json",
    )
    response.headers["Cache-Control"] = "no-store"
    if accepted:
        response.headers["Location"] = f"/v1/jobs/{status.id}"
        if prefers_async():
            g.preference_applied = "respond-async"
    if not finished:
        response.headers["Retry-After"] = str(status.retry_after)
    return response


def answer_of(status: JobStatus) -> JobAnswer:
    """What callers read of a status."""
    here = f"/v1/jobs/{status.id}"
    links = {"self": here, "result": f"{here}/result", "events": f"{here}/events"}
    return JobAnswer(**{name: getattr(status, name) for name in status.__struct_fields__}, links=links)


def _begun(id_: str) -> Response:
    desk = desk_here()
    try:
        found = desk.jobs.look(desk.jobs.find(id_, owner()))
    except UnknownJob:
        raise UnknownUpload(f"there is no upload {id_[:80]!r}") from None
    if found.status.state == "waiting":
        raise BadRequest(
            f"nothing was put to the address of the upload {id_[:80]!r} yet",
            remedy="PUT the document to the `url` that POST /v1/uploads gave, with its `headers`, then ask again.",
        )
    if upload := desk.jobs.to_hand_on(found):
        desk.hand_on(upload)
    return told(found.status, accepted=True)


def _without_result(status: JobStatus) -> Response:
    """404: there is no representation of the result, yet or for ever; the problem's type says which."""
    if status.state == "refused":
        return _refused(status)
    if status.state == "failed":
        raise JobFailed(str((status.problem or {}).get("detail", "")))
    if status.state == "cancelled":
        raise SourceGone("the job was cancelled", remedy="Send the document as a new job with another Idempotency-Key.")
    response = problems.answer(JobUnfinished(f"the job is {status.state}"))
    response.headers["Retry-After"] = str(status.retry_after)
    return response


def _refused(status: JobStatus) -> Response:
    """As /v1/parse would have refused the document."""
    stored = status.problem or {}
    kinds = {kind("").type: kind for kind in _all_refusals(Refusal)}
    kind = kinds.get(str(stored.get("type")), Refusal)
    return problems.answer(kind(str(stored.get("detail", "")), remedy=str(stored.get("remedy", "")) or None))


def _all_refusals(kind: type[OcrError]) -> Iterator[type[OcrError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _all_refusals(narrower)


def _document(record: Record) -> ClosingSource:
    """The job's own document, fetched once more. Raises SourceGone."""
    desk, function = desk_here(), current()
    head = desk.jobs.uploads.head(record.bucket, record.key)
    if head is None:
        raise SourceGone(
            "the job's document was deleted, and this format shows its pages",
            remedy="Ask with another format, or send the document as a new job.",
        )
    limit = function.settings.max_bytes
    with desk.jobs.uploads.get(head.bucket, head.key, max_bytes=limit, version=head.version, etag=head.etag) as body:
        return function.take_object(body, record.name)  # type: ignore[arg-type] # read() is all it needs


def _private(response: Response) -> Response:
    """Of this caller, in this format, and only as long as the job is not cancelled: no cache on the way keeps it."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _chunks(body: Body) -> Iterator[bytes]:
    try:
        with body:
            while chunk := body.read(1 << 18):
                yield chunk
    except StoreUnavailable:
        raise ConnectionAbortedError("the result was cut off by its store") from None  # too late for a status
