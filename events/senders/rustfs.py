"""RustFS's webhook: MinIO's shape, written by another hand.

Facts: rustfs/rustfs crates/notify/src/event.rs (eventSource `rustfs:s3`, key by form_urlencoded::byte_serialize).
"""

from __future__ import annotations

from functools import partial

from events.fields import form_key
from events.senders import s3
from events.senders.base import Sender

SENDER = Sender(
    name="rustfs", title="RustFS", read=partial(s3.read, sender="rustfs", key=form_key), keys="form-encoded, `/` too"
)
