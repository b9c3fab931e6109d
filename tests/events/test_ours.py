from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import ours
from events.envelope import decode
from events.errors import Malformed
from events.event import Event
from events.uploads import DocumentUploaded
from events.writing import now, to_binary, to_structured

UPLOAD = DocumentUploaded("inbox", 'a/季 +%"😀.pdf', "v1", "e1", 7, "2025-11-03T08:15:30Z", "0055", "minio")
PAGES = ours.PagesRequested(UPLOAD, "parts/m.json", "f" * 64, 1, 100)
PARSED = ours.DocumentParsed(UPLOAD, "f" * 64, {"json": "s3://results/a.json"}, 12, 1, {"fast": 12}, {"read": 0.5})
REFUSED = ours.DocumentRefused(UPLOAD, "f" * 64, {"status": 422, "title": "damaged"}, "s3://results/a.error.json")
ALL = (UPLOAD, PAGES, PARSED, REFUSED)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
LABEL = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"'), max_size=40).filter(
    lambda text: text != "null" and not text.startswith("W/")
)
UPLOADS = st.builds(
    DocumentUploaded,
    bucket=st.from_regex(r"[a-z0-9][a-z0-9-]{2,20}", fullmatch=True),
    key=TEXT,
    version=LABEL,
    etag=LABEL,
    size=st.none() | st.integers(0, 10**15),
    time=st.just("2025-11-03T08:15:30Z"),
)


def there_and_back(event: Event) -> list[Event]:
    """Sent in both modes and received again."""
    return [decode(*write(event))[0] for write in (to_binary, to_structured)]


@given(UPLOADS)
def test_an_upload_survives_its_event(upload: DocumentUploaded) -> None:
    """Whatever its key holds, in both modes."""
    for event in there_and_back(ours.to_event(upload)):
        assert ours.from_event(event) == upload


@given(UPLOADS, TEXT, st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_range_survives_its_event(upload: DocumentUploaded, manifest: str, first: int, more: int) -> None:
    """With its pages and its manifest."""
    pages = ours.PagesRequested(upload, manifest, "f", first, first + more)
    for event in there_and_back(ours.to_event(pages)):
        assert ours.from_event(event) == pages


@pytest.mark.parametrize("value", ALL, ids=lambda value: type(value).__name__)
def test_an_event_says_where_and_what(value: Any) -> None:
    """Source, subject and type are what Triggers filter by; the headers are ASCII."""
    event = ours.to_event(value, time="2025-11-03T08:15:31Z")
    headers, body = to_binary(event)

    assert event.type in ours.TYPES
    assert (event.source, event.subject, event.time) == ("s3://inbox", UPLOAD.key, "2025-11-03T08:15:31Z")
    assert headers["ce-subject"] == "a/%E5%AD%A3%20+%25%22%F0%9F%98%80.pdf"
    assert headers["content-type"] == "application/json"
    assert all(value.isascii() for value in headers.values())
    assert b'"bucket":"inbox"' in body
    assert there_and_back(event) == [event, event]


def test_a_subject_holds_no_control_characters() -> None:
    """The specification forbids them, so they are encoded; the data has the key itself."""
    upload = replace(UPLOAD, key="a\nb\x00\x85.pdf")
    event = ours.to_event(upload)

    assert event.subject == "a%0Ab%00%C2%85.pdf"
    assert [ours.from_event(received) for received in there_and_back(event)] == [upload, upload]


def test_the_same_thing_has_the_same_id_and_nothing_else_has() -> None:
    """SHA-256 over all that the event is about: a consumer drops what it has seen."""
    others = [
        UPLOAD,
        replace(UPLOAD, bucket="other"),
        replace(UPLOAD, key="b"),
        replace(UPLOAD, version="v2"),
        PAGES,
        replace(PAGES, first=2),
        replace(PAGES, last=99),
        replace(PAGES, fingerprint="0"),
        PARSED,
        replace(PARSED, fingerprint="0"),
        REFUSED,
    ]
    ids = [ours.to_event(value).id for value in others]

    assert len(set(ids)) == len(ids)
    assert all(len(id_) == 64 and int(id_, 16) for id_ in ids)
    assert ids == [ours.to_event(value).id for value in others]
    assert ours.to_event(PARSED, id_="stored").id == "stored"


def test_ids_stay_what_they_are() -> None:
    """They stand in the metadata of results; another way to count them would make every consumer read twice."""
    upload = DocumentUploaded("inbox", "季.pdf", "v1")

    assert ours.event_id(ours.PARSED, upload, "f") == "caf1adc99796d239053ab2a303e634eb2e6745ac875c42a0884963fe501c3dcb"


@pytest.mark.parametrize(
    ("one", "other"),
    list(
        itertools.combinations(
            [
                DocumentUploaded("b", "k", version="1"),
                DocumentUploaded("b", "k", etag="2"),
                DocumentUploaded("b", "k", sequencer="3"),
                DocumentUploaded("b", "k", time="4", size=1),
                DocumentUploaded("b", "k", time="5", size=1),
            ],
            2,
        )
    ),
)
def test_a_sender_that_says_little_still_tells_uploads_apart(one: DocumentUploaded, other: DocumentUploaded) -> None:
    """Version, else etag, else sequencer, else time and size: the best that it said."""
    assert ours.event_id(ours.UPLOADED, one) != ours.event_id(ours.UPLOADED, other)


@pytest.mark.parametrize(
    ("type_", "data", "problem"),
    [
        (ours.UPLOADED, {}, "data.bucket: is missing; data.key: is missing"),
        (ours.UPLOADED, [], "data: is list, not a JSON object"),
        (ours.PAGES_REQUESTED, {"bucket": "b", "key": "k", "first": 3, "last": 2}, "first: and last must be pages"),
        (ours.PAGES_REQUESTED, {"bucket": "b", "key": "k"}, "data.manifest: is missing"),
        (ours.PARSED, {"bucket": "b", "key": "k"}, "asks for nothing"),
    ],
)
def test_an_incomplete_event_of_ours_is_refused(type_: str, data: Any, problem: str) -> None:
    """Somebody else may have written it."""
    with pytest.raises(Malformed) as caught:
        ours.from_event(Event("1", "s", type_, data=data))

    assert problem in str(caught.value)


def test_an_event_without_a_time_stays_without() -> None:
    """Replaying an old event must not make it young."""
    event = Event(
        "1", "s", "t", extensions={"knativeerrorcode": 500}, data=[1, "é"], datacontenttype="application/json"
    )

    for received in there_and_back(event):
        assert received.time == ""
        assert received.data == [1, "é"]
    assert there_and_back(event)[1].extensions == {"knativeerrorcode": 500}


def test_bytes_and_nothing_travel_too() -> None:
    """A dead letter may hold anything."""
    pdf = Event("1", "s", "t", time=now(), datacontenttype="application/pdf", data=b"%PDF\xff")
    empty = Event("1", "s", "t")

    assert there_and_back(pdf) == [pdf, pdf]
    assert there_and_back(empty) == [empty, empty]


def test_no_nan_is_written() -> None:
    """It would be no JSON, and the consumer's parser would fail instead of ours."""
    with pytest.raises(ValueError, match="JSON compliant"):
        to_binary(ours.to_event(replace(PARSED, timings={"read": float("nan")})))
    with pytest.raises(ValueError, match="JSON compliant"):
        to_structured(ours.to_event(replace(PARSED, timings={"read": float("nan")})))
