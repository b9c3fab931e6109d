"""POST /v1/jobs: taken now, read later, told by whoever is asked; everything that is known lies in the buckets."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from events import ours, writing
from events.senders import read_event
from events.uploads import DocumentUploaded
from function import api_keys
from function.doors.app import create_app
from function.wiring import Function
from tests.doors.conftest import Bucketed, Sink, stamped_png
from tests.doors.job_places import Place, id_of, place_at

Make = Callable[..., Function]


def test_with_a_sink_the_jobs_event_goes_there_by_itself(there: Place) -> None:
    """Whatever the bucket tells or does not tell; whoever gets it reads the upload, and completion names it."""
    taken = there.submit(stamped_png("hello"), "?ocr=always")
    address, event = taken.headers["Location"], there.event()

    assert event.type == ours.UPLOADED
    [upload] = read_event(event)
    assert isinstance(upload, DocumentUploaded)
    assert upload.key == f"jobs/{id_of(taken)}/document.png"
    assert there.state(address) == "queued"
    reply = there.deliver(event)
    assert reply.status_code == 200
    assert reply.headers["ce-type"] == ours.PARSED
    assert reply.headers["ce-subject"] == upload.key
    assert there.state(address) == "done"


def test_a_second_event_of_the_same_upload_changes_nothing(there: Place) -> None:
    """The bucket's own notification may come, too."""
    taken = there.submit(stamped_png("twice"))
    first, second = there.deliver(there.event()), there.deliver(there.event())

    assert first.headers["ce-id"] == second.headers["ce-id"]
    assert there.state(taken.headers["Location"]) == "done"


@pytest.mark.parametrize("path", ["/v1/parse?ocr=always", "/predict"])
@pytest.mark.parametrize("prefer", ["wait=1, respond-async", "respond-async; x=1, wait=0", "Respond-Async"])
def test_a_caller_of_parse_may_prefer_a_job(path: str, prefer: str, there: Place) -> None:
    """RFC 7240: `Prefer: respond-async`, whatever else is preferred; at once, so no waiting is applied."""
    taken = there.http.post(path, data=stamped_png("x"), headers={"Prefer": prefer})

    assert (taken.status_code, taken.headers["Preference-Applied"]) == (202, "respond-async")
    assert there.state(taken.headers["Location"]) == "queued"


def test_an_idempotency_key_makes_a_repetition_the_same_job(there: Place) -> None:
    """202 until it is finished, then 200; as a structured field or without its quotes."""
    assert there.sink is not None
    sent = len(there.sink.events)
    first = there.submit(stamped_png("once"), Idempotency_Key='"6f1c-once"')
    again = there.submit(stamped_png("once"), Idempotency_Key="6f1c-once")
    events = there.sink.events[sent:]
    there.deliver(events[0])
    finished = there.submit(stamped_png("once"), Idempotency_Key="6f1c-once")

    assert id_of(first) == id_of(again) == id_of(finished)
    assert [first.status_code, again.status_code, finished.status_code] == [202, 202, 200]
    assert len({event.id for event in events}) == 1
    assert len(there.sink.events) == sent + len(events)


@pytest.mark.parametrize(("text", "query"), [("other", ""), ("once", "?ocr=always"), ("once", "?format=text")])
def test_the_same_key_with_anything_else_is_refused(text: str, query: str, there: Place) -> None:
    """422 and nothing is read: other bytes, other options, another format."""
    key = f"same-{text}{query}"
    there.submit(stamped_png("once"), Idempotency_Key=key)

    answer = there.submit(stamped_png(text), query, Idempotency_Key=key)

    assert (answer.status_code, answer.json["type"]) == (422, "urn:zeropage:problem:key-reused")


def test_requests_of_one_key_at_one_moment_are_one_job(there: Place) -> None:
    """A client that gave up waiting and tries again meets its own first request."""
    body, app = stamped_png("at once"), create_app(there.function)

    def ask(_: int) -> TestResponse:
        return app.test_client().post("/v1/jobs", data=body, headers={"Idempotency-Key": "at-once"})

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))

    assert {answer.status_code for answer in answers} == {202}
    [id_] = {id_of(answer) for answer in answers}
    assert there.files(id_) == [f"in/jobs/{id_}/document.png", f"out/.zeropage/jobs/{id_}/job.json"]


