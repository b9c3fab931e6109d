"""S3's bad days, over real HTTP: what a store answers, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from function.errors import BadRequest, OcrError, SourceGone, StoreDenied, StoreUnavailable
from function.stores.base import ABSENT, Conflict, Replaced
from function.stores.s3 import Connection, S3Store
from function.stores.s3.faults import translated
from tests.stores.scripted import ETAG, Answer, ScriptedStore


@pytest.fixture
def store(answering: tuple[ScriptedStore, Connection]) -> S3Store:
    """A client of it."""
    return S3Store(answering[1])


def _get(store: S3Store) -> object:
    with store.get("inbox", "a.pdf", max_bytes=1000) as body:
        return body.read(1000)


def _put(store: S3Store) -> object:
    return store.put("inbox", "a.pdf", b"x", media_type="a/b")


def _ended(attempt: Callable[[], object]) -> OcrError:
    with pytest.raises(OcrError) as caught:
        attempt()
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "error", "remedy"),
    [
        (403, "AccessDenied", StoreDenied, "s3:ListBucket"),
        (403, "InvalidAccessKeyId", StoreDenied, "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", StoreDenied, "AWS_SECRET_ACCESS_KEY"),
        (400, "ExpiredToken", StoreDenied, "AWS_SESSION_TOKEN"),
        (403, "RequestTimeTooSkewed", StoreDenied, "clock"),
        (400, "AuthorizationHeaderMalformed", StoreDenied, "AWS_REGION"),
        (400, "KMS.DisabledException", StoreDenied, "s3:GetObject"),
        (404, "NoSuchBucket", StoreUnavailable, "Create the bucket"),
        (403, "InvalidObjectState", StoreUnavailable, "Restore"),
        (500, "InternalError", StoreUnavailable, "again"),
        (503, "SlowDown", StoreUnavailable, "again"),
        (507, "XMinioStorageFull", StoreUnavailable, "again"),
        (418, "Teapot", StoreUnavailable, "again"),
        (400, "KeyTooLongError", BadRequest, "Rename"),
        (502, "", StoreUnavailable, "again"),
    ],
)
@pytest.mark.parametrize("attempt", [_get, _put], ids=["get", "put"])
def test_what_a_store_answers_becomes_an_error_with_a_remedy(
    scripted: ScriptedStore,
    store: S3Store,
    status: int,
    code: str,
    error: type[OcrError],
    remedy: str,
    attempt: Callable[..., object],
) -> None:
    """Our configuration and its outages are retried, a key that it cannot have is not. Codes are told, words not."""
    scripted.script = [Answer(status, code)]
    ended = _ended(lambda: attempt(store))

    assert type(ended) is error
    assert remedy in ended.remedy
    assert code in ended.detail
    assert "testing" not in ended.detail


def test_an_outage_of_the_store_is_a_warning_that_tells_verb_bucket_key_and_code(
    scripted: ScriptedStore, store: S3Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Who is on call tells writing from reading, and one bucket from the other; an absent object is none."""
    scripted.script = [Answer(404, "NoSuchKey"), Answer(403, "AccessDenied")]
    _ended(lambda: _get(store))
    _ended(lambda: store.put("results", "out/a.json", b"text of a document", media_type="text/plain"))
    [line] = [record for record in caplog.records if record.levelname == "WARNING"]

    assert line.getMessage() == "the store failed: PutObject in bucket 'results': AccessDenied"
    assert (vars(line)["bucket"], vars(line)["key"], vars(line)["outcome"]) == ("results", "out/a.json", "store-denied")


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion"])
def test_an_object_or_version_that_is_not_there_is_gone(scripted: ScriptedStore, store: S3Store, code: str) -> None:
    """410: no delivery will find it."""
    scripted.script = [Answer(404, code)]

    assert type(_ended(lambda: _get(store))) is SourceGone


def test_a_version_that_marks_a_deletion_is_gone(scripted: ScriptedStore, store: S3Store) -> None:
    """S3 says 405 to that."""
    scripted.script = [Answer(405, "MethodNotAllowed")]

    assert type(_ended(lambda: _get(store))) is SourceGone


@pytest.mark.parametrize(("status", "error"), [(403, StoreDenied), (500, StoreUnavailable), (301, StoreDenied)])
def test_a_head_has_only_its_status(
    scripted: ScriptedStore, store: S3Store, status: int, error: type[OcrError]
) -> None:
    """A HEAD's answer has no body to tell a code."""
    scripted.script = [Answer(status)]

    assert type(_ended(lambda: store.head("inbox", "a.pdf"))) is error


