"""POST /hooks/SENDER: webhooks that are no CloudEvents, told apart by their path, trusted by their token.

With a sink they are handed on as `dev.zeropage.document.uploaded`, and answered only after the sink's own 2xx; without
one they are read here and now.
"""

from __future__ import annotations

import hmac
import logging
import urllib.request

from flask import Blueprint, Response, request

from events.errors import EventError, Unavailable, Untrusted
from events.senders import HOOKS, read_hook, sns
from events.senders.base import Outcome, Sender
from events.signatures import unverified
from events.uploads import Confirmation, DocumentUploaded
from function.doors.bodies import message_of
from function.doors.events import caller, event_doors, permit
from function.doors.problems import answer
from function.doors.uploads import malformed, wanted
from function.errors import Forbidden, NotReady, OcrError, Outage, Refusal, Unauthorized, UnknownPath
from function.reading.uploads.delivery import Deliveries
from function.spelling import nearest
from function.wiring import EventDoors

log = logging.getLogger(__name__)
door = Blueprint("hooks", __name__)


@door.route("/hooks/<name>", methods=["POST"], provide_automatic_options=False)
def deliver(name: str) -> Response:
    """Handle one webhook in its sender's own shape, answered in its sender's own way."""
    sender = HOOKS.get(name)
    if sender is None:
        raise UnknownPath(
            f"no sender is called {name[:40]!r}{nearest(name[:40], HOOKS)}",
            remedy=f"POST it to /hooks/SENDER, where SENDER is one of {', '.join(HOOKS)}. CloudEvents go to POST /.",
        )
    doors = event_doors()
    _authorise(name, doors)
    try:
        outcomes = read_hook(name, message_of(request), doors.scope, verify=doors.verify_sns)
        _confirm(outcomes)
        uploads = wanted(outcomes)
        if uploads and doors.deliveries.sink is not None:
            doors.deliveries.forward(uploads)
        elif uploads:
            _answer(doors.deliveries, uploads)
    except EventError as problem:
        return _said(_translated(problem), sender)
    except Outage as problem:
        return _said(problem, sender)
    return Response(status=sender.done)


@door.route("/hooks/<name>", methods=["OPTIONS"])
def permit_hook(name: str) -> Response:  # noqa: ARG001 - any sender may ask
    """The handshake of the CloudEvents webhook specification."""
    return permit()


def _said(problem: OcrError, sender: Sender) -> Response:
    """An outage in the status that makes this sender send again."""
    return answer(problem, status=sender.later if isinstance(problem, Outage) else None)


def _answer(deliveries: Deliveries, uploads: list[DocumentUploaded]) -> None:
    """Read here and now. A refusal was recorded beside the results; a webhook's sender could do nothing about it."""
    try:
        deliveries.answer(uploads, caller(), replies=False)
    except Refusal as problem:
        told = {"bucket": uploads[0].bucket, "key": uploads[0].key, "outcome": problem.name}
        log.warning("an upload was refused: %s", problem.detail, extra=told)


def _authorise(name: str, doors: EventDoors) -> None:
    """Compare the sender's token; senders that can set no header put it into the address.

    Once there is a file of tokens, a sender without a line is refused, or whoever knows one token's sender would only
    have to knock under another name. SNS needs no line while its messages prove by their signature who sent them.

    Raises:
        Unauthorized: missing or wrong, or the sender has no token.
    """
    if doors.hook_tokens is None:
        return
    expected = doors.hook_tokens.get(name)
    if expected is None:
        if name == sns.NAME and doors.verify_sns is not unverified:
            return
        raise Unauthorized(
            f"/hooks/{name} needs a token, and the file that OCR_HOOK_TOKENS_FILE names has no line for {name}",
            remedy=f"Add the line `{name} TOKEN` to it, start again, and send Authorization: Bearer TOKEN.",
        )
    authorization = request.authorization
    given = request.args.get("token", "")
    if authorization is not None:
        given = authorization.token or authorization.password or ""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Unauthorized(
            f"the token of /hooks/{name} is missing or wrong", remedy="Send Authorization: Bearer TOKEN."
        )


def _confirm(outcomes: list[Outcome]) -> None:
    """Visit the address by which SNS learns that its messages are wanted; it was restricted to SNS's own hosts."""
    for outcome in outcomes:
        if isinstance(outcome, Confirmation):
            try:
                with urllib.request.urlopen(outcome.url, timeout=10):  # noqa: S310 - checked: https, an SNS host
                    log.info("confirmed the subscription to %s", outcome.topic)
            except OSError as problem:
                raise Unavailable([f"the subscription could not be confirmed ({type(problem).__name__})"]) from problem


def _translated(problem: EventError) -> OcrError:
    detail = "; ".join(problem.problems)
    if isinstance(problem, Untrusted):
        return Forbidden(detail, remedy="Let the sender sign its messages, and check its topic.")
    if isinstance(problem, Unavailable):
        return NotReady(detail)
    return malformed(problem)
