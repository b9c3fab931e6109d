"""The protocol of writing results, over every kind of store as it really is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from function.reading.uploads.commit import Commit, Finished, Payload, Upload
from function.stores.base import ObjectHead, Replaced, Store

KEY = "in/报告 1+1.pdf"


def _commit(store: Store, bucket: str, upload: Upload) -> Commit:
    return Commit(inbox=store, results=store, upload=upload, bucket=bucket, name="out/报告 1+1.pdf")


def _upload(store: Store, bucket: str, body: bytes) -> Upload:
    store.put(bucket, KEY, body, media_type="application/pdf")
    head = store.head(bucket, KEY)
    assert head
    return Upload(bucket, KEY, head.version, head.etag)


def _deliver(store: Store, upload: Upload) -> Finished:
    writing = _commit(store, upload.bucket, upload)
    begun = writing.start()
    if isinstance(begun, Finished):
        return begun
    with store.get(begun.bucket, begun.key, max_bytes=100, version=begun.version, etag=begun.etag) as body:
        text = body.read(100)
    result = Payload("json", "application/json", b'{"text": "%s"}' % text)
    return writing.finish(begun, "engine", result, [Payload("md", "text/markdown", text)], {"ocr-pages": "2"})


def _content(store: Store, bucket: str, suffix: str) -> bytes:
    with store.get(bucket, f"out/报告 1+1.pdf.{suffix}", max_bytes=100) as body:
        return body.read(100)


def test_a_delivery_a_redelivery_and_a_newer_upload(store: Store, bucket: str) -> None:
    """Written once, told again, replaced; the old event is superseded."""
    old = _upload(store, bucket, b"old")
    first = _deliver(store, old)
    again = _deliver(store, old)

    assert (first.fresh, again.fresh) == (True, False)
    assert (again.id, again.metadata["ocr-pages"]) == (first.id, "2")
    newest = _deliver(store, _upload(store, bucket, b"new"))
    assert newest.id != first.id
    assert (_content(store, bucket, "json"), _content(store, bucket, "md")) == (b'{"text": "new"}', b"new")
    with pytest.raises(Replaced):
        _commit(store, bucket, old).start()


def test_many_deliveries_of_one_upload_at_once_write_it_once(store: Store, bucket: str) -> None:
    """Whoever comes second tells the id of the first."""
    upload = _upload(store, bucket, b"bytes")
    with ThreadPoolExecutor(4) as pool:
        finished = list(pool.map(lambda _: _deliver(store, upload), range(4)))

    assert sum(one.fresh for one in finished) == 1
    assert len({one.id for one in finished}) == 1


def test_a_refusal_comes_and_goes(store: Store, bucket: str) -> None:
    """Removed by the result of a better upload."""
    upload = _upload(store, bucket, b"bad")
    writing = _commit(store, bucket, upload)
    begun = writing.start()
    assert isinstance(begun, ObjectHead)
    writing.refuse(begun, "engine", Payload("error.json", "application/problem+json", b'{"title": "Bad"}'))
    assert _content(store, bucket, "error.json") == b'{"title": "Bad"}'
    _deliver(store, _upload(store, bucket, b"good"))

    assert sorted(head.key for head in store.scan(bucket, "out/")) == [
        "out/报告 1+1.pdf.json",
        "out/报告 1+1.pdf.md",
    ]