def test_a_key_that_is_none_is_refused(there: Place) -> None:
    """400 with what it may be."""
    answers = [there.submit(b"x", Idempotency_Key=key) for key in ("two words", "x" * 256, 'a"b')]

    assert [answer.status_code for answer in answers] == [400] * 3


@pytest.mark.parametrize("id_", ["nope", "0" * 32, "f" * 64, "..%2F..%2Fsecret"])
@pytest.mark.parametrize("rest", ["", "/result", "/events"])
def test_an_unknown_job_is_404(id_: str, rest: str, there: Place) -> None:
    """By whatever name."""
    answer = there.http.get(f"/v1/jobs/{id_}{rest}")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_without_a_sink_whoever_is_asked_reads_what_nobody_reads(here: Place, there: Place) -> None:
    """A job whose process was killed is not lost: another instance, asked for it, takes it in."""
    address = there.submit(stamped_png("left behind")).headers["Location"]

    here.wait(address, "done")

    assert here.http.get(f"{address}/result?format=text").data == b"left behind\n"


def test_a_sink_that_does_not_answer_is_told_and_asking_again_mends_it(there: Place) -> None:
    """503, and the same request with its key sends the event."""
    assert there.sink is not None
    there.sink.status = 500
    failed = there.submit(stamped_png("x"), Idempotency_Key="sink-away")
    there.sink.status = 202
    sent = len(there.sink.events)

    mended = there.submit(stamped_png("x"), Idempotency_Key="sink-away")

    assert (failed.status_code, mended.status_code) == (503, 202)
    assert len(there.sink.events) == sent + 1


def test_a_document_may_be_put_past_the_function(bucketed: Callable[..., Bucketed], sink: Sink) -> None:
    """An address for it, then the job's event goes out; its options travel as the object's metadata."""
    place = bucketed(sink=sink.url, max_request_bytes=20_000)
    refused = place.http.post("/v1/parse", data=bytes(20_001))
    assert (refused.status_code, "POST /v1/uploads" in refused.json["remedy"]) == (413, True)
    address = place.http.post("/v1/uploads?name=big%20scan.png&ocr=always").json
    early = place.http.post(address["links"]["start"])
    put = requests.put(address["url"], data=stamped_png("large"), headers=address["headers"], timeout=30)

    assert (early.status_code, put.status_code) == (400, 200)
    assert address["headers"] == {"x-amz-meta-ocr-ocr": "always"}
    started = place.http.post(address["links"]["start"])
    assert (started.status_code, started.json["state"]) == (202, "queued")
    headers, body = writing.to_binary(sink.events[-1])
    assert place.http.post("/", data=body, headers={**headers, "Prefer": "reply"}).status_code == 200
    assert place.http.get(f"{address['links']['job']}/result?format=text").data == b"large\n"
    assert place.http.get(address["links"]["job"]).json["name"] == "big scan.png"
    assert place.http.post(address["links"]["start"]).status_code == 200


def test_a_folder_has_no_addresses_and_says_what_has(here: Place) -> None:
    """404 that names the variable; nothing is left behind, and nobody is sent there."""
    before = here.files()
    answer = here.http.post("/v1/uploads?name=big.pdf")
    refused = here.http.post("/v1/jobs", data=bytes(here.function.settings.max_request_bytes + 1))

    assert answer.status_code == 404
    assert "OCR_INBOX" in answer.json["detail"] + answer.json["remedy"]
    assert (refused.status_code, "/v1/uploads" in refused.json["remedy"]) == (413, False)
    assert here.files() == before


@pytest.mark.parametrize("path", ["/v1/uploads?name=a.png", "/v1/jobs?upload=deadbeef"])
@pytest.mark.parametrize("sent", [{"file": (b"%PDF-", "a.pdf")}, b"%PDF-", b'{"name": "a.png"}'])
def test_a_document_that_is_sent_where_none_is_taken_is_not_lost_in_silence(path: str, sent: Any, here: Place) -> None:
    """400 before anything is made; 201 with an address, or 202, looked as if it had been taken."""
    before = here.files()
    data = {"file": (io.BytesIO(sent["file"][0]), "a.pdf")} if isinstance(sent, dict) else sent
    answer = here.http.post(path, data=data)

    assert (answer.status_code, "takes no document" in answer.json["detail"]) == (400, True)
    assert "`url`" in answer.json["remedy"]
    assert here.files() == before


