from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from events.envelope import MAX_EVENTS, decode
from events.errors import Malformed, Oversized
from events.event import Event, json_data
from events.strict_json import MAX_DEPTH

BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "s3://inbox",
    "ce-type": "dev.zeropage.document.uploaded",
    "content-type": "application/json",
}
DOCUMENT: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "s3://inbox", "type": "t", "data": {"a": 1}}
STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"


def binary(body: bytes = b'{"a": 1}', **changes: str | None) -> Event:
    """A binary message with some headers changed, or left out where None; `ce_id` stands for `ce-id`."""
    headers = BINARY | {name.replace("_", "-"): value for name, value in changes.items()}
    (event,) = decode({name: value for name, value in headers.items() if value is not None}, body)
    return event


def structured(content_type: str = STRUCTURED, **changes: Any) -> Event:
    """A structured message with some members changed."""
    (event,) = decode({"Content-Type": content_type}, json.dumps(DOCUMENT | changes).encode())
    return event


def problems(headers: Any, body: bytes = b"{}") -> list[str]:
    """Everything that is wrong with a message."""
    with pytest.raises(Malformed) as caught:
        decode(headers, body)
    return list(caught.value.problems)


def test_a_binary_message_is_an_event_with_its_data() -> None:
    """Headers are attributes, Content-Type is datacontenttype, and the body is data."""
    event = binary(ce_subject="a%20b%25.pdf", ce_time="2025-11-03T08:15:30.123Z", ce_bucket="inbox")

    assert (event.id, event.source, event.type) == ("1", "s3://inbox", "dev.zeropage.document.uploaded")
    assert (event.subject, event.time, event.datacontenttype) == (
        "a b%.pdf",
        "2025-11-03T08:15:30.123Z",
        "application/json",
    )
    assert event.extensions == {"bucket": "inbox"}
    assert event.data == {"a": 1}


def test_a_structured_message_is_an_event_with_its_data() -> None:
    """The body is the event; parameters and capitals in the content type change nothing."""
    event = structured("Application/CloudEvents+JSON; charset=UTF-8", subject="季度.pdf", count=3, flag=True)

    assert (event.id, event.subject, event.data) == ("1", "季度.pdf", {"a": 1})
    assert event.extensions == {"count": 3, "flag": True}


def test_a_batch_is_several_events_and_may_be_empty() -> None:
    """In the order of the array."""
    batch = [DOCUMENT, DOCUMENT | {"id": "2"}]

    assert [event.id for event in decode({"content-type": BATCHED}, json.dumps(batch).encode())] == ["1", "2"]
    assert decode({"content-type": BATCHED}, b"[]") == []


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_nothing_required_is_invented(name: str) -> None:
    """The SDK makes up an id, a time and a specversion; then a redelivery would look like something new."""
    without = {header: value for header, value in BINARY.items() if header != f"ce-{name}"}
    document = {member: value for member, value in DOCUMENT.items() if member != name}

    assert problems(without) == [f"ce-{name}: is missing"]
    assert problems(BINARY | {f"ce-{name}": ""}) == [f"ce-{name}: is empty"]
    assert problems({"content-type": STRUCTURED}, json.dumps(document).encode()) == [f"{name}: is missing"]
    assert problems({"content-type": STRUCTURED}, json.dumps(DOCUMENT | {name: 7}).encode()) == [
        f"{name}: is int, not text"
    ]


def test_no_time_is_invented() -> None:
    """An event without a time has none afterwards."""
    assert binary().time == ""
    assert structured().time == ""


def test_everything_wrong_is_said_at_once() -> None:
    """Nobody mends an event one answer at a time."""
    headers = [("ce-specversion", "0.3"), ("ce-source", "s"), ("ce-source", "s"), ("ce-time", "yesterday")]

    found = problems([*headers, ("content-type", "application/json")], b"{")

    assert [problem.partition(":")[0] for problem in found] == [
        "ce-source",
        "ce-id",
        "ce-type",
        "ce-specversion",
        "ce-time",
        "the body is not JSON",
    ]


def test_everything_wrong_in_a_batch_is_said_with_its_place() -> None:
    """One event of many is found by its number."""
    batch = [DOCUMENT, DOCUMENT | {"specversion": "2.0", "id": None}, "text"]

    assert problems({"content-type": BATCHED}, json.dumps(batch).encode()) == [
        "[1].id: is missing",
        "[1].specversion: '2.0' is not supported, only '1.0'",
        "[2]: is str, not a JSON object",
    ]


@pytest.mark.parametrize("content_type", [STRUCTURED, BATCHED])
def test_two_modes_at_once_are_refused(content_type: str) -> None:
    """A filter that reads headers and a program that reads the body must not see two events."""
    body = json.dumps([DOCUMENT] if content_type == BATCHED else DOCUMENT).encode()

    (problem,) = problems({"content-type": content_type, "ce-id": "1"}, body)

    assert "contradict" in problem


def test_twofold_headers_are_refused() -> None:
    """Which of them counts is anybody's guess."""
    pairs = [*BINARY.items(), ("CE-ID", "2"), ("Content-Type", "text/plain")]

    assert problems(pairs) == ["ce-id: is given twice", "content-type: is given twice"]


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("plain.pdf", "plain.pdf"),
        ("a%20%E5%AD%A3+%25.pdf", "a 季+%.pdf"),
        ("%e5%ad%a3", "季"),
        ('"an \\"old\\" sender"', 'an "old" sender'),
        ("季度 报告.pdf".encode().decode("latin-1"), "季度 报告.pdf"),
        ("季度.pdf", "季度.pdf"),
        ("100%.pdf", "100%.pdf"),
        ("50%ff.pdf", "50%ff.pdf"),
        ("%2e%2e/a", "../a"),
    ],
)
def test_a_subject_is_decoded_once_and_never_lost(value: str, subject: str) -> None:
    """Percent-encoded as the specification wants, quoted as old senders do, raw as Ceph sends it."""
    assert binary(ce_subject=value).subject == subject


