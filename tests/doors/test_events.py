"""POST /: a delivery becomes a result, once, and an answer that a broker understands."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from events import envelope, ours
from events.uploads import DocumentUploaded
from function.reading.uploads.inbox import passed_over
from function.telemetry import metrics
from tests.doors.conftest import Bucketed, Sink, stamped_png, stamped_tiff

Make = Callable[..., Bucketed]


def pages_read() -> float:
    """How many pages the engine has read in this process."""
    return metrics.pages.labels("fast")._value.get()


def test_an_upload_becomes_its_result_and_the_reply_says_where(bucketed: Make) -> None:
    """Markdown and JSON beside each other, JSON last; the reply is an event of ours."""
    place = bucketed()
    upload = place.upload("scan.png", stamped_png("hello"))

    answer = place.deliver(upload)

    assert answer.status_code == 200
    [reply] = envelope.decode(list(answer.headers.items()), answer.data)
    assert reply.type == ours.PARSED
    assert (reply.source, reply.subject) == (f"s3://{place.inbox}", "in/scan.png")
    assert reply.data["results"] == {
        "markdown": f"s3://{place.results}/out/scan.png.md",
        "json": f"s3://{place.results}/out/scan.png.json",
    }
    assert reply.data["pages"] == 1
    assert reply.data["rungs"] == {"fast": 1}
    assert place.result("scan.png.md") == b"hello\n"
    assert json.loads(place.result("scan.png.json") or b"")["document"]["name"] == "scan.png"


def test_a_redelivery_reads_nothing_and_replies_with_the_same_id(bucketed: Make) -> None:
    """At least once in, exactly once out."""
    place = bucketed()
    upload = place.upload("scan.png", stamped_png("hello"))
    first = place.deliver(upload)
    before = pages_read()

    again = place.deliver(upload)

    assert pages_read() == before
    assert again.headers["ce-id"] == first.headers["ce-id"]
    assert again.json == first.json


@pytest.mark.parametrize("versioned", [False, True])
def test_an_event_that_was_overtaken_is_superseded_and_the_newer_upload_wins(versioned: bool, bucketed: Make) -> None:
    """Whatever the order of the deliveries; the source bucket is the authority."""
    place = bucketed(versioned=versioned)
    old = place.upload("scan.png", stamped_png("old"))
    new = place.upload("scan.png", stamped_png("new"))

    newer, older = place.deliver(new), place.deliver(old)

    assert newer.status_code == 200
    assert older.status_code == 204
    assert older.data == b""
    assert place.result("scan.png.md") == b"new\n"


def test_a_refused_document_is_a_4xx_with_its_reason_where_the_uploader_looks(bucketed: Make, sink: Sink) -> None:
    """NAME.error.json, an event to the sink, and a body whose beginning says why."""
    place = bucketed(sink=sink.url)
    answer = place.deliver(place.upload("bad.pdf", b"%PDF-1.7 nothing"))

    assert answer.status_code == 422
    assert "damaged" in answer.text[:1024]
    problem = json.loads(place.result("bad.pdf.error.json") or b"")
    assert (problem["status"], bool(problem["remedy"])) == (422, True)
    assert place.result("bad.pdf.json") is None
    [told] = sink.events
    assert told.type == ours.REFUSED
    assert told.data["problem"]["status"] == 422


def test_a_mended_upload_replaces_its_refusal(bucketed: Make) -> None:
    """The error goes when the result stands."""
    place = bucketed()
    place.deliver(place.upload("scan.png", b"no picture"))
    place.deliver(place.upload("scan.png", stamped_png("mended")))

    assert sorted(place.keys()) == ["scan.png.json", "scan.png.md"]


def test_an_outage_answers_5xx_and_writes_nothing(bucketed: Make) -> None:
    """The broker delivers again."""
    place = bucketed()
    answer = place.deliver(place.upload("scan.png", stamped_png("stub:page-fault")))

    assert answer.status_code == 500
    assert place.keys() == []


def test_a_delivery_without_prefer_reply_also_publishes_its_outcome(bucketed: Make, sink: Sink) -> None:
    """A sender that throws replies away must not make the outcome unheard; the id is the same."""
    place = bucketed(sink=sink.url)
    upload = place.upload("scan.png", stamped_png("hello"))

    direct, through_a_broker = place.deliver(upload, reply=False), place.deliver(upload, reply=True)

    assert [event.id for event in sink.events] == [direct.headers["ce-id"]]
    assert through_a_broker.headers["ce-id"] == direct.headers["ce-id"]


def test_a_sink_that_does_not_answer_makes_the_delivery_come_again(bucketed: Make, sink: Sink) -> None:
    """503 until the outcome is told; then from the result that stands, read once."""
    place = bucketed(sink=sink.url)
    upload = place.upload("scan.png", stamped_png("hello"))
    sink.status = 500
    failed = place.deliver(upload, reply=False)
    before = pages_read()
    sink.status = 202

    answer = place.deliver(upload, reply=False)

    assert (failed.status_code, answer.status_code) == (503, 200)
    assert pages_read() == before
    assert len(sink.events) == 1


def test_several_uploads_in_one_delivery_are_handed_on_one_by_one(bucketed: Make, sink: Sink) -> None:
    """Each is then retried by itself."""
    place = bucketed(sink=sink.url)
    uploads = [place.upload(f"{name}.png", stamped_png(name)) for name in "ab"]

    answer = place.deliver(*uploads)

    assert (answer.status_code, answer.data) == (204, b"")
    assert [(event.type, event.subject) for event in sink.events] == [
        (ours.UPLOADED, "in/a.png"),
        (ours.UPLOADED, "in/b.png"),
    ]
    assert place.keys() == []


def test_several_uploads_without_a_sink_are_read_here(bucketed: Make) -> None:
    """A refusal of one is recorded by itself and does not fail the others."""
    place = bucketed()
    uploads = [place.upload("a.png", stamped_png("a")), place.upload("bad.png", b"bad")]

    answer = place.deliver(*uploads)

    assert (answer.status_code, answer.data) == (204, b"")
    assert sorted(place.keys()) == ["a.png.json", "a.png.md", "bad.png.error.json"]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"bucket": "elsewhere"}, 403), ({"key": "outside/scan.png"}, 403), ({"key": "in/gone.png", "etag": ""}, 410)],
)
def test_events_about_what_is_not_ours_to_read_are_refused_for_good(
    change: dict[str, str], status: int, bucketed: Make
) -> None:
    """None of these answers is one that a broker retries."""
    from dataclasses import replace

    place = bucketed()
    upload = place.upload("scan.png", stamped_png("x"))
    answer = place.deliver(replace(upload, **change))  # type: ignore[arg-type]

    assert answer.status_code == status
    assert place.keys() == []


@pytest.mark.parametrize("key", ["a.txt", "folder/", "empty.png"])
def test_what_is_no_document_is_ignored_with_an_empty_2xx(key: str, bucketed: Make) -> None:
    """Counted by its reason."""
    place = bucketed()
    answer = place.deliver(place.upload(key, b"" if key == "empty.png" else b"x"))

    assert (answer.status_code, answer.data) == (204, b"")
    assert place.keys() == []


def test_our_own_output_starts_no_loop_even_in_one_bucket(bucketed: Make, s3_server) -> None:  # type: ignore[no-untyped-def]
    """Results below a prefix of the inbox's own bucket are never uploads."""
    bucket = s3_server.bucket()
    place = bucketed(inbox=f"s3://{bucket}", results=f"s3://{bucket}/results", suffixes="")
    place.inbox = bucket
    s3_server.s3.put_object(Bucket=bucket, Key="results/a.png.json", Body=b"{}")
    upload = DocumentUploaded(bucket, "results/a.png.json", size=2)

    assert place.deliver(upload).status_code == 204


