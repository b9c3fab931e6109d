"""Messages within messages: what a queue or a topic carries says only by its shape whose it is."""

from __future__ import annotations

from typing import Any

from events import strict_json
from events.event import Event
from events.senders import eventbridge, s3
from events.senders.base import Outcome, ignored

#: S3 → EventBridge → SNS → SQS is the longest chain that makes sense.
MAX_ENVELOPES = 3


def read(message: Any, event: Event | None = None, *, depth: int = 0) -> list[Outcome]:
    """Read S3's records, EventBridge's event, or an SNS envelope around one of them.

    An envelope is taken at its word here: whoever may write to the queue may write what he likes.

    Raises:
        Malformed: it is one of them, but names no object.
    """
    if isinstance(message, str) and depth < MAX_ENVELOPES:
        return read(strict_json.loads(message, "the message within"), event, depth=depth + 1)
    if isinstance(message, dict):
        if message.get("Type") == "Notification" and isinstance(message.get("Message"), str):
            return read(message["Message"], event, depth=depth)
        if "detail-type" in message:
            return eventbridge.read(message, event)
        if "Records" in message or "s3" in message or message.get("Event") == "s3:TestEvent":
            return s3.read(message, event)
    return [ignored("unknown", "a message of no known shape")]