@pytest.mark.parametrize("value", ["%ff", "%C0%A0", "caf\xe9", "a%ED%A0%80"])
def test_other_attributes_must_be_utf8(value: str) -> None:
    """The specification's own example of what must be rejected, and its relatives."""
    (problem,) = problems(BINARY | {"ce-source": value})

    assert problem.startswith("ce-source: ")
    assert "UTF-8" in problem


@pytest.mark.parametrize("value", ["a%00b", "a%0Ab", "a%C2%85b"])
def test_control_characters_are_refused(value: str) -> None:
    """An id that breaks lines would forge a log."""
    assert problems(BINARY | {"ce-id": value}) == ["ce-id: holds control characters"]


def test_headers_that_are_no_attributes_are_passed_over() -> None:
    """Proxies add names with dashes; and `data` is none either."""
    assert binary(ce_trace_id="7", ce_data="x").extensions == {}
    assert structured(_private=1, **{"x-y": "z"}).extensions == {}


def test_an_empty_optional_attribute_is_none() -> None:
    """Also null, which the JSON format calls unset."""
    assert binary(ce_subject="", ce_time="").subject == ""
    assert structured(subject=None, time="", dataschema=None).dataschema == ""


@pytest.mark.parametrize("time", ["2025-11-03T08:15:30", "2025-11-03T08:15:30.123456789+08:00", "1615430559146"])
def test_an_odd_but_clear_time_loses_no_event(time: str) -> None:
    """Without a zone, with nanoseconds, in milliseconds: real senders do all that, and nothing is decided by it."""
    assert binary(ce_time=time).time == time
    assert structured(time=time).time == time


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'"\\ud800"', b"\xff", b'{"a": ' + b"9" * 5000 + b"}", b"[" * 100_000],
    ids=["cut", "nan", "twice", "surrogate", "bytes", "digits", "deep"],
)
def test_broken_json_is_refused_and_not_passed_on_as_text(body: bytes) -> None:
    """In every mode, and without the body in any exception that a log could print."""
    for content_type in ("application/json", "text/json; charset=utf-8", "application/x+json", ""):
        with pytest.raises(Malformed) as caught:
            decode(BINARY | {"content-type": content_type}, body)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    with pytest.raises(Malformed):
        decode({"content-type": STRUCTURED}, body)


def test_a_byte_order_mark_is_no_harm() -> None:
    """Windows tools write one."""
    assert binary(b'\xef\xbb\xbf{"a": 1}').data == {"a": 1}


def test_data_that_is_no_json_stays_as_it_is() -> None:
    """The SDK would turn bytes that happen to be UTF-8 into text."""
    assert binary(b"abc", content_type="application/octet-stream").data == b"abc"
    assert binary(b"").data is None
    assert binary(b"[1]", content_type=None).data == [1]


def test_base64_data_is_decoded_strictly() -> None:
    """And parsed where it promises JSON."""
    encoded = base64.b64encode(b'{"b": 2}').decode()

    assert structured(data=None, data_base64=encoded).data == {"b": 2}
    assert structured(data=None, data_base64=encoded, datacontenttype="application/pdf").data == b'{"b": 2}'
    for wrong in ("*", "YQ", "é", 7):
        with pytest.raises(Malformed, match="base64"):
            structured(data=None, data_base64=wrong)
    with pytest.raises(Malformed, match="only one"):
        structured(data_base64=encoded)


def test_json_may_arrive_as_text() -> None:
    """A queue's message is a string in the data, or a body of another media type."""
    assert json_data(structured(data='{"Records": []}')) == {"Records": []}
    assert json_data(binary(b"[1]", content_type="text/plain")) == [1]
    with pytest.raises(Malformed, match="data: is missing"):
        json_data(binary(b""))


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({}, "no event"),
        ({"content-type": "application/json"}, "no event"),
        ({"content-type": "application/cloudevents+xml"}, "only application/cloudevents\\+json"),
        ({"content-type": "application/cloudevents"}, "only application/cloudevents\\+json"),
        ({"content-type": "application/cloudevents-batch+avro"}, "only application/cloudevents-batch\\+json"),
    ],
)
def test_what_is_no_event_is_told_so(headers: dict[str, str], word: str) -> None:
    """Also formats that nobody here reads."""
    with pytest.raises(Malformed, match=word):
        decode(headers, b"{}")


def test_size_depth_and_number_are_bounded() -> None:
    """A stranger decides neither our memory nor our stack."""
    deep = {"a": json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)}
    with pytest.raises(Oversized, match="bytes"):
        decode(BINARY, b" " * 11, max_bytes=10)
    with pytest.raises(Oversized, match="deeper"):
        decode(BINARY, json.dumps(deep).encode())
    with pytest.raises(Oversized, match="at most 1000"):
        decode({"content-type": BATCHED}, json.dumps([{}] * (MAX_EVENTS + 1)).encode())
    with pytest.raises(Malformed, match="characters"):
        binary(ce_id="x" * 5000)


def test_a_thousand_problems_fit_an_answer() -> None:
    """What is wrong everywhere is not answered with a book."""
    found = problems({"content-type": BATCHED}, json.dumps([{}] * 500).encode())

    assert len(found) == 21
    assert found[-1] == "and 1980 problems more"


def test_an_event_does_not_show_its_data() -> None:
    """It may hold credentials, and reprs end up in logs."""
    assert "SECRET" not in repr(binary(b'{"key": "SECRET"}'))
