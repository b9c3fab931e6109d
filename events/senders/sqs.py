"""Knative's IntegrationSource for SQS (the former Camel connector): the message's body, whatever wrote it.

Facts: knative eventing v1.22 integrationsource, eventing-integrations: the type is `dev.knative.eventing.aws-sqs`, in
older builds `dev.knative.connector.event.aws-sqs`; the id is new at every poll. Its sibling for S3 sends an object's
bytes without bucket or key, and deletes the object by default, so it is refused aloud.
"""

from __future__ import annotations

from typing import Any

from events.errors import Malformed
from events.event import Event
from events.senders import inner
from events.senders.base import Kind, Outcome, Sender


def read(message: Any, event: Event | None = None) -> list[Outcome]:
    """Read what S3, EventBridge or SNS put into the queue.

    Raises:
        Malformed: it names no object.
    """
    if event is not None and event.type.endswith("aws-s3"):
        raise Malformed(
            [
                "data: names neither bucket nor key, an IntegrationSource for S3 sends only an object's bytes",
                "remedy: let the bucket notify an SQS queue, and use an IntegrationSource for SQS",
            ]
        )
    return inner.read(message, event)


SENDER = Sender(
    name="sqs",
    title="Knative IntegrationSource for SQS",
    read=read,
    kinds=(
        Kind("dev.knative.eventing.aws-sqs"),
        Kind("dev.knative.connector.event.aws-sqs"),
        Kind("dev.knative.eventing.aws-s3"),
        Kind("dev.knative.connector.event.aws-s3"),
    ),
    hook=False,
    keys="as within: form-encoded (S3), as it is (EventBridge)",
)
