from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from events import samples, senders
from events.errors import Malformed
from events.event import Event
from events.senders.base import MAX_RECORDS
from events.senders.s3_names import why_not
from events.uploads import DocumentUploaded, Ignored, Unreadable

KEYS = [
    "plain.pdf",
    "two words.pdf",
    "a+b.pdf",
    "100%.pdf",
    "%41%2F.pdf",
    "deep/er/file.pdf",
    "季度报告.pdf",
    "😀.pdf",
    "季 度+50%/😀&=?#.pdf",
    "../../etc/passwd.pdf",
    "%2e%2e/%2e%2e/x.pdf",
    "a\x00b\nc.pdf",
    "/leading//double.pdf",
    'q"uo\\te.pdf',
    "k" * 1020 + ".pdf",
]
AS_IT_IS, FORM = str, quote_plus


def s3_key(message: Any, key: str) -> None:
    """Put a key where S3's records have it."""
    record = message["Records"][0] if "Records" in message else message
    record["s3"]["object"]["key"] = key


#: By sample: how the sender writes a key, and where.
WRITTEN: dict[str, tuple[Any, Any]] = {
    "s3-records": (lambda key: quote_plus(key, safe="/"), s3_key),
    "s3-cloudevent": (lambda key: quote_plus(key, safe="/"), s3_key),
    "sqs": (lambda key: quote_plus(key, safe="/"), s3_key),
    "triggermesh": (lambda key: quote_plus(key, safe="/"), s3_key),
    "minio": (FORM, s3_key),
    "rustfs": (FORM, s3_key),
    "ceph": (AS_IT_IS, s3_key),
    "ceph-s3-dot": (AS_IT_IS, s3_key),
    "ceph-source": (AS_IT_IS, s3_key),
    "versity": (AS_IT_IS, s3_key),
    "eventbridge": (AS_IT_IS, lambda message, key: message["detail"]["object"].update(key=key)),
    "gcs": (AS_IT_IS, lambda message, key: message.update(name=key)),
    "gcs-pubsub": (AS_IT_IS, lambda message, key: message["message"]["attributes"].update(objectId=key)),
    "alibaba": (AS_IT_IS, lambda message, key: message["oss"]["object"].update(key=key)),
    "tencent": (
        lambda key: f"/1250000000/inbox/{key}",
        lambda message, key: message["Records"][0]["cos"]["cosObject"].update(key=key),
    ),
    "baidu": (AS_IT_IS, lambda message, key: message["events"][0]["content"].update(object=key)),
    "r2": (AS_IT_IS, lambda message, key: message["object"].update(key=key)),
    "zeropage-uploaded": (AS_IT_IS, lambda message, key: message.update(key=key)),
}


def read(sample: samples.Sample, message: Any) -> list[Any]:
    """The sample's sender says something else."""
    if "hook" in sample.modes:
        return list(senders.read_hook(sample.sender, json.dumps(message).encode()))
    event = Event("1", sample.headers["ce-source"], sample.headers["ce-type"], data=message)
    return list(senders.read_event(event))


def changed(name: str, key: str) -> list[Any]:
    """A sample about another key, written as its sender would."""
    sample = samples.load(name)
    message = copy.deepcopy(sample.body)
    write, put = WRITTEN[name]
    put(message, write(key))
    return read(sample, message)


def test_every_sender_of_keys_is_tried() -> None:
    """SNS hands on others' messages; SeaweedFS's paths have a test of their own."""
    tried = {samples.load(name).sender for name in WRITTEN}

    assert {sender.name for sender in senders.ALL} - tried == {"sns", "seaweedfs", "integration-s3"}


@pytest.mark.parametrize("key", KEYS, ids=ascii)
@pytest.mark.parametrize("name", WRITTEN)
def test_a_key_arrives_as_the_uploader_chose_it(name: str, key: str) -> None:
    """Decoded exactly as often as the sender encodes, hostile or not."""
    (upload,) = changed(name, key)

    assert upload.key == key


@pytest.mark.parametrize("name", WRITTEN)
def test_a_key_that_no_object_can_have_is_refused(name: str) -> None:
    """S3's limit is 1,024 bytes of UTF-8, whatever they look like on the way."""
    with pytest.raises(Malformed, match="key: has 1026 bytes; a key has at most 1024"):
        changed(name, "季" * 342)


@pytest.mark.parametrize("name", sorted(set(WRITTEN) - {"tencent"}))
def test_a_missing_key_is_named(name: str) -> None:
    """By its path in the sender's own message, so that whoever set it up finds it."""
    with pytest.raises(Malformed, match="is missing"):
        changed(name, "")