def test_options_come_with_the_upload(bucketed: Make) -> None:
    """`x-amz-meta-ocr-pages` and its like; a wrong one is the upload's own fault."""
    place = bucketed()
    place.deliver(place.upload("three.tif", stamped_tiff("one", "two", "three"), **{"ocr-pages": "2"}))
    wrong = place.deliver(place.upload("wrong.png", stamped_png("x"), **{"ocr-tier": "best"}))

    assert place.result("three.tif.md") == b"two\n"
    assert wrong.status_code == 400
    assert "tier" in wrong.json["detail"]


def test_an_upload_that_asks_for_an_engine_there_is_none_of_is_refused(bucketed: Make) -> None:
    """It was delivered again and again, as if we had failed."""
    place = bucketed()

    answer = place.deliver(place.upload("one.png", stamped_png("x"), **{"ocr-tier": "accurate"}))

    assert answer.status_code == 400
    assert "OCR_ACCURATE_ENGINE" in json.loads(place.result("one.png.error.json") or b"")["detail"]


def test_metadata_that_looks_like_an_option_and_is_none_is_told_in_the_result(bucketed: Make) -> None:
    """A misspelt one must not pass in silence; refused it is not, as it may be another program's mark."""
    place = bucketed()
    misspelt = {"ocr-tyer": "fast", "tier": "fast", "ocr": "always", "format": "html"}
    place.deliver(place.upload("one.png", stamped_png("one"), **misspelt, team="docs"))

    changed_nothing = "the upload's metadata {} changed nothing: {}"
    assert json.loads(place.result("one.png.json"))["warnings"] == [
        changed_nothing.format("format", "which formats are written is the same for every upload (OCR_FORMATS)"),
        changed_nothing.format("ocr", "names of options begin with ocr-; write ocr-ocr"),
        changed_nothing.format("ocr-tyer", "there is no such option; did you mean ocr-tier?"),
        changed_nothing.format("tier", "names of options begin with ocr-; write ocr-tier"),
    ]
    assert "did you mean ocr-pages?" in passed_over({"ocr_pages": "1"})[0]


