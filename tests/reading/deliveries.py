"""What the handler of an event does, in short, for tests of the protocol of writing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from function.reading.uploads.commit import Commit, Finished, Payload, Upload, result_id
from function.stores.base import ObjectHead
from function.stores.memory import MemoryStore

KEY, NAME = "scans/a.pdf", "out/scans/a.pdf"


def upload(store: MemoryStore, text: str) -> Upload:
    """Put a document, and tell the upload as a careful event does."""
    store.put("inbox", KEY, text.encode(), media_type="application/pdf")
    head = store.head("inbox", KEY)
    assert head
    return Upload("inbox", KEY, head.version, head.etag)


def commit(store: Any, event: Upload) -> Commit:
    """One delivery's."""
    return Commit(inbox=store, results=store, upload=event, bucket="results", name=NAME)


def deliver(store: Any, event: Upload, *, engine: str = "e1", formats: Sequence[str] = ("md",)) -> str:
    """What the handler of an event does; a document that begins with `bad` is refused."""
    writing = commit(store, event)
    begun = writing.start()
    return begun.id if isinstance(begun, Finished) else answer(store, writing, begun, engine, formats)


def answer(store: Any, writing: Commit, head: ObjectHead, engine: str = "e1", formats: Sequence[str] = ("md",)) -> str:
    """Read it, write it."""
    with store.get(head.bucket, head.key, version=head.version, etag=head.etag, max_bytes=1000) as body:
        text = body.read(1000).decode()
    told = json.dumps({"id": result_id(head, engine), "text": text}).encode()
    if text.startswith("bad"):
        return writing.refuse(head, engine, Payload("error.json", "application/json", told))
    others = [Payload(suffix, "text/markdown", text.encode()) for suffix in formats]
    return writing.finish(head, engine, Payload("json", "application/json", told), others, {"ocr-pages": "3"}).id


def content(store: MemoryStore, suffix: str) -> str | None:
    """What a result holds; None where there is none."""
    key = f"{NAME}.{suffix}"
    if store.head("results", key) is None:
        return None
    with store.get("results", key, max_bytes=1000) as body:
        text = body.read(1000).decode()
    return str(json.loads(text)["text"]) if suffix.endswith("json") else text