@pytest.mark.parametrize(
    "bucket", ["", "../x", "a/b", "a..b", "-a", "x" * 256, "a b", "桶", 7.5, None, {"x": 1}, ["a"]]
)
def test_a_bucket_that_cannot_be_is_refused(bucket: Any) -> None:
    """Its name becomes part of an address."""
    sample = samples.load("s3-records")
    message = copy.deepcopy(sample.body)
    message["Records"][0]["s3"]["bucket"]["name"] = bucket

    with pytest.raises(Malformed, match="bucket"):
        read(sample, message)


def test_a_broken_record_does_not_take_the_others_with_it() -> None:
    """MinIO and Ceph repeat a refused delivery for ever, so nothing may be refused for its neighbour's sake."""
    sample = samples.load("s3-several")
    message = copy.deepcopy(sample.body)
    del message["Records"][2]["s3"]["object"]["key"], message["Records"][2]["s3"]["bucket"]

    first, second, third = read(sample, message)

    assert isinstance(first, DocumentUploaded)
    assert isinstance(second, Ignored)
    assert third == Unreadable(
        ("Records[2].s3.object.key: is missing", "Records[2].s3.bucket.name: is missing"),
    )


def test_all_that_is_wrong_with_all_records_is_said() -> None:
    """Where none of them can be read, the delivery is refused."""
    with pytest.raises(Malformed) as caught:
        senders.read_hook(
            "s3", b'{"Records": [{}, 7, {"eventName": "ObjectCreated:Put", "s3": {"object": {"size": "x"}}}]}'
        )

    assert caught.value.problems == (
        "Records[0].eventName: is missing",
        "Records[1]: is int, not a JSON object",
        "Records[1].eventName: is missing",
        "Records[2].s3.object.key: is missing",
        "Records[2].s3.object.size: is no number of bytes",
        "Records[2].s3.bucket.name: is missing",
    )


@pytest.mark.parametrize("name", sorted(set(senders.HOOKS) - {"sns"}))
@pytest.mark.parametrize("body", [b"", b"null", b"7", b'"x"', b"[]", b"{}", b'{"Records": []}', b'{"events": []}'])
def test_what_is_no_message_of_the_sender_is_refused(name: str, body: bytes) -> None:
    """With a reason, and never with another exception."""
    with pytest.raises(Malformed) as caught:
        senders.read_hook(name, body)

    assert caught.value.problems


def test_an_unknown_sender_is_a_key_error() -> None:
    """A door answers 404 before it reads a body."""
    with pytest.raises(KeyError):
        senders.read_hook("nobody", b"{}")


def test_an_unknown_type_is_ignored_by_that_name() -> None:
    """Counted, and refused only where the operator wants it strict."""
    event = Event("1", "s", "com.example.order\ncreated", data={})

    assert senders.sender_of(event) is None
    assert senders.read_event(event) == [Ignored("unknown", r"'com.example.order\ncreated'")]


def test_bytes_without_an_address_are_refused_aloud() -> None:
    """An IntegrationSource for S3 sends no key, and deletes what it read: that must not look like success."""
    for type_ in ("dev.knative.eventing.aws-s3", "dev.knative.connector.event.aws-s3"):
        for data in (b"%PDF-1.7", None):
            with pytest.raises(Malformed, match=r"neither bucket nor key.*use an IntegrationSource for SQS"):
                senders.read_event(Event("1", "s", type_, data=data))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ObjectCreated:Put", None),
        ("s3:ObjectCreated:CompleteMultipartUpload", None),
        ("cos:ObjectCreated:*", None),
        ("oss:ObjectCreated:AppendObject", None),
        ("s3:ObjectSynced:Create", None),
        ("s3:ObjectCreated:PutTagging", "metadata"),
        ("s3:ObjectCreated:PutRetention", "metadata"),
        ("s3:ObjectCreated:PutLegalHold", "metadata"),
        ("ObjectAcl:Put", "metadata"),
        ("ObjectTagging:Delete", "metadata"),
        ("s3:ObjectAccessed:Get", "metadata"),
        ("ObjectRestore:Completed", "metadata"),
        ("ObjectCreated:InitiateMultipartUpload", "multipart"),
        ("Oss:ObjectCreated:UploadPartCopy", "multipart"),
        ("ObjectRemoved:DeleteMarkerCreated", "removed"),
        ("cos:ObjectRemove:Delete", "removed"),
        ("s3:ObjectLifecycle:Expiration:Current", "removed"),
        ("s3:TestEvent", "test"),
        ("s3:Replication:OperationFailedReplication", "unknown"),
        ("s3:", "unknown"),
    ],
)
def test_only_arrivals_are_uploads(name: str, reason: str | None) -> None:
    """Everything else has a reason from a closed list."""
    assert why_not(name) == reason


