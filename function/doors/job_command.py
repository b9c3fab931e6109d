"""`job`: the work of one CloudEvent from a file, as a Kubernetes Job does it that Knative's JobSink makes.

JobSink mounts the event, in the JSON format, as the file `event` of the folder that K_EVENT_PATH names; its data may be
JSON or base64. The outcome lies in the results bucket and goes to K_SINK where there is one; the exit code says whether
another try may help (knative.dev/docs/eventing/sinks/job-sink).
"""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

import msgspec

from events import envelope
from events.errors import EventError
from function.doors.uploads import asked_for, malformed
from function.errors import EXIT_DONE, BadRequest, OcrError, Unexpected
from function.reading.caller import Caller
from function.reading.uploads.delivery import Work
from function.settings import Settings, SettingsError
from function.telemetry import logs
from function.wiring import EventDoors, build, check

log = logging.getLogger(__name__)

#: Of the file in the folder of K_EVENT_PATH.
FILE = "event"


def job(settings: Settings, path: str = "") -> int:
    """Read what one event tells of; returns the exit code: 0, 65, 70 or 75 (2: the event itself is wrong).

    Args:
        settings: as for a server that takes events.
        path: of the event; empty: where JobSink mounts it.

    Raises:
        SettingsError: one line naming the variable.
    """
    # The whole document here, whatever sink there is to tell: nothing says that it brings ranges back.
    settings = msgspec.structs.replace(settings, doors="events", split_pages=0, split_seconds=0.0)
    if not settings.inbox or not settings.results:
        raise SettingsError("job reads an upload, which needs OCR_INBOX and OCR_RESULTS. Set both.")
    check(settings)
    logs.configure(settings.log_level, settings.log_format)
    logs.REQUEST_ID.set(uuid.uuid4().hex)
    try:
        return _done(settings, _body(path or settings.event_path))
    except OcrError as problem:
        log.error("%s: %s. %s", problem.title, problem.detail, problem.remedy, extra={"outcome": problem.name})
        return problem.exit_code
    except Exception as problem:
        log.exception("the job failed of something unforeseen")
        return Unexpected(type(problem).__name__).exit_code


def _body(path: str) -> bytes:
    file = Path(path) / FILE if Path(path).is_dir() else Path(path)
    try:
        return file.read_bytes()
    except OSError as problem:
        raise BadRequest(
            f"the event {file} cannot be read: {problem.strerror}",
            remedy="Name its file, or set K_EVENT_PATH to the folder in which JobSink mounts it.",
        ) from problem


def _done(settings: Settings, body: bytes) -> int:
    function = build(settings)
    doors = function.events
    assert doors is not None, "without OCR_INBOX there was an end already"
    uploads = _uploads(body, doors, strict=settings.strict_events)
    if not uploads:
        log.info("the event asks for nothing")
        return EXIT_DONE
    function.start()
    try:
        function.wait_until_ready()
        caller = Caller(settings.request_seconds)
        if len(uploads) == 1:
            doors.deliveries.answer(uploads, caller, replies=False)
        else:
            doors.deliveries.each(uploads, caller)  # never handed on: the sink may be what made this Job
    finally:
        function.stop()
    return EXIT_DONE


def _uploads(body: bytes, doors: EventDoors, *, strict: bool) -> list[Work]:
    kind = envelope.BATCHED if body.lstrip()[:1] == b"[" else envelope.STRUCTURED
    try:
        return asked_for(envelope.decode({"Content-Type": f"{kind}+json"}, body), doors.scope, strict=strict)
    except EventError as problem:
        raise malformed(problem) from problem
