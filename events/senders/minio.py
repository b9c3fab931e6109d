"""MinIO's webhook: S3's records under EventName and Key, names with `s3:`, keys form-encoded with `/` as `%2F`.

Facts: minio/minio internal/event/target/webhook.go and cmd/event-notification.go. Success is any 2xx; with a queue
directory a refused message is repeated for ever and holds up those behind it, without one it is lost. ObjectCreated:*
includes PutTagging, PutRetention and PutLegalHold.
"""

from __future__ import annotations

from functools import partial

from events.fields import form_key
from events.senders import s3
from events.senders.base import Sender

SENDER = Sender(
    name="minio", title="MinIO", read=partial(s3.read, sender="minio", key=form_key), keys="form-encoded, `/` too"
)