@pytest.mark.parametrize("method", ["CompleteMultipartUpload", "Copy"])
def test_a_size_that_some_gateways_leave_at_zero_is_no_size(method: str) -> None:
    """An upload must not count as empty because Versity did not say how long it is."""
    sample = samples.load("versity")
    message = copy.deepcopy(sample.body)
    message["Records"][0]["eventName"] = f"s3:ObjectCreated:{method}"
    message["Records"][0]["s3"]["object"]["size"] = 0

    assert read(sample, message)[0].size is None
    message["Records"][0]["eventName"] = "s3:ObjectCreated:Put"
    assert read(sample, message) == [Ignored("empty", ascii(samples.load("versity").expect[0]["key"]))]


@pytest.mark.parametrize(("said", "etag"), [('"abc"', "abc"), ("W/abc", "abc"), ("abc-3", "abc-3"), ("", "")])
def test_an_etag_loses_its_quotes(said: str, etag: str) -> None:
    """It is compared with what a HEAD says, without them."""
    sample = samples.load("s3-records")
    message = copy.deepcopy(sample.body)
    message["Records"][0]["s3"]["object"].update(eTag=said, versionId="null")

    (upload,) = read(sample, message)

    assert (upload.etag, upload.version) == (etag, "")


@pytest.mark.parametrize("said", ["a\r\nX: y", "é", "x" * 1025])
def test_an_etag_that_breaks_headers_is_refused(said: str) -> None:
    """It travels in If-Match."""
    sample = samples.load("s3-records")
    message = copy.deepcopy(sample.body)
    message["Records"][0]["s3"]["object"]["eTag"] = said

    with pytest.raises(Malformed, match="etag: holds"):
        read(sample, message)


def test_a_form_encoded_key_must_be_utf8() -> None:
    """Otherwise the object that is meant could not be named."""
    sample = samples.load("minio")
    message = copy.deepcopy(sample.body)
    message["Records"][0]["s3"]["object"]["key"] = "%ff.pdf"

    with pytest.raises(Malformed, match=r"Records\[0\]\.s3\.object\.key: its encoding is not UTF-8"):
        read(sample, message)


MARKER = {"Seaweed-X-Amz-Delete-Marker": "dHJ1ZQ=="}
MOVED = {"newEntry": {"name": "b.pdf"}, "newParentPath": "/buckets/inbox/new"}


@pytest.mark.parametrize(
    ("path", "change", "outcome"),
    [
        ("/buckets/inbox/a b+%41.pdf", {}, "a b+%41.pdf"),
        ("/buckets/inbox/.uploads/7f/0001.part", {}, "multipart"),
        ("/buckets/inbox", {}, "folder"),
        ("/etc/x.pdf", {}, "unknown"),
        ("/buckets/inbox/a.pdf", {"event_type": "delete"}, "removed"),
        ("/buckets/inbox/a.pdf", {"event_type": "touch"}, "unknown"),
        ("/buckets/inbox/a.pdf", {"message": {"newEntry": {"isDirectory": True}}}, "folder"),
        ("/buckets/inbox/a.pdf", {"message": {"new_entry": {"extended": MARKER}}}, "removed"),
        ("/buckets/old/x", {"event_type": "rename", "message": MOVED}, "new/b.pdf"),
    ],
)  # fmt: skip
def test_seaweedfs_tells_paths(path: str, change: dict[str, Any], outcome: str) -> None:
    """Of files, folders, parts and moves alike."""
    (found,) = senders.read_hook("seaweedfs", json.dumps({"key": path, "event_type": "create"} | change).encode())

    assert (found.key if isinstance(found, DocumentUploaded) else found.reason) == outcome
    assert not isinstance(found, DocumentUploaded) or found.bucket == "inbox"


@pytest.mark.parametrize(
    ("detail_type", "source", "reason"),
    [
        ("Object Deleted", "aws.s3", "removed"),
        ("Object Tags Added", "aws.s3", "metadata"),
        ("Object Restore Completed", "aws.s3", "metadata"),
        ("EC2 Instance State-change", "aws.ec2", "unknown"),
    ],
)
def test_eventbridge_says_more_than_arrivals(detail_type: str, source: str, reason: str) -> None:
    """A bus carries everything; a rule that lets it through harms nobody."""
    sample = samples.load("eventbridge")

    (outcome,) = read(sample, sample.body | {"detail-type": detail_type, "source": source})

    assert outcome.reason == reason


@pytest.mark.parametrize(
    ("word", "reason"),
    [("deleted", "removed"), ("archived", "removed"), ("metadataUpdated", "metadata"), ("new", "unknown")],
)
def test_google_says_more_than_arrivals(word: str, reason: str) -> None:
    """As CloudEvents' types."""
    event = Event("1", "s", f"google.cloud.storage.object.v1.{word}", data={})

    assert [outcome.reason for outcome in senders.read_event(event)] == [reason]


def test_records_without_end_are_refused() -> None:
    """A delivery is bounded in records, too."""
    record = {"eventName": "ObjectRemoved:Delete"}

    with pytest.raises(Malformed, match="more than 1000 records"):
        senders.read_hook("s3", json.dumps({"Records": [record] * (MAX_RECORDS + 1)}).encode())
