"""What is damaged on its way to or from S3 is an outage: never another document, and nothing unforeseen."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from function.errors import StoreDenied, StoreUnavailable
from function.stores.s3 import Connection, S3Store
from tests.s3_server import S3Server
from tests.stores.scripted import Answer, ScriptedStore

_CRC32 = "x-amz-checksum-crc32"
_LISTED = b"""<?xml version="1.0"?><ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated><Contents>
<Key>a.pdf</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"e"</ETag><Size>12</Size>
</Contents></ListBucketResult>"""


@pytest.fixture
def store(answering: tuple[ScriptedStore, Connection]) -> S3Store:
    """A client of the store that answers as told."""
    return S3Store(answering[1])


def crc32(body: bytes) -> str:
    """As S3 tells it."""
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def test_a_download_that_differs_from_its_checksum_is_an_outage(scripted: ScriptedStore, store: S3Store) -> None:
    """Heard before the last bytes are handed on, so that nobody who passes them on ends as if all were well."""
    scripted.script = [Answer(body=b"other bytes", headers={_CRC32: crc32(b"these bytes")})]
    body = store.get("inbox", "a.pdf", max_bytes=100)

    assert body.read(5) == b"other"
    with pytest.raises(StoreUnavailable, match="FlexibleChecksumError"):
        body.read(6)
    assert scripted.asked[-1][2]["x-amz-checksum-mode"] == "ENABLED"


def test_a_download_that_agrees_with_its_checksum_or_has_none_is_read(scripted: ScriptedStore, store: S3Store) -> None:
    """The checksum of an upload in parts is another one than that of its bytes, and not compared."""
    for headers in ({_CRC32: crc32(b"bytes")}, {}, {_CRC32: f"{crc32(b'others')}-2"}):
        scripted.script = [Answer(body=b"bytes", headers=headers)]
        with store.get("inbox", "a.pdf", max_bytes=100) as body:
            assert [body.read(5), body.read(5)] == [b"bytes", b""]


def test_what_we_write_has_a_checksum_in_the_store(s3_server: S3Server, s3_store: S3Store) -> None:
    """So damaged downloads of our own objects are noticed, too, ours and those of others."""
    bucket = s3_server.bucket()
    s3_store.put(bucket, "a.json", b"result", media_type="application/json")
    answer = s3_server.s3.get_object(Bucket=bucket, Key="a.json", ChecksumMode="ENABLED")
    answer["Body"].close()

    assert answer["ChecksumCRC32"] == crc32(b"result")


def test_a_put_tells_its_checksums_beforehand(scripted: ScriptedStore, store: S3Store) -> None:
    """Content-MD5 is known to every store, headers of a CRC32 to many; a framing that tells it behind, to fewer."""
    scripted.script = [Answer()]
    store.put("inbox", "a.pdf", b"x", media_type="a/b")
    _, path, headers = scripted.asked[-1]

    assert path == "/inbox/a.pdf"
    assert headers["content-md5"] == base64.b64encode(hashlib.md5(b"x").digest()).decode()
    assert headers[_CRC32] == crc32(b"x")
    assert "x-amz-trailer" not in headers
    assert "chunked" not in headers.get("transfer-encoding", "") + headers.get("content-encoding", "")


@pytest.mark.parametrize(
    ("status", "code"), [(400, "InvalidArgument"), (501, "NotImplemented"), (403, "SignatureDoesNotMatch")]
)
def test_a_store_that_refuses_the_newer_checksum_gets_none(
    scripted: ScriptedStore, store: S3Store, status: int, code: str
) -> None:
    """Found out at the first writing; from then on it is not sent."""
    scripted.script = [Answer(status, code), Answer()]
    for _ in range(2):
        store.put("results", "a.json", b"x", media_type="a/b")

    assert [_CRC32 in headers for *_, headers in scripted.asked] == [True, False, False]
    assert all("content-md5" in headers for *_, headers in scripted.asked)


def test_a_store_that_took_a_checksum_refuses_for_another_reason(scripted: ScriptedStore, store: S3Store) -> None:
    """Then nothing is sent twice; and what is refused without it, too, is told."""
    scripted.script = [Answer(), Answer(400, "InvalidArgument")]
    store.put("results", "a.json", b"x", media_type="a/b")
    with pytest.raises(StoreUnavailable):
        store.put("results", "a.json", b"x", media_type="a/b")
    assert len(scripted.asked) == 2

    scripted.script = [Answer(403, "SignatureDoesNotMatch")]
    with pytest.raises(StoreDenied):
        S3Store(store._connection).put("results", "a.json", b"x", media_type="a/b")


@pytest.mark.parametrize(
    "body",
    [
        _LISTED[: len(_LISTED) // 2],
        _LISTED.replace(b"</Key>", b"<\x2fKez>"),
        _LISTED.replace(b"12", b"1g"),
        _LISTED.replace(b"2026-01", b"2026-91"),
        _LISTED.replace(b"2026-01", b"202\xb66-0"),
        _LISTED.replace(b"<Key>a.pdf</Key>", b""),
    ],
    ids=["cut", "no XML", "no number", "no date", "no text", "no key"],
)
def test_a_listing_that_is_damaged_is_an_outage(scripted: ScriptedStore, store: S3Store, body: bytes) -> None:
    """It bears no checksum; one that cannot be read is asked for again with the delivery, not a fault of ours."""
    scripted.script = [Answer(body=_LISTED)]
    assert [head.key for head in store.scan("inbox")] == ["a.pdf"]
    scripted.script = [Answer(body=body)]

    with pytest.raises(StoreUnavailable, match="ListObjectsV2"):
        list(store.scan("inbox"))
