"""POST /v1/parse: a document in, its text out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from function.engines.stub import StubEngine
from function.telemetry import metrics
from tests.doors.conftest import stamped_png, stamped_tiff


def lines_of(result: dict) -> list[str]:  # type: ignore[type-arg]
    """Every line of an answer, in reading order."""
    return [line["text"] for page in result["pages"] for block in page["blocks"] for line in block["lines"]]


def test_a_file_in_a_form_is_read(client: FlaskClient) -> None:
    """What `curl -F file=@scan.png` sends."""
    answer = client.post("/v1/parse", data={"file": (io.BytesIO(stamped_png("hello")), "scan.png")})

    assert answer.status_code == 200
    assert lines_of(answer.json) == ["hello"]
    assert answer.json["document"]["name"] == "scan.png"
    assert answer.json["document"]["media_type"] == "image/png"
    assert answer.json["pages"][0]["rung"] == "fast"
    assert answer.json["engine"]["name"] == "stub"


@pytest.mark.parametrize("media_type", ["image/png", "application/x-www-form-urlencoded", "application/pdf", ""])
def test_a_raw_body_is_read_whatever_its_media_type_claims(media_type: str, client: FlaskClient) -> None:
    """`curl --data-binary` claims a form; the type is found from the content."""
    answer = client.post("/v1/parse", data=stamped_png("raw"), headers={"Content-Type": media_type})

    assert lines_of(answer.json) == ["raw"]


@pytest.mark.parametrize("body", [b"file=@scan.png", stamped_png("x").replace(b"\n", b"").replace(b"\0", b"")])
@pytest.mark.parametrize("format_", ["json", "ndjson"])
def test_a_file_that_curl_d_damaged_is_told_how_to_be_sent(body: bytes, format_: str, client: FlaskClient) -> None:
    """`curl -d @FILE` takes line breaks and zeros out, `curl -d file=@FILE` sends these very letters."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post(f"/v1/parse?format={format_}", data=body, headers=form)

    assert answer.status_code in {415, 422}
    assert "curl --data-binary @" in answer.json["remedy"]
    assert "curl -d" not in client.post("/v1/parse", data=body).json["remedy"]


def test_a_language_changes_nothing_and_the_answer_says_so(client: FlaskClient) -> None:
    """A hint that no engine takes is told, not swallowed."""
    [told] = client.post("/v1/parse?language=de", data=stamped_png("x")).json["warnings"]

    assert "language=de" in told
    assert client.post("/v1/parse", data=stamped_png("x")).json["warnings"] == []


def test_predict_answers_the_same(client: FlaskClient) -> None:
    """For callers of the service this one replaces."""
    answer = client.post("/predict", data={"file": (io.BytesIO(stamped_png("old")), "a.png")})

    assert lines_of(answer.json) == ["old"]


