"""POST /v1/jobs: taken now, read later, told by whoever is asked; everything that is known lies in the buckets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from events import ours, writing
from events.event import Event
from events.senders import read_event
from events.uploads import DocumentUploaded
from function import api_keys
from function.doors import job_events
from function.doors.app import create_app
from function.reading import attendant
from function.reading.job_records import marker_key
from function.reading.jobs import Jobs
from function.wiring import Function
from tests.doors.conftest import Bucketed, Sink, stamped_png, stamped_tiff

Make = Callable[..., Function]


@pytest.fixture(scope="module")
def handed_on() -> Iterator[Sink]:
    """Where the events of jobs go."""
    opened = Sink()
    yield opened
    opened.close()


@dataclass
class Place:
    """A function beside two folders."""

    function: Function
    folder: Path
    http: FlaskClient
    sink: Sink | None = None

    @property
    def jobs(self) -> Jobs:
        """What its door asks."""
        assert self.function.jobs is not None
        return self.function.jobs.jobs

    def submit(self, body: bytes, query: str = "", **headers: str) -> TestResponse:
        """A job of this document."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(f"/v1/jobs{query}", data=body, headers=named)

    def state(self, address: str) -> str:
        """How it stands."""
        return str(self.http.get(address).json["state"])

    def wait(self, address: str, state: str) -> dict[str, Any]:
        """Until it stands so."""
        deadline = time.monotonic() + 60
        while (told := self.http.get(address).json)["state"] != state:
            assert time.monotonic() < deadline, told
            time.sleep(0.02)
        return dict(told)

    def event(self) -> Event:
        """The last that was handed on."""
        assert self.sink is not None
        return self.sink.events[-1]

    def deliver(self, event: Event) -> TestResponse:
        """As the broker brings it back."""
        headers, body = writing.to_binary(event)
        return self.http.post("/", data=body, headers={**headers, "Prefer": "reply"})

    def files(self, below: str = "") -> list[str]:
        """What the folders hold of a job."""
        found = [path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()]
        return sorted(str(path) for path in found if ".zeropage-disk" not in path.parts and below in str(path))


def _place(functions: Make, folder: Path, sink: Sink | None, **settings: object) -> Place:
    for name in ("in", "out"):
        (folder / name).mkdir(exist_ok=True)
    places: dict[str, object] = {"inbox": f"file://{folder}/in", "results": f"file://{folder}/out", **settings}
    function = functions(**places, **({"sink": sink.url} if sink else {}))
    return Place(function, folder, create_app(function).test_client(), sink)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of this module's jobs."""
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture
def here(functions: Make, folder: Path) -> Place:
    """Without a sink: jobs are read in this process."""
    return _place(functions, folder, None)


@pytest.fixture
def there(functions: Make, folder: Path, handed_on: Sink) -> Place:
    """With a sink: jobs are read when their event is delivered, or not at all."""
    handed_on.status = 202
    return _place(functions, folder, handed_on)


def id_of(answer: TestResponse) -> str:
    """Of a job that was accepted."""
    return str(answer.json["id"])


def test_a_job_is_taken_read_and_told_in_every_format(here: Place) -> None:
    """202 with its address at once; then its state, and the result as /v1/parse would write it."""
    taken = here.submit(stamped_png("hello"), "?ocr=always&format=markdown")
    address = taken.headers["Location"]

    assert taken.status_code == 202
    assert address == taken.json["links"]["self"] == f"/v1/jobs/{id_of(taken)}"
    assert int(taken.headers["Retry-After"]) >= 1
    told = here.wait(address, "done")
    assert told["pages"] == {"done": 1, "total": 1, "failed": 0}
    assert told["created"] <= told["finished"]
    assert here.http.get(f"{address}/result").data == b"hello\n"
    whole = here.http.get(f"{address}/result?format=json")
    assert (whole.json["pages"][0]["number"], whole.json["document"]["name"]) == (1, "document.png")
    lines = here.http.get(f"{address}/result?format=ndjson").data.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["page", "result"]


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
def test_a_caller_of_parse_may_prefer_a_job(path: str, there: Place) -> None:
    """RFC 7240: `Prefer: respond-async`, whatever else is preferred."""
    taken = there.http.post(path, data=stamped_png("x"), headers={"Prefer": "wait=1, respond-async"})

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


