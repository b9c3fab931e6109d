"""No message, however malformed, raises anything but this room's own exceptions."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from events import samples, senders
from events.envelope import decode
from events.errors import EventError
from events.event import Event
from events.ours import PagesRequested
from events.places import Place
from events.senders.base import Outcome
from events.signatures import Verifier, unverified
from events.triage import Scope
from events.uploads import MAX_KEY_BYTES, REASONS, Confirmation, DocumentUploaded, Ignored
from tests.events.sns_key import fetch

SCOPE = Scope((".pdf", ".png"), (Place("results"), Place("inbox", "out/")))
SAMPLES = [samples.load(name) for name in samples.names()]
TYPES = sorted({kind.type.replace("*", "ObjectCreated:Put") for sender in senders.ALL for kind in sender.kinds})

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["", "null", "../..", "%ff", "\ud800", "9" * 30, "x" * 2000])
    | st.sampled_from(["s3:ObjectCreated:Put", "ObjectCreated:Put", "Notification"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Records", "s3", "object", "key", "bucket", "name", "Type", "Message", "data"]), inner
        )
    ),
    max_leaves=12,
)
HEADER_NAMES = st.sampled_from(
    ["ce-id", "CE-Type", "ce-source", "ce-specversion", "ce-time", "ce-subject", "ce-datacontenttype", "ce-data", "ce-",
     "ce-x-y", "ce-é", "content-type", "Content-Type", "x"]
)  # fmt: skip
HEADER_VALUES = st.text(max_size=30) | st.sampled_from(
    ["1.0", "application/json", "application/cloudevents+json", "application/cloudevents-batch+json", '"', '"\\', "%",
     "%ff", "%00", "2025-11-03T08:15:30Z", "0000-00-00", "\ud800", "é", *TYPES]
)  # fmt: skip


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [here]
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        found += [path for name, inner in items for path in paths(inner, (*here, name))]
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one at the path; nothing else is touched."""
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = put(copied[path[0]], path[1:], new)
    return copied


@st.composite
def mutated(draw: st.DrawFn) -> tuple[samples.Sample, str, Any]:
    """A sample in one of its modes, with one or two of its values replaced."""
    sample = draw(st.sampled_from(SAMPLES))
    body = sample.body
    for _ in range(draw(st.integers(1, 2))):
        body = put(body, draw(st.sampled_from(paths(body))), draw(VALUES))
    return sample, draw(st.sampled_from(sample.modes)), body


def check(outcomes: list[Outcome]) -> None:
    """What a door relies on."""
    assert outcomes
    for outcome in outcomes:
        match outcome:
            case DocumentUploaded():
                assert outcome.bucket.isascii()
                assert 0 < len(outcome.key.encode()) <= MAX_KEY_BYTES
            case Ignored(reason=reason, detail=detail):
                assert reason in REASONS
                assert detail.isascii()
                assert len(detail) < 600
            case PagesRequested(first=first, last=last):
                assert 1 <= first <= last
            case Confirmation(url=url):
                assert url.startswith("https://sns.")
            case _:
                assert outcome.problems


def told(error: EventError) -> None:
    """A refusal says why, in a line that a log can hold."""
    assert error.problems
    assert str(error).isprintable()


def read(mode: str, sender: str, headers: Any, body: bytes) -> None:
    """As the doors do."""
    try:
        if mode == "hook":
            for verify in (unverified, Verifier(fetch)):
                check(senders.read_hook(sender, body, SCOPE, verify=verify))
        else:
            for event in decode(headers, body):
                check(senders.read_event(event, SCOPE))
    except EventError as error:
        told(error)


@settings(max_examples=150)
@given(mutated())
def test_a_sample_with_anything_in_any_place(case: tuple[samples.Sample, str, Any]) -> None:
    """One wrong value at a time is what real senders send."""
    sample, mode, body = case
    if mode in {"structured", "batched"}:
        event = {name[3:]: value for name, value in sample.headers.items() if name.startswith("ce-")} | {"data": body}
        kind = "application/cloudevents" + ("-batch+json" if mode == "batched" else "+json")
        read(mode, sample.sender, {"content-type": kind}, json.dumps([event] if mode == "batched" else event).encode())
    else:
        read(mode, sample.sender, sample.headers, json.dumps(body).encode())


@settings(max_examples=80)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_sample_with_damaged_bytes(sample: samples.Sample, data: st.DataObject) -> None:
    """Cut, flipped, doubled."""
    mode = data.draw(st.sampled_from(sample.modes))
    headers, body = sample.message(mode)
    at = data.draw(st.integers(0, len(body)))
    damaged = body[:at] + data.draw(st.binary(max_size=4)) + body[data.draw(st.integers(0, len(body))) :]
    read(mode, sample.sender, headers, damaged)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=8),
    st.binary(max_size=40) | VALUES.map(lambda v: json.dumps(v).encode()),
)
def test_any_headers_with_any_body(headers: list[tuple[str, str]], body: bytes) -> None:
    """What the internet sends to an open port."""
    read("binary", "", headers, body)


@settings(max_examples=80)
@given(st.sampled_from(TYPES), st.dictionaries(st.text(max_size=8), SCALARS, max_size=5), VALUES, st.booleans())
def test_any_structured_event(type_: str, more: dict[str, Any], data: Any, batched: bool) -> None:
    """Right around the edges, wild within."""
    event = more | {"specversion": "1.0", "id": "1", "source": "s", "type": type_, "data": data}
    kind = "application/cloudevents" + ("-batch+json" if batched else "+json")
    read("structured", "", {"content-type": kind}, json.dumps([event] if batched else event).encode())


@settings(max_examples=80)
@given(st.sampled_from(sorted(senders.HOOKS)), VALUES)
def test_any_webhook(name: str, body: Any) -> None:
    """Whatever JSON a caller with a token may post."""
    read("hook", name, {}, json.dumps(body).encode())


@settings(max_examples=80)
@given(st.sampled_from(TYPES), VALUES | st.binary(max_size=20))
def test_any_data_of_any_known_type(type_: str, data: Any) -> None:
    """Also bytes, and values that no envelope would let pass."""
    try:
        check(senders.read_event(Event("1", "ceph:s3", type_, data=data), SCOPE))
    except EventError as error:
        told(error)