@pytest.mark.parametrize("more", ["&tier=fast", "&format=text", "&fromat=text"])
def test_options_beside_an_upload_come_too_late_and_hear_so(more: str, here: Place) -> None:
    """They were told when its address was asked for."""
    answer = here.http.post(f"/v1/jobs?upload=deadbeef{more}")

    assert answer.status_code == 400
    assert "changes nothing here" in answer.json["detail"]
    assert "POST /v1/uploads" in answer.json["remedy"]


def test_a_result_is_asked_for_its_format_alone_and_kept_by_nobody_on_the_way(here: Place) -> None:
    """A misspelt word was answered with JSON; and it is its caller's, in the format of the moment."""
    address = here.submit(stamped_png("mine")).headers["Location"]
    early = here.http.get("/v1/jobs/deadbeef")
    here.wait(address, "done")
    misspelt = here.http.get(f"{address}/result?fromat=text")

    assert (misspelt.status_code, "did you mean format?" in misspelt.json["detail"]) == (400, True)
    for form in ("json", "text", "ndjson"):
        answer = here.http.get(f"{address}/result?format={form}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (early.status_code, early.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize("id_", ["deadbeef", "a" * 32, ""])
def test_an_upload_that_nobody_asked_for_is_called_so(id_: str, here: Place) -> None:
    """404 that talks of uploads, where a job's would have one look for jobs."""
    answer = here.http.post(f"/v1/jobs?upload={id_}")

    assert (answer.status_code, answer.json["type"]) == (404, "urn:zeropage:problem:unknown-upload")
    assert "POST /v1/uploads" in answer.json["remedy"]


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/uploads"])
def test_without_places_there_are_no_jobs(path: str, client: FlaskClient) -> None:
    """404 that names the variables; /v1/parse just answers at once."""
    answer = client.post(path, data=stamped_png("x"))

    assert answer.status_code == 404
    assert "OCR_INBOX and OCR_RESULTS" in answer.json["detail"]
    now = client.post("/v1/parse", data=stamped_png("x"), headers={"Prefer": "respond-async"})
    assert now.status_code == 200


def test_a_job_belongs_to_its_tenant(functions: Make, job_folder: Path, handed_on: Sink, tmp_path: Path) -> None:
    """Another's key gets 404 for whatever it asks, and the same Idempotency-Key is another job."""
    secrets, lines = {}, []
    for name, tenant in (("alice", "acme"), ("anna", "acme"), ("bob", ""), ("ben", "")):
        secrets[name], key = api_keys.make(name, tenant=tenant)
        lines.append(key.line)
    (tmp_path / "keys").write_text("\n".join(lines))
    place = place_at(functions, job_folder, handed_on, api_keys_file=str(tmp_path / "keys"))
    shown = {name: {"X-API-Key": secret} for name, secret in secrets.items()}
    of_alice = place.submit(stamped_png("x"), Idempotency_Key="1", **shown["alice"])
    of_bob = place.submit(stamped_png("x"), Idempotency_Key="1", **shown["bob"])

    assert place.submit(stamped_png("x")).status_code == 401
    assert id_of(of_alice) != id_of(of_bob)
    for taken, may in ((of_alice, {"alice", "anna"}), (of_bob, {"bob"})):
        address = taken.headers["Location"]
        seen = {name for name in shown if place.http.get(address, headers=shown[name]).status_code == 200}
        assert seen == may
        for rest in ("/result", "/events"):
            assert place.http.get(address + rest, headers=shown["ben"]).json["type"].endswith("unknown-job")
        assert place.http.delete(address, headers=shown["ben"]).status_code == 404


def test_a_tenant_that_the_gateway_tells_of_has_jobs_of_his_own(
    functions: Make, job_folder: Path, handed_on: Sink
) -> None:
    """OCR_TENANT_HEADER is trusted for this as it is for whose turn it is."""
    place = place_at(functions, job_folder, handed_on, tenant_header="X-Tenant")
    address = place.submit(stamped_png("x"), X_Tenant="acme").headers["Location"]
    seen = [place.http.get(address, headers=told).status_code for told in ({"X-Tenant": "acme"}, {"X-Tenant": "b"}, {})]

    assert seen == [200, 404, 404]