def test_there_is_no_result_before_the_end(there: Place) -> None:
    """404 of a type of its own, with the time to ask again."""
    answer = there.http.get(there.submit(stamped_png("x")).headers["Location"] + "/result")

    assert (answer.status_code, answer.json["type"]) == (404, "urn:zeropage:problem:job-unfinished")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_refused_document_is_told_as_parse_would(here: Place) -> None:
    """The status has the problem; the result is that problem."""
    address = here.submit(b"%PDF-1.7 nothing").headers["Location"]

    told = here.wait(address, "refused")
    answer = here.http.get(f"{address}/result")

    assert told["problem"]["status"] == 422
    assert (answer.status_code, answer.json["type"]) == (422, "urn:zeropage:problem:corrupt")
    assert answer.json["remedy"] == told["problem"]["remedy"]


def test_a_delivery_that_is_given_up_is_a_failed_job_until_it_is_replayed(there: Place) -> None:
    """The dead-letter door says so; replaying the letter mends it."""
    address = there.submit(stamped_png("hello")).headers["Location"]
    headers, body = writing.to_binary(there.event())
    letter = {**headers, "ce-knativeerrorcode": "503"}

    assert there.http.post("/deadletter", data=body, headers=letter).status_code == 204
    told = there.http.get(address).json
    assert (told["state"], "503" in told["problem"]["detail"]) == ("failed", True)
    assert there.http.get(f"{address}/result").json["type"] == "urn:zeropage:problem:job-failed"
    there.deliver(there.event())
    assert there.state(address) == "done"


def test_a_dead_letter_of_a_job_that_never_was_makes_none(there: Place) -> None:
    """A key that looks like a job's proves nothing: whoever may upload chooses it."""
    upload = DocumentUploaded("in", f"jobs/{'a' * 32}/x.png", etag="e")
    headers, body = writing.to_binary(ours.to_event(upload))

    assert there.http.post("/deadletter", data=body, headers=headers).status_code == 204
    assert there.files("a" * 32) == []


def test_a_cancelled_job_is_not_read_and_leaves_nothing_but_that_word(there: Place) -> None:
    """Its event is answered with an empty 2xx; asking again says cancelled; cancelling again is no error."""
    taken = there.submit(stamped_png("hello"))
    address, event = taken.headers["Location"], there.event()

    first = there.http.delete(address)
    late = there.deliver(event)

    assert (first.status_code, first.json["state"]) == (200, "cancelled")
    assert (late.status_code, late.data) == (204, b"")
    assert there.http.get(f"{address}/result").status_code == 410
    assert there.http.delete(address).status_code == 200
    kept = [path.rpartition("/")[2] for path in there.files(id_of(taken))]
    assert kept == ["cancelled.json", "job.json"]


def test_cancelling_a_job_that_is_done_removes_its_result(there: Place) -> None:
    """Whatever it holds."""
    taken = there.submit(stamped_png("hello"))
    there.deliver(there.event())
    assert len(there.files(id_of(taken))) >= 4

    there.http.delete(taken.headers["Location"])

    kept = [path.rpartition("/")[2] for path in there.files(id_of(taken))]
    assert kept == ["cancelled.json", "job.json"]


