"""`consume`: CloudEvents from a queue of RabbitMQ, for those who scale by its length instead of by requests.

A message is acknowledged when its result, or its refusal, stands. What cannot be recorded (no event, an upload outside
the inbox or gone) is rejected, for the queue's dead-letter exchange to keep; an outage puts the message back after a
pause that grows, up to OCR_QUEUE_TRIES times. Then it is given up: its job is told to have failed, its range of a split
document ends as pages with an error, and it is a dead letter, too.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from events import amqp
from events.errors import EventError
from events.senders import read_hook
from function.doors.given_up import give_up
from function.doors.rabbitmq import Message, Queue, Verdict
from function.doors.uploads import asked_for, follow, malformed, tenant_of, wanted
from function.errors import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_TRY_AGAIN,
    Forbidden,
    NotReady,
    OcrError,
    Outage,
    Refusal,
    SourceGone,
    Unexpected,
)
from function.reading.caller import Caller
from function.reading.uploads.delivery import Work, upload_of
from function.settings import Settings, SettingsError, unknown_variables
from function.telemetry import logs, metrics, spans
from function.wiring import EventDoors, Function, build, check
from warmup.phases import this_start

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

log = logging.getLogger(__name__)

#: Seconds that a message is held before it is put back: doubled from the first to the last. With 20 tries together
#: about 16 minutes, as the retries of our Triggers.
_SOONEST, _LATEST = 2.0, 60.0
#: How often more a message is put back that could be neither read nor recorded as given up.
_RECORDINGS = 3


class Deliverer:
    """Turns messages into verdicts; used from many threads.

    Args:
        function: whose event doors handle them.
        doors: of it.
    """

    def __init__(self, function: Function, doors: EventDoors) -> None:
        self._function, self._doors = function, doors
        self._settings = function.settings

    def handle(self, message: Message) -> Verdict:
        """Handle one message; raises nothing."""
        given = message.id.isascii() and message.id.isprintable() and 0 < len(message.id) <= 128
        logs.REQUEST_ID.set(message.id if given else uuid.uuid4().hex)
        span = spans.begin("consume") if spans.recorder is not None else None
        try:
            outcome, verdict = self._judged(message)
            if span is not None:
                span.attributes |= {**logs.known(), "outcome": outcome}
                span.end()
        finally:
            logs.forget()
        metrics.queue_deliveries.labels(outcome).inc()
        return verdict

    def _judged(self, message: Message) -> tuple[str, Verdict]:
        if message.tries > self._settings.queue_tries:
            # Nothing was put back so often by us alone: it has ended the process that read it, again and again.
            log.error("a message that came %d times before is given up unread (OCR_QUEUE_TRIES)", message.tries)
            return self._given_up(message, "it has ended the process that read it, again and again")
        try:
            done = self._done(message)
        except (EventError, Refusal) as problem:
            told = malformed(problem) if isinstance(problem, EventError) else problem
            log.warning("a message is rejected: %s %s", told.detail, told.remedy, extra={"outcome": told.name})
            return "rejected", Verdict("reject")
        except Outage as problem:
            return self._again(message, problem)
        except Exception as problem:
            log.exception("a message failed of something unforeseen")
            return self._again(message, Unexpected(type(problem).__name__))
        return done, Verdict("ack")

    def _done(self, message: Message) -> str:
        """How it was finished.

        Raises:
            EventError, Refusal: never to be read, and recorded nowhere.
            Outage: to be read later.
        """
        uploads, tenant = self._uploads(message)
        if not uploads:
            return "ignored"
        if reason := self._function.not_ready_reason():
            raise NotReady(f"the function is not ready: {reason}")
        caller = Caller(self._settings.request_seconds, request_id=logs.REQUEST_ID.get(), tenant=tenant)
        try:
            if len(uploads) == 1:
                self._doors.deliveries.answer(uploads, caller, replies=False)
            else:
                # Never handed on to the sink: nothing says that it leads back to this queue.
                self._doors.deliveries.each(uploads, caller)
        except (Forbidden, SourceGone):
            raise
        except Refusal as problem:
            upload = upload_of(uploads[0])
            told = {"bucket": upload.bucket, "key": upload.key, "outcome": problem.name}
            log.warning("an upload was refused: %s", problem.detail, extra=told)
            return "refused"
        return "done"

    def _uploads(self, message: Message) -> tuple[Sequence[Work], str]:
        """What is to be read, and whose it is. Raises EventError, or MalformedEvent."""
        told = message.headers, message.content_type, message.body
        if amqp.is_notification(*told):
            return wanted(read_hook("minio", message.body, self._doors.scope)), ""
        events = amqp.decode(*told)
        follow(events)
        return asked_for(events, self._doors.scope, strict=self._settings.strict_events), tenant_of(events)

    def _again(self, message: Message, problem: OcrError) -> tuple[str, Verdict]:
        told = {"outcome": problem.name}
        if message.tries >= self._settings.queue_tries:
            log.error("a message is given up after %d tries: %s", message.tries + 1, problem.detail, extra=told)
            return self._given_up(message, f"it failed {message.tries + 1} times, at last of: {problem.detail}")
        delay = min(_LATEST, _SOONEST * 2**message.tries)
        log.warning("a message is put back after %g s: %s", delay, problem.detail, extra=told)
        return "requeued", Verdict("requeue", delay)

    def _given_up(self, message: Message, why: str) -> tuple[str, Verdict]:
        """Nobody reads it any more: whoever waits for its job or document is to hear of that, before it is gone."""
        try:
            uploads, _ = self._uploads(message)
            for asked in uploads:
                give_up(asked, self._doors, why)
        except (EventError, Refusal) as problem:
            log.warning("a message that is given up names nothing of ours: %s", problem)
        except Exception as problem:
            if message.tries < self._settings.queue_tries + _RECORDINGS:
                log.warning("that a message is given up cannot be recorded now: %s", type(problem).__name__)
                return "requeued", Verdict("requeue", _LATEST)
            log.exception("a message is given up, and that could not be recorded")
        return "given-up", Verdict("reject")


def _check(settings: Settings) -> None:
    """Raises SettingsError, without the address, which holds a password."""
    if not settings.queue_url:
        raise SettingsError("OCR_QUEUE_URL is not set: set it to amqp://USER:PASSWORD@HOST:5672/VHOST.")
    if not settings.inbox or not settings.results:
        raise SettingsError("consume reads uploads, which needs OCR_INBOX and OCR_RESULTS. Set both.")
    check(settings)


def consume(settings: Settings) -> int:
    """Take messages until SIGTERM; returns the exit code.

    Raises:
        SettingsError: one line naming the variable.
    """
    this_start().reached("imports")
    # Whatever doors the environment opens for servers beside it: here there is one, and it reads.
    settings = msgspec.structs.replace(settings, doors="events")
    _check(settings)
    logs.configure(settings.log_level, settings.log_format)
    for warning in unknown_variables():
        log.warning(warning)
    function = build(settings)
    assert function.events is not None, "without OCR_INBOX the start was refused"
    deliverer = Deliverer(function, function.events)
    try:
        queue = Queue(settings.queue_url, settings.queue_name, slots=settings.slots, handle=deliverer.handle)
    except ValueError as problem:
        raise SettingsError(f"OCR_QUEUE_URL is wrong: {problem}.") from None
    function.needs.append(lambda: queue.problem)
    function.start(warm_up=True)
    try:
        probes = _serve_probes(function)
    except (OSError, SystemExit) as problem:
        log.error("PORT=%d cannot be listened on: %s", settings.port, problem)
        os._exit(EXIT_FAILED)
    try:
        function.wait_until_ready()
    except OcrError as problem:
        log.error("the start failed, consume ends: %s", problem)
        os._exit(problem.exit_code)
    return _take(function, queue, probes)


def _take(function: Function, queue: Queue, probes: BaseWSGIServer) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: queue.stop())
    seconds = function.settings.request_seconds
    if not queue.run(drain_seconds=seconds):
        # Its threads cannot be ended otherwise; what they had is in the queue again.
        log.error("not all that was taken could be finished in %g s; the queue delivers it again", seconds)
        os._exit(EXIT_TRY_AGAIN)
    function.stop()
    probes.shutdown()
    return EXIT_DONE


def _serve_probes(function: Function) -> BaseWSGIServer:
    """Answer /healthz, /readyz and /metrics on PORT, from threads beside the readers. Raises OSError, SystemExit."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    from function.doors.app import create_probes

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            """A line for each probe would bury all others."""

    settings = function.settings
    server = make_server(settings.host, settings.port, create_probes(function), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    this_start().reached("port_open")
    return server