def test_redirects_in_circles_are_our_configuration_wherever_the_stack_ends() -> None:
    """Within botocore's own sending, it wraps what ended it; Python decides how deep that is."""
    from botocore.exceptions import HTTPClientError

    wrapped = HTTPClientError(error="circles")
    wrapped.__context__ = RecursionError()

    assert type(translated(wrapped, "HeadObject", "inbox")) is StoreDenied


def test_credentials_that_are_missing_are_our_configuration(
    scripted: ScriptedStore, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found before anything is sent."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    store = S3Store(scripted.connection())
    ended = _ended(lambda: _get(store))

    assert type(ended) is StoreDenied
    assert "AWS_ACCESS_KEY_ID" in ended.remedy
    assert scripted.asked == []


def test_a_passing_outage_is_tried_again(scripted: ScriptedStore, store: S3Store) -> None:
    """As often as told, then it is ours to report."""
    scripted.script = [Answer(503, "SlowDown"), Answer(body=b"bytes")]
    store = S3Store(scripted.connection(attempts=2))

    assert _get(store) == b"bytes"
    assert len(scripted.asked) == 2
    store.close()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "http://store.invalid"])
def test_a_store_that_is_not_there_is_an_outage(aws: None, endpoint: str) -> None:
    """Nobody listens, or the name is unknown."""
    store = S3Store(Connection(endpoint=endpoint, attempts=1, connect_seconds=2))

    with pytest.raises(StoreUnavailable):
        _get(store)
    store.close()


def test_an_endpoint_that_is_no_address_is_said_to_be_wrong(aws: None) -> None:
    """The variable is named."""
    with pytest.raises(StoreUnavailable, match="AWS_ENDPOINT_URL"):
        _get(S3Store(Connection(endpoint="minio")))


@pytest.mark.parametrize("silence", [False, True], ids=["cut", "silent"])
def test_a_body_that_ends_early_is_an_outage(scripted: ScriptedStore, store: S3Store, silence: bool) -> None:
    """Never taken for the whole document; the longest silence is bounded."""
    scripted.script = [Answer(body=b"half", length=8, silence=silence)]
    store = S3Store(scripted.connection(read_seconds=0.2))
    body = store.get("inbox", "a.pdf", max_bytes=1000)
    assert body.read(4) == b"half"

    with pytest.raises(StoreUnavailable):
        body.read(4)
    body.close()
    store.close()