def test_a_job_that_is_being_read_tells_its_pages_and_stops_when_it_is_cancelled(
    there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress lies in the bucket, for every instance; a cancelled reading ends between two pages, for good."""
    monkeypatch.setattr(attendant, "GLANCE", 0.01)
    monkeypatch.setattr(attendant, "TELLING", 0.01)
    pages = stamped_tiff("one", *["stub:wait=0.3"] * 30)
    taken = there.submit(pages, "?ocr=always")
    address, answers = taken.headers["Location"], list[TestResponse]()
    delivery = threading.Thread(target=lambda event: answers.append(there.deliver(event)), args=(there.event(),))
    delivery.start()
    told = there.wait(address, "reading")
    while not told["pages"]["done"]:
        told = dict(there.http.get(address).json)
    assert told["pages"]["total"] == 31
    assert told["remaining_seconds"] > 0
    assert int(there.http.get(address).headers["Retry-After"]) >= 1

    there.http.delete(address)
    delivery.join(60)

    assert [answer.status_code for answer in answers] == [204]
    assert there.state(address) == "cancelled"
    assert not [path for path in there.files(id_of(taken)) if path.startswith("out/jobs")]


def test_a_split_document_tells_its_ranges_and_those_that_have_not_begun_are_stopped(
    functions: Make, folder: Path, handed_on: Sink
) -> None:
    """Pages done of all from what each range left; after the cancelling the other ranges read nothing."""
    place = _place(functions, folder, handed_on, split_pages=1)
    taken = place.submit(stamped_tiff("one", "two", "three"), "?ocr=always")
    address, begun = taken.headers["Location"], len(handed_on.events)
    place.deliver(place.event())
    ranges = handed_on.events[begun:]
    assert [event.type for event in ranges] == [ours.PAGES_REQUESTED] * 3
    counted = [place.http.get(address).json["pages"]]
    place.deliver(ranges[0])
    told = place.http.get(address).json
    counted.append(told["pages"])

    place.http.delete(address)
    late = [place.deliver(event) for event in ranges[1:]]

    assert [told["state"], place.state(address)] == ["reading", "cancelled"]
    assert counted == [{"done": 0, "total": 3, "failed": 0}, {"done": 1, "total": 3, "failed": 0}]
    assert [answer.status_code for answer in late] == [204, 204]
    assert [path for path in place.files(".zeropage/parts") if "manifest" in path] == []
    assert not [path for path in place.files(id_of(taken)) if path.startswith("out/jobs")]


def test_a_reading_that_was_killed_counts_as_waiting(there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last word is old: the broker delivers it again."""
    taken = there.submit(stamped_png("x"))
    key = marker_key(there.jobs.target, id_of(taken), "progress.json")
    told = {"started": datetime.now(timezone.utc), "done": 1, "total": 9}
    there.jobs.results.put("out", key, msgspec.json.encode(told), media_type="application/json")
    before = there.state(taken.headers["Location"])
    monkeypatch.setattr("function.reading.job_status.SILENT", timedelta(0))

    assert [before, there.state(taken.headers["Location"])] == ["reading", "queued"]


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


def told_in(answer: TestResponse) -> list[tuple[str, str, Any]]:
    """The events of a stream: name, id, data."""
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in answer.text.strip().split("\n\n")]
    return [(block["event"], block["id"], json.loads(block["data"])) for block in blocks if "event" in block]


