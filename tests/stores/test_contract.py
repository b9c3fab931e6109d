"""What every store promises, run against every kind; S3 over real HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from function.errors import BadRequest, SourceGone, StoreUnavailable, TooLarge
from function.stores.base import ABSENT, Conflict, Content, Replaced, Store

LIMIT = 1 << 20
ODD_KEYS = [
    "a b+c%20d.pdf",
    "报告/第1页.pdf",
    "🦓 zebra.png",
    "deep/er/and/deeper.tif",
    "q?a=1&b#c.pdf",
    'it\'s "x".pdf',
]


def _put(store: Store, bucket: str, key: str, body: Content = b"bytes", **more: object) -> str:
    return store.put(bucket, key, body, media_type="text/plain", **more)


def _read(store: Store, bucket: str, key: str, **pin: str) -> bytes:
    with store.get(bucket, key, max_bytes=LIMIT, **pin) as body:
        return b"".join(iter(lambda: body.read(3), b""))


def _keys(store: Store, bucket: str, prefix: str = "", after: str = "") -> list[str]:
    return [head.key for head in store.scan(bucket, prefix, after=after)]


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except Conflict:
        return "conflict"
    return "written"


@pytest.mark.parametrize("key", ODD_KEYS)
def test_an_object_comes_back_as_it_was_written(store: Store, bucket: str, key: str) -> None:
    """Bytes, size, etag and time, under keys with every odd character."""
    etag = _put(store, bucket, key, b"the bytes")
    head = store.head(bucket, key)

    assert _read(store, bucket, key) == b"the bytes"
    assert (head.bucket, head.key, head.size, head.etag) == (bucket, key, 9, etag)
    assert '"' not in etag
    assert abs(head.modified - datetime.now(timezone.utc)) < timedelta(hours=1)
    assert _keys(store, bucket) == [key]


def test_a_file_is_written_from_its_beginning_and_stays_open(store: Store, bucket: str) -> None:
    """As large results are, which are never in memory; wherever it was read to before."""
    body = bytes(range(256)) * 5000  # more than is read at once
    with tempfile.TemporaryFile() as file:
        file.write(body)
        etags = {_put(store, bucket, key, file) for key in ("a", "b")}

    assert etags == {_put(store, bucket, "c", body)}
    for key in ("a", "b"):
        with store.get(bucket, key, max_bytes=len(body)) as written:
            assert b"".join(iter(lambda: written.read(1 << 20), b"")) == body


def test_what_is_absent_is_none_to_a_head_and_gone_to_a_get(store: Store, bucket: str) -> None:
    """A target may be absent; a source may not."""
    assert store.head(bucket, "nothing") is None
    with pytest.raises(SourceGone):
        store.get(bucket, "nothing", max_bytes=LIMIT)
    with pytest.raises(SourceGone):
        store.get(bucket, "nothing", max_bytes=LIMIT, etag="0" * 32)


def test_a_missing_bucket_is_an_outage_that_says_so(store: Store) -> None:
    """It is our configuration; the delivery succeeds once it is mended."""
    attempts = (
        lambda: store.get("missing-bucket", "a.pdf", max_bytes=LIMIT),
        lambda: _put(store, "missing-bucket", "a.pdf"),
        lambda: _put(store, "missing-bucket", "a.pdf", only_if=ABSENT),
        lambda: _keys(store, "missing-bucket"),
        lambda: store.conditional_puts("missing-bucket"),
    )
    for attempt in attempts:
        with pytest.raises(StoreUnavailable) as caught:
            attempt()
        assert "missing-bucket" in caught.value.detail
        assert "reate the" in caught.value.remedy


def test_metadata_survives_whatever_its_script(store: Store, bucket: str) -> None:
    """S3 keeps ASCII only; names of documents are in every script."""
    metadata = {
        "ocr-name": "Überweisung 第1页 🦓.pdf",
        "ocr-plain": "1-3,7",
        "percent": "100%25 =?",
        "empty": "",
        "spaces": " around ",
        "line": "two\nlines",
        "word": "=?UTF-8?B?YWJj?=",
    }
    _put(store, bucket, "a.pdf", metadata=metadata)

    assert store.head(bucket, "a.pdf").metadata == metadata
    with store.get(bucket, "a.pdf", max_bytes=LIMIT) as body:
        assert body.head.metadata == metadata


def test_a_new_writing_replaces_bytes_and_metadata(store: Store, bucket: str) -> None:
    """Nothing of the old one shines through."""
    first = _put(store, bucket, "a.pdf", b"old", metadata={"one": "1"})
    second = _put(store, bucket, "a.pdf", b"new", metadata={"two": "2"})

    assert first != second
    assert _read(store, bucket, "a.pdf") == b"new"
    assert store.head(bucket, "a.pdf").metadata == {"two": "2"}


def test_the_same_bytes_have_the_same_etag_and_their_own_metadata(store: Store, bucket: str) -> None:
    """An etag follows the bytes alone."""
    first = _put(store, bucket, "a.pdf", b"same", metadata={"one": "1"})
    second = _put(store, bucket, "a.pdf", b"same", metadata={"two": "2"})

    assert first == second
    assert store.head(bucket, "a.pdf").metadata == {"two": "2"}


def test_only_if_absent_writes_once(store: Store, bucket: str) -> None:
    """If-None-Match: the second comes too late, and changes nothing."""
    _put(store, bucket, "a.json", b"first", only_if=ABSENT)

    with pytest.raises(Conflict):
        _put(store, bucket, "a.json", b"second", only_if=ABSENT)
    assert _read(store, bucket, "a.json") == b"first"
    store.delete(bucket, "a.json")
    _put(store, bucket, "a.json", b"third", only_if=ABSENT)
    assert _read(store, bucket, "a.json") == b"third"


def test_only_if_unchanged_writes_over_what_was_seen(store: Store, bucket: str) -> None:
    """If-Match: not over anything else, nor where nothing stands any longer."""
    seen = _put(store, bucket, "a.json", b"first")
    _put(store, bucket, "a.json", b"second", only_if=seen)

    with pytest.raises(Conflict):
        _put(store, bucket, "a.json", b"third", only_if=seen)
    with pytest.raises(Conflict):
        _put(store, bucket, "absent.json", b"third", only_if=seen)
    assert _read(store, bucket, "a.json") == b"second"
    assert store.head(bucket, "absent.json") is None


def test_of_many_writers_at_once_one_wins(store: Store, bucket: str) -> None:
    """The condition and the writing are one step."""
    with ThreadPoolExecutor(8) as pool:
        bodies = [f"writer {number}".encode() for number in range(8)]
        outcomes = list(
            pool.map(lambda body: _outcome(lambda: _put(store, bucket, "a.json", body, only_if=ABSENT)), bodies)
        )

    assert sorted(outcomes) == ["conflict"] * 7 + ["written"]
    assert _read(store, bucket, "a.json") == bodies[outcomes.index("written")]


def test_a_read_is_pinned_to_its_etag(store: Store, bucket: str) -> None:
    """A replaced upload is a signal, not an error: its own event follows."""
    seen = _put(store, bucket, "a.pdf", b"first")
    assert _read(store, bucket, "a.pdf", etag=seen) == b"first"
    _put(store, bucket, "a.pdf", b"second")

    with pytest.raises(Replaced):
        store.get(bucket, "a.pdf", max_bytes=LIMIT, etag=seen)


def test_a_read_is_pinned_to_its_version(store: Store, bucket: str, kind: str) -> None:
    """Where a bucket keeps versions, the very one is read, until it is deleted."""
    _put(store, bucket, "a.pdf", b"first")
    first = store.head(bucket, "a.pdf")
    _put(store, bucket, "a.pdf", b"second")
    if not kind.endswith("versioned"):
        assert first.version in {"", "null"}
        return

    assert first.version != store.head(bucket, "a.pdf").version
    assert _read(store, bucket, "a.pdf", version=first.version) == b"first"
    assert _read(store, bucket, "a.pdf", version="null") == b"second"
    store.delete(bucket, "a.pdf")
    assert store.head(bucket, "a.pdf") is None
    assert _read(store, bucket, "a.pdf", version=first.version, etag=first.etag) == b"first"
    with pytest.raises(SourceGone):
        store.get(bucket, "a.pdf", max_bytes=LIMIT)


def test_an_object_over_the_limit_is_never_read(store: Store, bucket: str) -> None:
    """Refused by its size, naming the variable; up to the limit it is read."""
    _put(store, bucket, "a.pdf", b"12345678")

    with pytest.raises(TooLarge, match="OCR_MAX_BYTES"):
        store.get(bucket, "a.pdf", max_bytes=7)
    with store.get(bucket, "a.pdf", max_bytes=8) as body:
        assert body.read(100) == b"12345678"
        assert body.read(100) == b""


def test_a_body_keeps_its_bytes_while_the_object_is_replaced(store: Store, bucket: str) -> None:
    """What was opened is read to its end, or fails; never half of each."""
    _put(store, bucket, "a.pdf", b"first")
    with store.get(bucket, "a.pdf", max_bytes=LIMIT) as body:
        _put(store, bucket, "a.pdf", b"other")
        assert body.read(5) == b"first"


def test_deleting_is_done_when_nothing_is_there(store: Store, bucket: str) -> None:
    """Twice is as good as once."""
    seen = _put(store, bucket, "a.pdf")
    store.delete(bucket, "a.pdf")
    store.delete(bucket, "a.pdf")
    store.delete(bucket, "a.pdf", only_if=seen)

    assert store.head(bucket, "a.pdf") is None


def test_deleting_only_what_was_seen(store: Store, bucket: str) -> None:
    """A newer object stays."""
    seen = _put(store, bucket, "a.error.json", b"old")
    newer = _put(store, bucket, "a.error.json", b"newer")

    with pytest.raises(Conflict):
        store.delete(bucket, "a.error.json", only_if=seen)
    assert _read(store, bucket, "a.error.json") == b"newer"
    store.delete(bucket, "a.error.json", only_if=newer)
    assert store.head(bucket, "a.error.json") is None


def test_a_scan_goes_in_order_of_bytes_over_its_pages(store: Store, bucket: str) -> None:
    """Below the prefix only, resumable behind any key."""
    keys = ["in/a b.pdf", "in/a.pdf", "in/a/1.pdf", "in/a/2.pdf", "in/é.pdf", "in/🦓.pdf", "inbox.pdf", "other/a.pdf"]
    for key in reversed(keys):
        _put(store, bucket, key, key.encode())

    assert _keys(store, bucket) == keys
    assert _keys(store, bucket, "in/") == keys[:6]
    assert _keys(store, bucket, "in/a") == keys[:4]
    assert _keys(store, bucket, "in/a/") == keys[2:4]
    assert _keys(store, bucket, "in/", after="in/a/1.pdf") == keys[3:6]
    assert _keys(store, bucket, "nothing/") == []
    found = {head.key: head for head in store.scan(bucket, "in/")}
    head = store.head(bucket, "in/é.pdf")
    assert (found["in/é.pdf"].etag, found["in/é.pdf"].size) == (head.etag, head.size)


def test_a_store_says_whether_it_honours_conditions_and_leaves_nothing_behind(store: Store, bucket: str) -> None:
    """Asked once at start; not even an older version of the probe stays."""
    assert store.conditional_puts(bucket, "results")
    assert store.conditional_puts(bucket)
    assert _keys(store, bucket) == []


@pytest.mark.parametrize(
    "key", ["../out.pdf", "a/../../out.pdf", "/etc/passwd", "a//b", ".", "%2e%2e/out.pdf", "a\\..\\b"]
)
def test_a_hostile_key_stays_in_its_bucket(store: Store, bucket: str, kind: str, key: str) -> None:
    """A store of files refuses what would leave it; to others it is a name like any."""
    if kind == "disk" and not key.startswith(("%", "a\\")):
        with pytest.raises(BadRequest):
            _put(store, bucket, key, b"hostile")
        return
    _put(store, bucket, key, b"hostile")

    assert _keys(store, bucket) == [key]
    assert _read(store, bucket, key) == b"hostile"


def test_an_empty_and_a_large_object_are_objects(store: Store, bucket: str) -> None:
    """Sizes at both ends."""
    big = bytes(range(256)) * 4096
    _put(store, bucket, "empty", b"")
    _put(store, bucket, "big", big)

    assert _read(store, bucket, "empty") == b""
    with store.get(bucket, "big", max_bytes=LIMIT) as body:
        assert b"".join(iter(lambda: body.read(1 << 16), b"")) == big


def test_an_address_takes_one_upload_with_its_metadata_or_there_is_none(store: Store, bucket: str, kind: str) -> None:
    """Whoever has it needs no credentials; what was signed cannot be left out. Stores of one machine have none."""
    address = store.presign_put(bucket, "jobs/1/a b.pdf", metadata={"ocr-tier": "fast", "ocr-name": "é"}, seconds=60)
    if not kind.startswith("s3"):
        assert address is None
        return

    assert address is not None
    signed = parse_qs(urlsplit(address.url).query)
    assert signed["X-Amz-Expires"] == ["60"]
    assert {"host", *address.headers} <= set(signed["X-Amz-SignedHeaders"][0].split(";"))
    assert "X-Amz-Signature" not in repr(address)

    assert requests.put(address.url, data=b"%PDF", headers=dict(address.headers), timeout=30).status_code == 200

    head = store.head(bucket, "jobs/1/a b.pdf")
    assert head is not None
    assert (head.size, head.metadata) == (4, {"ocr-tier": "fast", "ocr-name": "é"})
