"""How jobs end: done, refused, failed, cancelled, forgotten; and what is told on the way there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from werkzeug.test import TestResponse

from events import ours, writing
from events.uploads import DocumentUploaded
from function.reading.jobs import attendant
from function.reading.jobs.job_records import marker_key
from function.wiring import Function
from tests.doors.conftest import Sink, stamped_png, stamped_tiff
from tests.doors.job_places import Place, id_of, place_at

Make = Callable[..., Function]


def test_there_is_no_result_before_the_end(there: Place) -> None:
    """404 of a type of its own, with the time to ask again."""
    answer = there.http.get(there.submit(stamped_png("x")).headers["Location"] + "/result")

    assert (answer.status_code, answer.json["type"]) == (404, "urn:zeropage:problem:job-unfinished")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_refused_document_is_told_as_parse_would(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    """The status has the problem; the result is that problem; the log has it once."""
    address = here.submit(b"%PDF-1.7 nothing").headers["Location"]

    told = here.wait(address, "refused")
    answer = here.http.get(f"{address}/result")

    assert told["problem"]["status"] == 422
    assert (answer.status_code, answer.json["type"]) == (422, "urn:zeropage:problem:corrupt")
    assert answer.json["remedy"] == told["problem"]["remedy"]
    deadline = time.monotonic() + 30
    while not (said := [line for line in caplog.messages if "refused" in line]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert said == [f"an upload was refused: {told['problem']['detail']}"]


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
    again = there.http.delete(address)
    assert (again.status_code, again.json["finished"]) == (200, first.json["finished"]), "it ended once"
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
    functions: Make, job_folder: Path, handed_on: Sink
) -> None:
    """Pages done of all from what each range left; after the cancelling the other ranges read nothing."""
    place = place_at(functions, job_folder, handed_on, split_pages=1)
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


def test_a_split_job_whose_ranges_were_never_all_asked_for_is_failed_when_its_upload_is_given_up(
    functions: Make, job_folder: Path, handed_on: Sink
) -> None:
    """A manifest alone is no sign of life; a range that is read later is one."""
    place = place_at(functions, job_folder, handed_on, split_pages=1)
    taken = place.submit(stamped_tiff("one", "two"), "?ocr=always")
    address, upload = taken.headers["Location"], place.event()
    place.deliver(upload)
    ranges = handed_on.events[-2:]
    headers, body = writing.to_binary(upload)
    place.http.post("/deadletter", data=body, headers=headers)
    states = [place.state(address)]
    for event in ranges:
        place.deliver(event)
        states.append(place.state(address))

    assert states == ["failed", "reading", "done"]


def test_a_reading_that_was_killed_counts_as_waiting(there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last word is old: the broker delivers it again."""
    taken = there.submit(stamped_png("x"))
    key = marker_key(there.jobs.target, id_of(taken), "progress.json")
    told = {"started": datetime.now(timezone.utc), "done": 1, "total": 9}
    there.jobs.results.put("out", key, msgspec.json.encode(told), media_type="application/json")
    before = there.state(taken.headers["Location"])
    monkeypatch.setattr("function.reading.jobs.job_status.SILENT", timedelta(0))

    assert [before, there.state(taken.headers["Location"])] == ["reading", "queued"]


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


def test_an_upload_whose_key_looks_like_a_jobs_is_one_like_any_other(there: Place) -> None:
    """Whoever may upload chooses his keys; only a record makes a job, and none leaves its marks beside it."""
    key = f"jobs/{'b' * 32}/x.png"
    etag = there.jobs.uploads.put("in", key, stamped_png("mine"), media_type="image/png")

    assert there.deliver(ours.to_event(DocumentUploaded("in", key, etag=etag))).status_code == 200
    assert there.http.get(f"/v1/jobs/{'b' * 32}").status_code == 404
    assert there.files("b" * 32) == [f"in/{key}", f"out/{key}.json", f"out/{key}.md"]