def test_a_stream_tells_each_change_until_the_end(there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """`queued`, then `done`; over when it is over, and an EventSource that comes back is sent away with 204."""
    monkeypatch.setattr(job_events, "GLANCE", 0.01)
    address = there.submit(stamped_png("x")).headers["Location"]
    stream = there.http.get(f"{address}/events")
    lines = iter(stream.iter_encoded())
    head = next(lines) + next(lines)
    there.deliver(there.event())
    stream_rest = b"".join(lines)

    assert stream.content_type.startswith("text/event-stream")
    assert b"retry: 1000" in head
    assert b"event: status\nid: queued\n" in head
    assert b"event: status\nid: done-1-1\n" in stream_rest
    again = there.http.get(f"{address}/events", headers={"Last-Event-ID": "done-1-1"})
    assert again.status_code == 204


def test_a_stream_ends_after_a_while_and_the_next_goes_on_where_it_ended(
    there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told is not told again; silence is broken by heartbeats."""
    monkeypatch.setattr(job_events, "GLANCE", 0.01)
    monkeypatch.setattr(job_events, "SECONDS", 0.1)
    monkeypatch.setattr(job_events, "SILENCE", 0.02)
    address = there.submit(stamped_png("x")).headers["Location"] + "/events"

    first = told_in(there.http.get(address))
    second = told_in(there.http.get(address, headers={"Last-Event-ID": first[0][1]}))

    assert [first[0][0], first[0][2]["state"]] == ["status", "queued"]
    assert {name for name, _, _ in second} == {"heartbeat"}


def test_without_room_for_a_stream_each_connection_gets_the_status(
    there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streams must not take the threads of everybody else; clients then come again, less often."""
    monkeypatch.setattr(job_events, "_room", threading.BoundedSemaphore(1))
    job_events._room.acquire()
    address = there.submit(stamped_png("x")).headers["Location"] + "/events"

    answer = there.http.get(address)

    assert "retry: 5000" in answer.text
    assert [data["state"] for _, _, data in told_in(answer)] == ["queued"]


def test_a_document_may_be_put_past_the_function(bucketed: Callable[..., Bucketed], sink: Sink) -> None:
    """An address for it, then the job's event goes out; its options travel as the object's metadata."""
    place = bucketed(sink=sink.url)
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
    """404 that names the variable; nothing is left behind."""
    before = here.files()
    answer = here.http.post("/v1/uploads?name=big.pdf")

    assert answer.status_code == 404
    assert "OCR_INBOX" in answer.json["detail"] + answer.json["remedy"]
    assert here.files() == before


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/uploads"])
def test_without_places_there_are_no_jobs(path: str, client: FlaskClient) -> None:
    """404 that names the variables; /v1/parse just answers at once."""
    answer = client.post(path, data=stamped_png("x"))

    assert answer.status_code == 404
    assert "OCR_INBOX and OCR_RESULTS" in answer.json["detail"]
    now = client.post("/v1/parse", data=stamped_png("x"), headers={"Prefer": "respond-async"})
    assert now.status_code == 200


def test_a_job_belongs_to_its_tenant(functions: Make, folder: Path, handed_on: Sink, tmp_path: Path) -> None:
    """Another's key gets 404 for whatever it asks, and the same Idempotency-Key is another job."""
    secrets, lines = {}, []
    for name, tenant in (("alice", "acme"), ("anna", "acme"), ("bob", ""), ("ben", "")):
        secrets[name], key = api_keys.make(name, tenant=tenant)
        lines.append(key.line)
    (tmp_path / "keys").write_text("\n".join(lines))
    place = _place(functions, folder, handed_on, api_keys_file=str(tmp_path / "keys"))
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


def test_jobs_that_are_over_are_forgotten_and_those_that_are_not_stay(there: Place) -> None:
    """What `reconcile --clean` asks for: ended, or never uploaded, and untouched since a moment."""
    done, waiting = there.submit(stamped_png("a")), there.submit(stamped_png("b"))
    there.deliver(there.sink.events[-2] if there.sink else there.event())
    later = datetime.now(timezone.utc) + timedelta(hours=1)

    stale = {record.id: record for record in there.jobs.stale(later)}
    recent = [record.id for record in there.jobs.stale(later - timedelta(hours=2))]
    there.jobs.forget(stale[id_of(done)])

    assert recent == []
    assert id_of(waiting) not in stale
    assert there.http.get(done.headers["Location"]).status_code == 404
    assert [path for path in there.files(id_of(done)) if not path.startswith("out/jobs")] == []
    assert [path for path in there.files(id_of(done)) if path.endswith(".png.json")] != []


def test_a_forgotten_key_begins_anew_whatever_result_is_left(there: Place) -> None:
    """The result of a job of long ago is not that of another document sent with the same key."""
    done = there.submit(stamped_png("old"), Idempotency_Key="anew")
    there.deliver(there.event())
    there.jobs.forget(there.jobs.find(id_of(done), ""))

    anew = there.submit(stamped_png("new"), Idempotency_Key="anew")
    assert (id_of(anew), anew.json["state"]) == (id_of(done), "queued")
    there.deliver(there.event())

    assert there.http.get(f"{anew.headers['Location']}/result?format=text").data == b"new\n"
