"""Knative's IntegrationSource for SQS (the former Camel connector): the message's body, whatever wrote it.

Facts: knative eventing v1.22 integrationsource, eventing-integrations: the type is `dev.knative.eventing.aws-sqs`, in
older builds `dev.knative.connector.event.aws-sqs`; source and subject are constant, and the id is new at every poll.
"""

from __future__ import annotations

from events.senders import inner
from events.senders.base import Kind, Sender

SENDER = Sender(
    name="sqs",
    title="Knative IntegrationSource for SQS",
    read=inner.read,
    kinds=(Kind("dev.knative.eventing.aws-sqs"), Kind("dev.knative.connector.event.aws-sqs")),
    hook=False,
    keys="as within: form-encoded (S3), as it is (EventBridge)",
)