@pytest.mark.parametrize(
    ("format_", "accept", "expected"),
    [
        ("markdown", None, "text/markdown"),
        ("text", None, "text/plain"),
        ("json", "text/markdown", "application/json"),
        ("text", "image/png", "text/plain"),
        (None, "text/markdown", "text/markdown"),
        (None, "text/plain;q=0.5, text/markdown", "text/markdown"),
        (None, "application/x-ndjson", "application/x-ndjson"),
        (None, "text/event-stream", "text/event-stream"),
        (None, "*/*", "application/json"),
        (None, "text/markdown, */*", "text/markdown"),
        (None, "text/markdown;q=0.5, */*", "application/json"),
        (None, "text/*", "text/markdown"),
        (None, "text/*, text/markdown;q=0", "text/plain"),
        (None, "image/png, */*;q=0.1", "application/json"),
        (None, "Text/HTML; charset=utf-8", "text/html"),
        (None, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        (None, "text/html;q=nonsense", "application/json"),
    ],
)
def test_the_format_follows_the_field_and_then_accept(
    format_: str | None, accept: str | None, expected: str, client: FlaskClient
) -> None:
    """The field wins; without either the answer is JSON."""
    answer = client.post(
        "/v1/parse",
        data=stamped_png("words"),
        query_string={"format": format_} if format_ else {},
        headers={"Accept": accept} if accept else {},
    )

    assert answer.status_code == 200
    assert answer.content_type.partition(";")[0] == expected
    assert "words" in answer.text


@pytest.mark.parametrize("accept", ["image/png", "nonsense", "application/json;q=0", "*/*;q=0, image/*"])
def test_what_accept_takes_none_of_is_refused_before_the_document_is_read(accept: str, client: FlaskClient) -> None:
    """406, with the way to any format; another answer than the one that was asked for would be a surprise."""
    answer = client.post("/v1/parse", data=b"no document", headers={"Accept": accept})

    assert (answer.status_code, answer.json["type"]) == (406, "urn:zeropage:problem:not-acceptable")
    assert "Accept: " in answer.json["detail"]
    assert "format=" in answer.json["remedy"]


def test_options_come_as_query_or_form_fields(client: FlaskClient) -> None:
    """Pages 1 and 3 of three, asked for both ways."""
    document = stamped_tiff("one", "two", "three")
    by_query = client.post("/v1/parse?pages=1,3", data=document)
    by_form = client.post("/v1/parse", data={"file": (io.BytesIO(document), "a.tif"), "pages": "1,3"})

    assert lines_of(by_query.json) == lines_of(by_form.json) == ["one", "three"]
    assert by_query.json["document"]["pages"] == 3
    assert [page["number"] for page in by_query.json["pages"]] == [1, 3]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("tier=best", "tier"),
        ("format=odt", "format"),
        ("format=md", "did you mean markdown?"),
        ("format=text/plain", "did you mean text?"),
        ("pages=9", "the document has 1"),
        ("tier=accurate", "OCR_ACCURATE_ENGINE"),
        ("colour=red", "colour"),
        ("tier=fast&tier=auto", "more than once"),
    ],
)
def test_a_wrong_option_is_a_400_that_names_it(query: str, words: str, client: FlaskClient) -> None:
    """With the problem object of RFC 9457 and a remedy."""
    answer = client.post(f"/v1/parse?{query}", data=stamped_png("x"))

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert words in answer.json["detail"]
    assert answer.json["remedy"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"just words", 415), (b"\x89PNG\r\n\x1a\n", 422), (b"PK\x03\x04" + b"\0" * 50, 415)],
)
def test_a_body_that_is_no_document_is_refused_with_a_remedy(body: bytes, status: int, client: FlaskClient) -> None:
    """4xx, and the next document is read."""
    answer = client.post("/v1/parse", data=body)

    assert answer.status_code == status
    assert answer.json["remedy"]
    assert "qpdf" not in answer.json["remedy"]
    assert lines_of(client.post("/v1/parse", data=stamped_png("next")).json) == ["next"]


def test_a_form_without_its_file_says_how_to_send_one(client: FlaskClient) -> None:
    """The field that holds it instead is named, and the remedy is a command."""
    answer = client.post("/v1/parse", data={"document": (io.BytesIO(b"x"), "a.pdf")})

    assert answer.status_code == 400
    assert "'document'" in answer.json["detail"]
    assert "curl -F file=@" in answer.json["remedy"]


@pytest.mark.parametrize("type_", ["multipart/form-data", "multipart/form-data; boundary=another"])
def test_a_form_that_cannot_be_taken_apart_is_called_so(type_: str, client: FlaskClient) -> None:
    """Who writes the header by hand forgets the boundary; the file was said to be missing."""
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n'

    answer = client.post("/v1/parse", data=part, content_type=type_)

    assert answer.status_code == 400
    assert "boundary" in answer.json["detail"]


