"""One trace from an event's `traceparent` through reading and store to the reply, and its ids in logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from events import ours, writing
from events.uploads import DocumentUploaded
from function.telemetry import logs, spans
from tests.doors.conftest import stamped_png
from tests.server import Server, stub_server

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
NAMED = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[spans.Span]]:
    """Spans as they end."""
    kept: list[spans.Span] = []
    monkeypatch.setattr(spans, "recorder", kept.append)
    token = spans.CURRENT.set(None)
    yield kept
    spans.CURRENT.reset(token)


def _place(folder: Path) -> dict[str, str]:
    for name in ("in", "out"):
        (folder / name).mkdir()
    (folder / "in" / "a.png").write_bytes(stamped_png("traced"))
    return {"OCR_INBOX": f"file://{folder}/in", "OCR_RESULTS": f"file://{folder}/out", "OCR_LOG_FORMAT": "json"}


def _deliver(server: Server, traceparent: str) -> requests.Response:
    headers, body = writing.to_binary(ours.to_event(DocumentUploaded("in", "a.png"), id_="event-1"))
    told = {"Prefer": "reply", "X-Request-Id": "request-1"} | ({"ce-traceparent": traceparent} if traceparent else {})
    return requests.post(server.url, data=body, headers={**headers, **told}, timeout=60)


def _lines(server: Server, text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in server.logs.splitlines() if line.startswith("{")]
    return [line for line in found if text in line["message"]]


def test_an_events_trace_goes_through_reading_and_store_to_the_reply(tmp_path: Path) -> None:
    """Every part is a child of the delivery's span, that one of the event's; the reply carries the trace on."""
    traces = pytest.importorskip("tests.telemetry.test_traces", reason="the extra otel")
    collector = traces.Collector()
    try:
        with stub_server(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **_place(tmp_path)) as server:
            answer = _deliver(server, NAMED)
            assert server.stop() == 0, server.logs
        of_it = {name: span for name, span in collector.spans.items() if span.trace_id.hex() == TRACE}
    finally:
        collector.close()

    whole = of_it.pop("/")
    facts = {item.key: item.value.string_value or item.value.int_value for item in whole.attributes}
    assert whole.parent_span_id.hex() == PARENT
    assert answer.headers["ce-traceparent"] == f"00-{TRACE}-{whole.span_id.hex()}-01"
    assert (facts["event_id"], facts["request_id"], facts["outcome"]) == ("event-1", "request-1", "done")
    assert sorted(of_it) == ["draw", "engine", "open", "queue", "store", "write"]
    for span in of_it.values():
        assert span.parent_span_id == whole.span_id
        assert whole.start_time_unix_nano - 2e6 <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= whole.end_time_unix_nano + 2e6


def test_without_a_collector_a_trace_is_passed_on_and_told_in_logs(tmp_path: Path) -> None:
    """Nothing is imported or made for it; who traces elsewhere loses no link."""
    with stub_server(**_place(tmp_path)) as server:
        answer = _deliver(server, NAMED)
        repeated = _deliver(server, "no trace at all")
        server.stop()
        [line, untraced] = _lines(server, "POST /")

    assert answer.headers["ce-traceparent"] == NAMED
    told = {name: line[name] for name in ("request_id", "trace_id", "event_id")}
    assert told == {"request_id": "request-1", "trace_id": TRACE, "event_id": "event-1"}
    assert len(line["document"]) == 64
    assert "ce-traceparent" not in repeated.headers
    assert "trace_id" not in untraced


@pytest.mark.parametrize("text", ["", "00", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}"])
def test_what_names_no_trace_begins_one(text: str, recorded: list[spans.Span]) -> None:
    """Malformed, or zeros, which W3C forbids."""
    span = spans.begin("GET /", text)

    assert span is not None
    assert (span.parent_id, len(span.trace_id), len(span.span_id)) == ("", 32, 16)
    assert span.trace_id not in {TRACE, "0" * 32}


def test_a_request_that_belongs_to_its_events_trace_keeps_its_nearest_parent(recorded: list[spans.Span]) -> None:
    """The header's span is the broker's own, below the event's; another trace gives way to the event's."""
    span = spans.begin("POST /", f"00-{TRACE}-{'1' * 16}-01")
    assert span is not None
    span.adopt(NAMED)
    assert span.parent_id == "1" * 16

    span = spans.begin("POST /", f"00-{'2' * 32}-{'1' * 16}-01")
    assert span is not None
    span.adopt(NAMED)
    assert (span.trace_id, span.parent_id) == (TRACE, PARENT)


def test_a_trace_that_its_beginner_does_not_keep_is_not_sent(recorded: list[spans.Span]) -> None:
    """Its flag says so, for all its parts."""
    span = spans.begin("POST /", NAMED[:-2] + "00")
    with spans.child("store"):
        pass
    assert span is not None
    span.end()

    assert recorded == []
    assert str(span).endswith("-00")


def test_what_fails_is_told_as_failed(recorded: list[spans.Span]) -> None:
    """And the exception goes on."""
    spans.begin("POST /", NAMED)
    with pytest.raises(OSError, match="full"), spans.child("store", key="a.json"):
        raise OSError("full")

    assert [(span.name, span.failed, span.attributes) for span in recorded] == [("store", True, {"key": "a.json"})]


def test_what_a_thread_reads_next_is_not_told_under_the_last_documents_name() -> None:
    """Threads serve one after the other; a wrong id in a log is worse than none."""
    for known in (logs.REQUEST_ID, logs.EVENT_ID, logs.DOCUMENT):
        known.set("of the last one")
    spans.begin("POST /", NAMED)
    assert set(logs.known()) == {"request_id", "trace_id", "event_id", "document"}

    logs.forget()

    assert logs.known() == {}
