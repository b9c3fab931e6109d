"""Ceph's RADOS gateway, as CloudEvents or plain, and knative's CephSource: S3's records, keys as they are.

Facts: ceph/ceph src/rgw/driver/rados/rgw_pubsub_push.cc; knative-extensions/eventing-ceph. The type is spelled
`com.amazonaws.ObjectCreated:Put`, `com.amazonaws.s3:ObjectCreated:Put` or, as the specification has it,
`com.amazonaws.s3.ObjectCreated:Put`. The body is still `Records` (CephSource: one record). ce-subject is the key as raw
bytes without percent-encoding, so a `%` in it would be misread: the key is taken from the body.
"""

from __future__ import annotations

from functools import partial

from events.fields import raw_key
from events.senders import s3
from events.senders.base import Kind, Sender

SENDER = Sender(
    name="ceph",
    title="Ceph RGW, CephSource",
    read=partial(s3.read, sender="ceph", key=raw_key),
    kinds=(Kind("com.amazonaws.Object*"), Kind("com.amazonaws.s3:*"), Kind("com.amazonaws.s3.*", source="ceph:")),
)
