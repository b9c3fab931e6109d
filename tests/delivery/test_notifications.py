"""The whole way: an upload by any S3 client, the store's own notification, the result."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from events import ours
from tests.broker import Broker
from tests.delivery.notifications import subscribe
from tests.delivery.pod import Pod
from tests.delivery.store_proxy import StoreProxy
from tests.doors.conftest import stamped_png
from tests.s3_server import S3Server

KEYS = [
    "plain.png",
    "folder/in a folder/scan.png",
    "with space.png",
    " leading and trailing .png",
    "plus+and%20percent%.png",
    "100%.png",
    "%2e%2e/up.png",
    "../up.png",
    "./here.png",
    "a//b.png",
    "query?a=b&c=d#e.png",
    "quotes'\"`.png",
    "<xml>&amp;.png",
    "back\\slash.png",
    "semi;colon,comma=equals@at$dollar.png",
    "季度报告 2026.png",
    "Übergröße é́.png",
    "emoji 😀👩‍👧.png",
    "right-to-left שלום.png",
    "control\x01\x1f.png",
    "tab\there.png",
    "x" * (1024 - len("in/.png")) + ".png",
    "upper.PNG",
]


@pytest.fixture(scope="module")
def proxy(s3_server: S3Server) -> Iterator[StoreProxy]:
    """Between the function and its store, to see where it is."""
    with StoreProxy(s3_server.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def pod(s3_server: S3Server, proxy: StoreProxy) -> Iterator[Pod]:
    """Told by the store through SNS, reading what comes back from the broker."""
    with Broker(backoff=0.01) as broker, Pod(s3_server, broker, store=proxy.url, OCR_SNS_VERIFY="false") as running:
        subscribe(s3_server, running.inbox, f"{running.server.url}/hooks/sns", prefix="in/")
        yield running


def test_the_stores_test_message_is_ignored(pod: Pod) -> None:
    """It comes when notifications are set up."""
    assert pod.metric("zeropage_ignored_events_total", reason="test") == 1


def test_an_upload_of_any_key_becomes_its_result(pod: Pod) -> None:
    """Found through the reply, below the results prefix, each under a name of its own."""
    before = len(pod.broker.entered)
    uploads = {f"in/{key}": pod.upload(key, stamped_png(f"document {n}")) for n, key in enumerate(KEYS)}
    pod.broker.wait()

    told = [event for event in pod.broker.entered[before:] if event.type == ours.PARSED]
    addresses = {event.data["key"]: event.data["results"]["markdown"] for event in told}
    assert sorted(addresses) == sorted(uploads)
    assert len(set(addresses.values())) == len(KEYS)
    for number, (key, upload) in enumerate(uploads.items()):
        root = f"s3://{pod.results}/out/"
        assert addresses[key].startswith(root), key
        name = addresses[key].removeprefix(root)
        assert ".." not in name.split("/")
        text, metadata = pod.result(name)
        assert text.decode() == f"document {number}\n"
        assert metadata["ocr-source-version"] == upload.version


def test_every_way_of_uploading_is_told(pod: Pod, s3_server: S3Server) -> None:
    """In one piece, in parts, as a copy."""
    before = len(pod.broker.entered)
    body = stamped_png("ways")
    s3_server.s3.upload_fileobj(io.BytesIO(body), pod.inbox, "in/file.png")
    parts = s3_server.s3.create_multipart_upload(Bucket=pod.inbox, Key="in/parts.png")
    where = {"Bucket": pod.inbox, "Key": "in/parts.png", "UploadId": parts["UploadId"]}
    part = s3_server.s3.upload_part(**where, PartNumber=1, Body=body)
    listed = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3_server.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": listed})
    s3_server.s3.copy_object(Bucket=pod.inbox, Key="in/copy.png", CopySource=f"{pod.inbox}/in/file.png")
    pod.broker.wait()

    # As a set: moto tells of the one in parts twice, as Put and as CompleteMultipartUpload.
    told = {event.data["key"] for event in pod.broker.entered[before:] if event.type == ours.PARSED}
    assert told == {"in/copy.png", "in/file.png", "in/parts.png"}
    assert pod.versions().count("parts.png.json") == 1


def test_a_second_upload_that_overtakes_the_first_wins(pod: Pod, proxy: StoreProxy) -> None:
    """The first is being read when the second comes and is finished before it."""
    before, fetched = len(pod.broker.attempts), f"GET /{pod.inbox}/in/overtaken.png"
    pod.upload("overtaken.png", stamped_png("first stub:wait=3"))
    proxy.wait_for(fetched)
    second = pod.upload("overtaken.png", stamped_png("second"))
    pod.broker.wait()

    assert [attempt.status for attempt in pod.broker.attempts[before:]] == [204, 200]
    text, metadata = pod.result("overtaken.png.md")
    assert (text, metadata["ocr-source-version"]) == (b"second\n", second.version)
    assert pod.versions().count("overtaken.png.json") == 1


def test_events_that_come_late_change_nothing(pod: Pod) -> None:
    """Three uploads of one key, and only then a pod; whatever the order, the last one's text stands."""
    ready, pod.broker.subscriber = pod.broker.subscriber, ""
    uploads = [pod.upload("late.png", stamped_png(text)) for text in ("one", "two", "three")]
    before = len(pod.broker.attempts)
    pod.broker.subscriber = ready
    pod.broker.wait()

    assert sorted(attempt.status for attempt in pod.broker.attempts[before:]) == [200, 204, 204]
    text, metadata = pod.result("late.png.md")
    assert (text, metadata["ocr-source-version"]) == (b"three\n", uploads[-1].version)


def test_without_a_broker_the_result_stands_when_the_upload_returns(s3_server: S3Server) -> None:
    """The smallest installation: the store posts to the function, which reads at once."""
    with Broker() as broker, Pod(s3_server, broker, K_SINK="", OCR_SNS_VERIFY="false") as pod:
        subscribe(s3_server, pod.inbox, f"{pod.server.url}/hooks/sns", prefix="in/")
        pod.upload("scan 1+2.png", stamped_png("inline"))

        assert pod.result("scan 1+2.png.md")[0] == b"inline\n"
        assert broker.entered == []
