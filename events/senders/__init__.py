"""Who sends what: every sender's shape, known by the type of a CloudEvent (POST /) or by name (POST /hooks/NAME)."""

from __future__ import annotations

from functools import partial

from events import strict_json
from events.errors import Malformed
from events.event import Event, json_data
from events.senders import (
    alibaba,
    baidu,
    ceph,
    eventbridge,
    gcs,
    integration_s3,
    minio,
    r2,
    rustfs,
    s3,
    seaweedfs,
    sns,
    sqs,
    tencent,
    triggermesh,
    versity,
    zeropage,
)
from events.senders.base import Outcome, Sender, ignored
from events.signatures import Verify
from events.triage import EVERYTHING, Scope, triage
from events.uploads import DocumentUploaded

#: The first that knows an event's type reads it: Ceph before S3, whose type it may share.
ALL: tuple[Sender, ...] = (
    zeropage.SENDER,
    ceph.SENDER,
    s3.SENDER,
    eventbridge.SENDER,
    sns.SENDER,
    sqs.SENDER,
    integration_s3.SENDER,
    minio.SENDER,
    rustfs.SENDER,
    triggermesh.SENDER,
    gcs.SENDER,
    seaweedfs.SENDER,
    versity.SENDER,
    alibaba.SENDER,
    tencent.SENDER,
    baidu.SENDER,
    r2.SENDER,
)
#: Those that may call /hooks/NAME.
HOOKS: dict[str, Sender] = {sender.name: sender for sender in ALL if sender.hook}


def sender_of(event: Event) -> Sender | None:
    """Whose event this is; None for a type that nobody here sends."""
    return next((sender for sender in ALL if any(kind.matches(event) for kind in sender.kinds)), None)


def read_event(event: Event, scope: Scope = EVERYTHING) -> list[Outcome]:
    """What a CloudEvent comes to.

    Args:
        event: from `envelope.decode`.
        scope: which uploads are documents, and where our own output lies.

    Returns:
        At least one outcome: uploads and ranges to act on, and what is ignored or unreadable among several records.

    Raises:
        Malformed: its type is known, but it names no object.
    """
    sender = sender_of(event)
    if sender is None:
        return [ignored("unknown", event.type)]
    return _within(sender.read(json_data(event) if sender.json else None, event), scope)


def read_hook(name: str, body: bytes, scope: Scope = EVERYTHING, *, verify: Verify | None = None) -> list[Outcome]:
    """What a webhook's body comes to.

    Args:
        name: the sender, a key of `HOOKS`.
        body: the request's body.
        scope: which uploads are documents, and where our own output lies.
        verify: for `sns` alone, which is refused without: `signatures.Verifier` or `signatures.unverified`.

    Returns:
        At least one outcome, for `sns` also a `Confirmation` whose address wants to be visited.

    Raises:
        KeyError: no sender has this name.
        Malformed: the body is not this sender's shape, or names no object.
        Untrusted: the signature is missing or wrong.
        Unavailable: the certificate could not be fetched.
    """
    read = HOOKS[name].read if name != sns.NAME else partial(sns.read, verify=verify)
    message = strict_json.loads(body)
    if message is None:
        raise Malformed(["the body is null"])
    return _within(read(message, None), scope)


def _within(outcomes: list[Outcome], scope: Scope) -> list[Outcome]:
    return [triage(outcome, scope) if isinstance(outcome, DocumentUploaded) else outcome for outcome in outcomes]
