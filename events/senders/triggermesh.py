"""TriggerMesh's AWSS3Source: one S3 record an event, type in lower case.

Facts: triggermesh/triggermesh v1.27 awss3source process.go: type `com.amazon.s3.` + family in lower case, source the
bucket's ARN, subject and key still form-encoded, and a new id at every redelivery.
"""

from __future__ import annotations

from functools import partial

from events.fields import form_key
from events.senders import s3
from events.senders.base import Kind, Sender

SENDER = Sender(
    name="triggermesh",
    title="TriggerMesh AWSS3Source",
    read=partial(s3.read, sender="triggermesh", key=form_key),
    kinds=(Kind("com.amazon.s3.*"),),
    hook=False,
    keys="form-encoded",
)
