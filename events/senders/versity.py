"""Versity's S3 gateway: S3's records, keys as they are, a test message at its start.

Facts: versity/versitygw s3event/event.go and webhook.go. It names itself `aws:s3`, so only the path of the webhook
tells it apart; older versions post the bare list of records, and a completed multipart upload or a copy has no size.
Three seconds, no retry: what is not answered is lost.
"""

from __future__ import annotations

from functools import partial

from events.fields import raw_key
from events.senders import s3
from events.senders.base import Sender

SENDER = Sender(name="versity", title="Versity S3 gateway", read=partial(s3.read, sender="versity", key=raw_key))