def test_a_form_of_too_many_fields_is_not_called_too_long_a_body(client: FlaskClient) -> None:
    """Whoever raises OCR_MAX_REQUEST_BYTES for it has gained nothing."""
    fields = {f"field{number}": "1" for number in range(2_000)}

    answer = client.post("/v1/parse", data=fields, content_type="multipart/form-data")

    assert answer.status_code == 413
    assert "field" in answer.json["detail"]
    assert "OCR_MAX_REQUEST_BYTES" not in answer.json["remedy"]


def test_a_file_that_was_sent_as_text_is_called_so(client: FlaskClient) -> None:
    """`curl -F file=a.pdf`, the @ forgotten: it was called an option that is not known."""
    answer = client.post("/v1/parse", data={"file": "a.pdf"}, content_type="multipart/form-data")

    assert answer.status_code == 400
    assert "text instead of a file" in answer.json["detail"]
    assert "curl -F file=@" in answer.json["remedy"]


def test_what_is_asked_for_besides_options_is_listed_with_them(client: FlaskClient) -> None:
    """Whoever mistypes it is told how it is written."""
    answer = client.post("/v1/parse?preview=yes", data=b"x")

    assert answer.status_code == 400
    assert "did you mean previews" in answer.json["detail"]
    assert "previews" in answer.json["remedy"]


