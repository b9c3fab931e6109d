"""AWS SNS over HTTP(S): an envelope, signed, with S3's or EventBridge's message as text in it.

Facts: docs.aws.amazon.com SNS, "HTTP/HTTPS notification JSON format": Content-Type text/plain; first comes a
SubscriptionConfirmation whose SubscribeURL must be visited. Raw delivery has no envelope and no signature. SNS waits 15
seconds, so a document is never read while it waits.
"""

from __future__ import annotations

from typing import Any

from events.errors import Malformed, Untrusted
from events.event import Event
from events.senders import inner
from events.senders.base import Outcome, Sender, ignored
from events.signatures import Verify, confirmation_allowed
from events.uploads import Confirmation

NAME = "sns"


def read(message: Any, _event: Event | None = None, *, verify: Verify | None = None) -> list[Outcome]:
    """Read an envelope.

    Args:
        message: the JSON value.
        _event: SNS sends no CloudEvents.
        verify: decides whether the envelope is believed, `signatures.Verifier` or `signatures.unverified`.

    Raises:
        Untrusted: nobody verifies, or it is not believed.
        Unavailable: the certificate could not be fetched.
        Malformed: it is no envelope, or what it holds names no object.
    """
    if verify is None:
        raise Untrusted(["SNS messages are read only where their signature is checked, or expressly not"])
    if not isinstance(message, dict):
        raise Malformed(["the message is no SNS envelope: it is no JSON object"])
    verify(message)
    kind = message.get("Type")
    if kind == "SubscriptionConfirmation":
        return [_confirmation(message)]
    if kind == "UnsubscribeConfirmation":
        return [ignored("unsubscribed", str(message.get("TopicArn")))]
    if kind == "Notification" and not isinstance(message.get("Message"), str):
        raise Malformed(["Message: is missing or no text"])
    if kind is not None and kind != "Notification":
        raise Malformed(["Type: is none of Notification, SubscriptionConfirmation, UnsubscribeConfirmation"])
    return inner.read(message)


def _confirmation(message: dict[str, Any]) -> Confirmation:
    url, topic = message.get("SubscribeURL"), message.get("TopicArn")
    if not isinstance(url, str) or not isinstance(topic, str):
        raise Malformed(["SubscribeURL or TopicArn: is missing"])
    if not confirmation_allowed(url):
        raise Untrusted(["SubscribeURL: is no address at which SNS confirms subscriptions; it will not be visited"])
    return Confirmation(url, topic)


SENDER = Sender(name=NAME, title="AWS SNS", read=read, keys="as within: form-encoded (S3), as it is (EventBridge)")
