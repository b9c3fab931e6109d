from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import amqp
from events.errors import EventError, Malformed
from events.event import Event

WHOLE = {"specversion": "1.0", "id": "1", "source": "s3://b", "type": "t", "subject": "in/ä b%.pdf", "data": {"n": 1}}
ATTRIBUTES = {name: value for name, value in WHOLE.items() if name != "data"}
BODY = json.dumps(WHOLE["data"]).encode()


def one(headers: dict[str, Any], content_type: str, body: bytes) -> Event:
    """The only event of a message."""
    [event] = amqp.decode(headers, content_type, body)
    return event


@pytest.mark.parametrize("prefix", ["cloudEvents:", "cloudEvents_", "cloudevents:", "ce-", ""])
def test_attributes_are_headers_in_binary_mode(prefix: str) -> None:
    """By either prefix of the binding, by HTTP's, or bare; values are text as it is, not percent-encoded."""
    event = one({f"{prefix}{name}": value for name, value in ATTRIBUTES.items()}, "application/json", BODY)

    assert (event.id, event.source, event.type, event.subject) == ("1", "s3://b", "t", "in/ä b%.pdf")
    assert event.data == {"n": 1}


def test_values_of_amqp_types_become_those_of_cloudevents() -> None:
    """Times, numbers and switches have types of their own there; brokers' own headers are no attributes."""
    when = datetime(2025, 1, 31, 12, 0, tzinfo=timezone.utc)
    typed = {"time": when, "partition": 7, "urgent": True, "x-delivery-count": 3, "empty": None}
    event = one({**ATTRIBUTES, **typed}, "application/json", BODY)

    assert event.time.startswith("2025-01-31T12:00:00")
    assert {name: str(value) for name, value in event.extensions.items()} == {"partition": "7", "urgent": "true"}


@pytest.mark.parametrize("content_type", ["application/cloudevents+json; charset=utf-8", "application/json", ""])
def test_a_whole_event_is_read_also_without_its_content_type(content_type: str) -> None:
    """Many publishers can set none."""
    assert one({}, content_type, json.dumps(WHOLE).encode()).subject == WHOLE["subject"]


def test_a_whole_event_counts_for_more_than_the_headers_beside_it() -> None:
    """Publishers repeat attributes there, for exchanges that route by them."""
    assert one({"ce-type": "u"}, "application/cloudevents+json", json.dumps(WHOLE).encode()).type == "t"


def test_a_batch_holds_many() -> None:
    """By its content type, or as a plain list."""
    for content_type in ("application/cloudevents-batch+json", "application/json"):
        assert len(amqp.decode({}, content_type, json.dumps([WHOLE, WHOLE]).encode())) == 2


@pytest.mark.parametrize("body", [b"", b"{}", b"what is this?", b'{"Records": []}', b"7", b"\xff"])
@pytest.mark.parametrize("content_type", ["application/json", "", "text/plain"])
def test_what_is_no_event_is_malformed(content_type: str, body: bytes) -> None:
    """With a reason, whatever it is."""
    with pytest.raises(Malformed) as caught:
        amqp.decode({}, content_type, body)
    assert caught.value.problems


def test_minio_s_own_notifications_are_told_apart() -> None:
    """By what they hold, since they come with no header; whatever says that it is a CloudEvent is one."""
    records = json.dumps({"EventName": "s3:ObjectCreated:Put", "Key": "b/k", "Records": []}).encode()

    assert amqp.is_notification({}, "application/json", records)
    assert not amqp.is_notification({}, "text/plain", records)
    assert not amqp.is_notification(ATTRIBUTES, "application/json", records)
    assert not amqp.is_notification({}, "application/json", json.dumps({**WHOLE, "Records": []}).encode())


_VALUES = st.text() | st.binary() | st.integers() | st.booleans() | st.none() | st.datetimes() | st.lists(st.text())
_NAMES = st.text() | st.sampled_from(["cloudEvents:id", "specversion", "ce-type"])


@settings(max_examples=25)
@given(st.dictionaries(_NAMES, _VALUES), st.binary())
def test_no_message_does_more_than_be_refused(headers: dict[str, Any], body: bytes) -> None:
    """A stranger's message ends in events or in an EventError, nothing else."""
    with suppress(EventError):
        assert all(event.id for event in amqp.decode(headers, "application/json", body))