def test_a_field_without_a_name_is_refused(client: FlaskClient) -> None:
    """It is the sender's fault, and no option of any name."""
    nameless = b"--x\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--x--\r\n"
    answer = client.post("/v1/parse", data=nameless, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 400
    assert "no name" in answer.json["detail"]


@pytest.mark.parametrize("multipart", [True, False])
def test_a_body_over_the_limit_is_a_413_that_names_the_setting(
    multipart: bool, clients: Callable[..., FlaskClient]
) -> None:
    """Before it is read to its end."""
    body = b"%PDF-1.7\n" + b"0" * 20_000
    data = {"file": (io.BytesIO(body), "a.pdf")} if multipart else body
    answer = clients(max_request_bytes=10_000).post("/v1/parse", data=data)

    assert answer.status_code == 413
    assert "OCR_MAX_REQUEST_BYTES" in answer.json["detail"] + answer.json["remedy"]


def test_ndjson_streams_each_page_and_ends_with_the_result(client: FlaskClient) -> None:
    """The last line is `result` or `error`, or else the stream was cut."""
    answer = client.post("/v1/parse?format=ndjson", data=stamped_tiff("one", "two"))
    lines = [json.loads(line) for line in answer.text.splitlines()]

    assert [line["event"] for line in lines] == ["page", "page", "result"]
    assert [line.get("number") for line in lines[:2]] == [1, 2]
    assert lines_of(lines[2]) == ["one", "two"]


def test_a_stream_is_one_request_in_the_metrics(client: FlaskClient) -> None:
    """Counted once, when it has ended."""
    counter = metrics.requests.labels("parse", "done")
    before = counter._value.get()
    client.post("/v1/parse?format=ndjson", data=stamped_tiff("one", "two")).get_data()

    assert counter._value.get() == before + 1


def test_server_sent_events_carry_the_same_objects(client: FlaskClient) -> None:
    """The names in `event:`, the objects in `data:`."""
    answer = client.post("/v1/parse?format=sse", data=stamped_tiff("one", "two"))
    events = [event.split("\n") for event in answer.text.strip().split("\n\n")]

    assert [event[0] for event in events] == ["event: page", "event: page", "event: result"]
    assert lines_of(json.loads(events[2][1].removeprefix("data: "))) == ["one", "two"]


def test_a_stream_that_is_refused_at_once_answers_with_the_status(client: FlaskClient) -> None:
    """Before the first byte a refusal is still an ordinary problem."""
    answer = client.post("/v1/parse?format=ndjson", data=b"no document")

    assert answer.status_code == 415
    assert answer.content_type == "application/problem+json"


def test_a_stream_that_fails_midway_ends_with_an_error_line(client: FlaskClient) -> None:
    """A status cannot be changed after the first byte; the last line tells."""
    answer = client.post("/v1/parse?format=ndjson", data=stamped_tiff("one", "two", "stub:engine-fault"))
    lines = [json.loads(line) for line in answer.text.splitlines()]

    assert [line["event"] for line in lines] == ["page", "page", "error"]
    assert lines[-1]["status"] == 500
    assert lines[-1]["remedy"]


def test_an_engine_outage_is_a_500_and_never_a_page_error(client: FlaskClient) -> None:
    """Nothing half-read may look final."""
    answer = client.post("/v1/parse", data=stamped_tiff("one", "stub:page-fault"))

    assert answer.status_code == 500
    assert answer.json["type"] == "urn:zeropage:problem:engine-failed"


def test_a_callers_request_id_is_kept_and_a_wild_one_replaced(client: FlaskClient) -> None:
    """It stands in logs, so it may not hold line breaks or novels."""
    kept = client.get("/healthz", headers={"X-Request-Id": "abc-123"})
    wild = client.get("/healthz", headers={"X-Request-Id": "x" * 500})

    assert kept.headers["X-Request-Id"] == "abc-123"
    assert len(wild.headers["X-Request-Id"]) == 32


def test_twenty_concurrent_callers_each_get_exactly_their_own_text(clients: Callable[..., FlaskClient]) -> None:
    """Line by line the same as when they come one after the other."""
    documents = {
        name: stamped_tiff(*(f"caller {name} page {page}\nsecond line {page}" for page in range(1, 5)))
        for name in range(20)
    }
    client = clients(slots=6, admission_seconds=60.0)
    alone = {name: lines_of(client.post("/v1/parse", data=body).json) for name, body in documents.items()}

    def post(name: int) -> list[str]:
        return lines_of(clients(slots=6, admission_seconds=60.0).post("/v1/parse", data=documents[name]).json)

    with ThreadPoolExecutor(12) as pool:
        together = dict(zip(documents, pool.map(post, documents), strict=True))

    assert alone[7][:2] == ["caller 7 page 1", "second line 1"]
    assert together == alone


class SlowEngine(StubEngine):
    """Takes half a second a page."""

    def __init__(self) -> None:
        super().__init__(seconds_per_page=0.5)


def test_callers_beyond_the_slots_hear_429_while_probes_are_answered(functions, clients) -> None:  # type: ignore[no-untyped-def]
    """Retry-After says when; /healthz and /readyz need no slot."""
    settings = {"engine": SlowEngine, "slots": 1, "admission_seconds": 0.0}
    with ThreadPoolExecutor(4) as pool:
        posts = [pool.submit(clients(**settings).post, "/v1/parse", data=stamped_png("slow")) for _ in range(4)]
        probes = [clients(**settings).get(path).status_code for path in ("/healthz", "/readyz", "/metrics")]
        answers = [post.result(60) for post in posts]

    assert probes == [200, 200, 200]
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert statuses[-1] == 429
    busy = next(answer for answer in answers if answer.status_code == 429)
    assert int(busy.headers["Retry-After"]) >= 1


def test_an_answer_that_is_not_ready_in_time_is_a_504(clients: Callable[..., FlaskClient]) -> None:
    """The sender will try again."""
    client = clients(engine=SlowEngine, request_seconds=1.0)
    answer = client.post("/v1/parse", data=stamped_tiff(*"abcdefgh"))

    assert answer.status_code == 504
    assert "OCR_REQUEST_SECONDS" in answer.json["detail"]
    assert "Prefer: wait=N" in answer.json["remedy"]


def test_json_with_base64_is_refused_with_how_to_send_the_file(client: FlaskClient) -> None:
    """As callers of PaddleX's serving send it."""
    for path in ("/v1/parse", "/predict"):
        answer = client.post(path, json={"file": "aGVsbG8=", "fileType": 1})
        assert answer.status_code == 415
        assert "POST /ocr" in answer.json["remedy"]
        assert "curl -F file=@" in answer.json["remedy"]