def test_results_are_called_and_marked_as_the_operator_wishes(bucketed: Make) -> None:
    """OCR_RESULT_KEY and OCR_RESULT_METADATA; a redelivery finds the result there."""
    place = bucketed(result_key="read/{bucket}/{key}", result_metadata="team=docs, Stage=test")
    upload = place.upload("scan.png", stamped_png("here"))
    first, again = place.deliver(upload), place.deliver(upload)

    head = place.s3.head_object(Bucket=place.results, Key=f"out/read/{place.inbox}/scan.png.json")
    assert (head["Metadata"]["team"], head["Metadata"]["stage"]) == ("docs", "test")
    assert again.headers["ce-id"] == first.headers["ce-id"]


@pytest.mark.parametrize(
    "key",
    [
        "a b.png",
        "a+b.png",
        "100%.png",
        "x/y/z.png",
        "季度报告.png",
        "😀.png",
        "%2e%2e/up.png",
        "../up.png",
        "a\x01b.png",
    ],
)
def test_odd_and_hostile_keys_keep_to_their_prefix(key: str, bucketed: Make) -> None:
    """Whatever the uploader chose, the result lies below the results prefix and is found through the reply."""
    place = bucketed()
    answer = place.deliver(place.upload(key, stamped_png("odd")))

    assert answer.status_code == 200
    address = answer.json["results"]["markdown"].removeprefix(f"s3://{place.results}/")
    assert address.startswith("out/")
    assert ".." not in address.split("/")
    assert place.result(address.removeprefix("out/")) == b"odd\n"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"", 400),
        ({"Content-Type": "application/cloudevents+json"}, b"{", 400),
        ({"Content-Type": "application/cloudevents+json"}, b'{"id": "1"}', 400),
        ({"ce-id": "1", "ce-source": "x", "ce-type": "com.example.else", "ce-specversion": "1.0"}, b"", 204),
        (
            {"ce-id": "1", "ce-source": "x", "ce-type": "dev.zeropage.document.uploaded", "ce-specversion": "1.0"},
            b"{}",
            400,
        ),
    ],
)
def test_what_is_no_event_of_ours_is_refused_or_ignored(
    headers: dict[str, str], body: bytes, status: int, bucketed: Make
) -> None:
    """Never a 5xx: it would be delivered again and again."""
    assert bucketed().http.post("/", data=body, headers=headers).status_code == status


def test_unknown_types_are_refused_where_strictness_is_asked_for(bucketed: Make) -> None:
    """OCR_STRICT_EVENTS."""
    headers = {"ce-id": "1", "ce-source": "x", "ce-type": "com.example.else", "ce-specversion": "1.0"}

    assert bucketed(strict_events=True).http.post("/", headers=headers).status_code == 400


@pytest.mark.parametrize("path", ["/", "/hooks/minio"])
def test_the_webhook_handshake_is_answered(path: str, client) -> None:  # type: ignore[no-untyped-def]
    """As CloudEvents' webhook specification has it."""
    answer = client.options(path, headers={"WebHook-Request-Origin": "events.example.com"})

    assert answer.status_code == 200
    assert answer.headers["WebHook-Allowed-Origin"] == "events.example.com"


def test_without_an_inbox_the_event_doors_say_so_and_lose_nothing(clients) -> None:  # type: ignore[no-untyped-def]
    """503, so that the broker keeps the event until the setting is mended."""
    answer = clients().post("/", data=b"{}")

    assert answer.status_code == 503
    assert "OCR_INBOX" in answer.json["detail"]


def test_dead_letters_are_archived_once_with_why_they_died(bucketed: Make) -> None:
    """As structured events, for replay."""
    place = bucketed()
    headers = {
        "ce-id": "7", "ce-source": "x", "ce-type": "t", "ce-specversion": "1.0",
        "ce-knativeerrorcode": "422", "ce-knativeerrordata": "why",
    }  # fmt: skip
    for _ in range(2):
        assert place.http.post("/deadletter", data=b'{"a": 1}', headers=headers).status_code == 204

    [key] = place.keys()
    kept = json.loads(place.result(key) or b"")
    assert key.startswith(".zeropage/deadletters/")
    assert (kept["id"], kept["knativeerrorcode"], kept["knativeerrordata"]) == ("7", "422", "why")
