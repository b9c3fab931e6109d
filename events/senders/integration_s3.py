"""Knative's IntegrationSource for S3: an object's bytes, without bucket or key, and the object deleted by default.

Facts: knative eventing v1.22 integrationsource, eventing-integrations: types `dev.knative.eventing.aws-s3`, in older
builds `dev.knative.connector.event.aws-s3`; the subject is constant. What the answer would be to cannot be told, so it
is refused aloud: counted as ignored, it would look like success while uploads vanish.
"""

from __future__ import annotations

from typing import Any, NoReturn

from events.errors import Malformed
from events.event import Event
from events.senders.base import Kind, Sender


def read(_message: Any, _event: Event | None = None) -> NoReturn:
    """Refuse it, with a remedy.

    Raises:
        Malformed: always.
    """
    raise Malformed(
        [
            "data: names neither bucket nor key, an IntegrationSource for S3 sends only an object's bytes",
            "remedy: let the bucket notify an SQS queue, and use an IntegrationSource for SQS",
        ]
    )


SENDER = Sender(
    name="integration-s3",
    title="Knative IntegrationSource for S3 (refused)",
    read=read,
    kinds=(Kind("dev.knative.eventing.aws-s3"), Kind("dev.knative.connector.event.aws-s3")),
    hook=False,
    keys="missing",
    json=False,
)