@pytest.mark.parametrize(
    ("status", "code"),
    [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict"), (409, "OperationAborted"), (404, "NoSuchKey")],
)
def test_every_way_to_lose_a_race_is_a_conflict(
    scripted: ScriptedStore, store: S3Store, status: int, code: str
) -> None:
    """S3 has four; 404 is If-Match where the object has gone."""
    scripted.script = [Answer(status, code)]

    with pytest.raises(Conflict):
        store.put("results", "a.json", b"x", media_type="a/b", only_if=ETAG)
    assert scripted.asked[-1][2]["if-match"] == f'"{ETAG}"'
    with pytest.raises(Conflict):
        store.put("results", "a.json", b"x", media_type="a/b", only_if=ABSENT)
    assert scripted.asked[-1][2]["if-none-match"] == "*"


@pytest.mark.parametrize(
    ("answers", "honoured", "removed"),
    [
        ([Answer(), Answer(412, "PreconditionFailed"), Answer(412, "PreconditionFailed"), Answer(204)], True, 1),
        ([Answer(), Answer(412, "PreconditionFailed"), Answer(), Answer(204)], False, 1),
        ([Answer(), Answer(), Answer(), Answer(204)], False, 1),
        ([Answer(), Answer(501, "NotImplemented"), Answer(501, "NotImplemented"), Answer(204)], False, 1),
        ([Answer(), Answer(400, "InvalidArgument"), Answer(400, "InvalidArgument"), Answer(204)], False, 1),
    ],
    ids=["honours", "half", "passes over", "refuses", "refuses otherwise"],
)
def test_a_store_that_lacks_conditions_is_found_out_and_not_sent_them(
    scripted: ScriptedStore, store: S3Store, answers: list[Answer], honoured: bool, removed: int
) -> None:
    """Both conditions must hold; afterwards a writing carries none that the store would refuse."""
    scripted.script = [*answers, Answer()]

    assert store.conditional_puts("results", "out") is honoured
    assert [method for method, *_ in scripted.asked] == ["PUT"] * 3 + ["DELETE"] * removed
    assert all(path.startswith("/results/out/.zeropage/probe-") for _, path, _ in scripted.asked)
    store.put("results", "a.json", b"x", media_type="a/b", only_if=ABSENT)
    assert ("if-none-match" in scripted.asked[-1][2]) is honoured


def test_a_probe_that_fails_still_removes_what_it_wrote(scripted: ScriptedStore, store: S3Store) -> None:
    """Each version of it by its own name."""
    versions = [Answer(headers={"x-amz-version-id": name}) for name in ("v1", "v2")]
    scripted.script = [*versions, Answer(503, "SlowDown"), Answer(204)]

    with pytest.raises(StoreUnavailable):
        store.conditional_puts("results")
    deleted = [path.rpartition("=")[2] for method, path, _ in scripted.asked if method == "DELETE"]
    assert sorted(deleted) == ["v1", "v2"]


@pytest.mark.parametrize("status", [400, 501])
def test_a_store_without_conditional_deletes_deletes_all_the_same(
    scripted: ScriptedStore, store: S3Store, status: int
) -> None:
    """Amazon's own learnt it late; the object was looked at just before."""
    scripted.script = [Answer(), Answer(status, "NotImplemented"), Answer(204)]
    store.delete("results", "a.error.json", only_if=ETAG)

    assert [method for method, *_ in scripted.asked] == ["HEAD", "DELETE", "DELETE"]
    assert "if-match" not in scripted.asked[-1][2]


def test_googles_generation_is_the_version(
    scripted: ScriptedStore, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events tell the generation; the etag that they tell is another than this API's, and not compared."""
    monkeypatch.setattr(Connection, "is_google", True)
    generation = {"x-goog-generation": "1719871234567890"}
    scripted.script = [Answer(body=b"bytes", headers=generation)]

    assert store.head("inbox", "a.pdf").version == "1719871234567890"
    with store.get("inbox", "a.pdf", max_bytes=10, version="1719871234567890", etag="CKih16GjycICEAE=") as body:
        assert body.read(10) == b"bytes"
    assert "versionId" not in scripted.asked[-1][1]
    with pytest.raises(Replaced):
        store.get("inbox", "a.pdf", max_bytes=10, version="1719870000000000")


def test_googles_host_is_recognised(aws: None) -> None:
    """By the endpoint alone."""
    assert Connection(endpoint="https://storage.googleapis.com").is_google
    assert not Connection(endpoint="https://s3.example.org").is_google


@pytest.mark.parametrize(
    ("endpoint", "path_style", "url"),
    [
        (None, None, "https://inbox.s3.amazonaws.com/a.pdf"),
        (None, False, "https://inbox.s3.eu-central-1.amazonaws.com/a.pdf"),
        (None, True, "https://s3.eu-central-1.amazonaws.com/inbox/a.pdf"),
        ("http://minio:9000", None, "http://minio:9000/inbox/a.pdf"),
        ("https://oss.example.org", False, "https://inbox.oss.example.org/a.pdf"),
    ],
)
def test_a_buckets_name_stands_in_the_path_or_in_the_host(
    aws: None, endpoint: str | None, path_style: bool | None, url: str
) -> None:
    """In the path where the store is one's own, unless told."""
    made = Connection(endpoint=endpoint, region="eu-central-1", path_style=path_style).client
    signed = made.generate_presigned_url("get_object", Params={"Bucket": "inbox", "Key": "a.pdf"})

    assert signed.partition("?")[0] == url
    made.close()


def test_an_address_is_that_of_the_store_as_callers_reach_it(aws: None) -> None:
    """Signed for the host that they will ask (OCR_S3_PUBLIC_URL), which the function itself may not even reach."""
    inside, outside = "http://store.cluster.local:9000", "https://store.example.com"
    seen = [
        S3Store(Connection(endpoint=inside, path_style=True, public_endpoint=public)).presign_put(
            "bucket", "a.pdf", metadata={}, seconds=60
        )
        for public in (None, outside)
    ]

    assert [address.url.partition("?")[0] for address in seen] == [f"{inside}/bucket/a.pdf", f"{outside}/bucket/a.pdf"]
