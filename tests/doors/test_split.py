"""Split documents through the doors: an upload becomes ranges, an event each; a dead one ends its document."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from events import ours, writing
from events.event import Event
from tests.doors.conftest import Bucketed, Sink, stamped_tiff

Make = Callable[..., Bucketed]
PAGES = ("one", "two", "three")


@pytest.fixture
def place(bucketed: Make, sink: Sink) -> Bucketed:
    """With a sink, where every document of more than one page is split into single ones."""
    return bucketed(sink=sink.url, split_pages=1)


def post(place: Bucketed, event: Event, path: str = "/", **more: str) -> TestResponse:
    """As a broker delivers it."""
    headers, body = writing.to_binary(event)
    return place.http.post(path, data=body, headers={**headers, "Prefer": "reply", **more})


def test_an_upload_is_answered_at_once_and_its_last_range_with_the_result(place: Bucketed, sink: Sink) -> None:
    """Each range's event goes to the sink; the others of them get an empty 2xx."""
    upload = place.upload("a.tif", stamped_tiff(*PAGES))

    split = place.deliver(upload)
    assert (split.status_code, split.data) == (204, b"")
    assert [event.type for event in sink.events] == [ours.PAGES_REQUESTED] * 3
    answers = [post(place, event) for event in sink.events]
    assert [answer.status_code for answer in answers] == [204, 204, 200]
    assert answers[-1].headers["ce-type"] == ours.PARSED
    assert answers[-1].json is not None
    assert (answers[-1].json["key"], answers[-1].json["pages"]) == ("in/a.tif", 3)
    assert place.result("a.tif.md") == b"one\n\ntwo\n\nthree\n"
    assert sorted(place.keys()) == ["a.tif.json", "a.tif.md"]


def test_without_a_sink_a_long_document_is_read_in_one_go(bucketed: Make) -> None:
    """Nobody could be asked for its ranges."""
    place = bucketed(split_pages=1)

    assert place.deliver(place.upload("a.tif", stamped_tiff(*PAGES))).status_code == 200
    assert sorted(place.keys()) == ["a.tif.json", "a.tif.md"]


def test_ranges_and_what_is_sent_on_bear_their_tenant(place: Bucketed, sink: Sink) -> None:
    """By which the pages of all instances take turns."""
    uploads = [place.upload(name, stamped_tiff(*PAGES)) for name in ("a.tif", "b.tif")]
    assert post(place, ours.to_event(uploads[0], tenant="acme")).status_code == 204
    batch = [json.loads(writing.to_structured(ours.to_event(upload, tenant="acme"))[1]) for upload in uploads]
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    assert place.http.post("/", data=json.dumps(batch), headers=headers).status_code == 204

    assert [event.type for event in sink.events] == [ours.PAGES_REQUESTED] * 3 + [ours.UPLOADED] * 2
    assert {event.extensions.get("tenant") for event in sink.events} == {"acme"}


def test_a_dead_range_is_archived_and_its_document_ends_without_it(place: Bucketed, sink: Sink) -> None:
    """Its page tells the last answer, and the sink hears of the result, since nobody passes a reply on."""
    place.deliver(place.upload("a.tif", stamped_tiff(*PAGES)))
    # Sent side by side, so that they arrive in any order.
    first, second, third = sorted(sink.events, key=lambda event: event.data["first"])
    post(place, first)
    post(place, third)
    why = base64.b64encode(json.dumps({"detail": "the engine crashed"}).encode()).decode()

    dead = post(place, second, "/deadletter", **{"ce-knativeerrorcode": "500", "ce-knativeerrordata": why})

    assert dead.status_code == 204
    result = json.loads(place.result("a.tif.json") or b"")
    assert [page["error"] and page["error"]["detail"] for page in result["pages"]] == [
        None, "pages 2-2 failed every time they were delivered; the last answer was 500: the engine crashed", None,
    ]  # fmt: skip
    assert (sink.events[-1].type, sink.events[-1].data["failed_pages"]) == (ours.PARSED, 1)
    [letter] = [one for one in place.keys() if "deadletters" in one]  # noqa: SIM118 - it is no dict
    kept = json.loads(place.result(letter) or b"")
    assert kept["type"] == ours.PAGES_REQUESTED


def test_a_dead_range_that_is_not_ours_is_archived_all_the_same(place: Bucketed) -> None:
    """Whoever made it up leads nowhere."""
    headers = {"ce-id": "7", "ce-source": "x", "ce-type": ours.PAGES_REQUESTED, "ce-specversion": "1.0"}
    made_up = {"bucket": place.inbox, "key": "in/a.tif", "manifest": "out/x", "fingerprint": "f", "first": 1, "last": 2}
    for body in ({"a": 1}, made_up):
        answer = place.http.post("/deadletter", json=body, headers={**headers, "ce-id": str(len(body))})
        assert answer.status_code == 204

    assert len(place.keys()) == 2


def test_a_range_whose_manifest_lies_elsewhere_is_forbidden(place: Bucketed, sink: Sink) -> None:
    """Only manifests below OCR_RESULTS, and only that of this very upload, are looked at."""
    place.deliver(place.upload("a.tif", stamped_tiff(*PAGES)))
    event = sink.events[0]
    data = {**event.data, "manifest": "other/manifest.json"}
    headers, _ = writing.to_binary(event)

    assert place.http.post("/", json=data, headers=headers).status_code == 403
