"""What becomes of a message, and what `consume` asks for before it starts; the queue itself is tests/delivery's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from events.event import Event
from events.ours import to_event
from events.uploads import DocumentUploaded
from events.writing import to_structured
from function.doors import cli
from function.doors.consume import Deliverer
from function.doors.rabbitmq import Message, Queue, Verdict
from function.errors import StoreUnavailable
from tests.doors.conftest import Bucketed, Sink, stamped_png, stamped_tiff

ACK, REJECT = Verdict("ack"), Verdict("reject")


def message(*events: Event, tries: int = 0, body: bytes | None = None) -> Message:
    """One event whole, several as a batch."""
    whole = [json.loads(to_structured(event)[1]) for event in events]
    told = json.dumps(whole[0] if len(whole) == 1 else whole).encode() if body is None else body
    return Message({}, "application/json", told, "", tries)


def deliverer(place: Bucketed) -> Deliverer:
    """Of a function."""
    return Deliverer(place.function, place.function.events)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[Bucketed], None]:
    """Takes a function's store away."""

    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("the store is away")

    return lambda place: monkeypatch.setattr(type(place.function.events.deliveries.inbox.uploads), "head", fail)


def test_a_result_stands_and_was_told_before_the_message_goes(bucketed: Callable[..., Bucketed], sink: Sink) -> None:
    """Nobody passes replies on here, so the outcome goes to the sink."""
    place = bucketed(sink=sink.url)

    assert deliverer(place).handle(message(to_event(place.upload("a.png", stamped_png("a"))))) == ACK
    assert place.result("a.png.json") is not None
    assert [event.type for event in sink.events] == ["dev.zeropage.document.parsed"]


def test_several_uploads_are_read_here_even_where_there_is_a_sink(
    bucketed: Callable[..., Bucketed], sink: Sink
) -> None:
    """Nothing says that the sink leads back to the queue; a refusal among them is recorded by itself."""
    place = bucketed(sink=sink.url)
    uploads = [place.upload("a.png", stamped_png("a")), place.upload("b.pdf", b"none")]

    assert deliverer(place).handle(message(*(to_event(upload) for upload in uploads))) == ACK
    assert {"a.png.json", "b.pdf.error.json"} <= set(place.keys())
    assert sorted(event.type.rpartition(".")[2] for event in sink.events) == ["parsed", "refused"]


def test_what_cannot_be_recorded_is_rejected(bucketed: Callable[..., Bucketed]) -> None:
    """No event; an unknown type, where that is asked; outside the inbox; gone since."""
    place = bucketed(strict_events=True)
    upload = place.upload("a.png", stamped_png("a"))
    unknown = Event(id="1", source="s", type="com.example.nobody")
    gone = replace(upload, key="in/gone.png")
    foreign = DocumentUploaded("elsewhere", "in/a.png", "", "", size=1)
    asked = [message(body=b"?"), *(message(event) for event in (unknown, to_event(gone), to_event(foreign)))]

    assert [deliverer(place).handle(one) for one in asked] == [REJECT] * 4
    assert place.keys() == []


def test_minio_may_publish_its_notifications_itself(bucketed: Callable[..., Bucketed]) -> None:
    """Without anything in between that makes events of them."""
    place = bucketed()
    upload = place.upload("a b.png", stamped_png("a"))
    told = {"s3": {"bucket": {"name": upload.bucket}, "object": {"key": "in%2Fa+b.png", "eTag": upload.etag}}}
    record = {"eventVersion": "2.0", "eventSource": "minio:s3", "eventName": "s3:ObjectCreated:Put", **told}
    body = json.dumps({"EventName": "s3:ObjectCreated:Put", "Key": "b/in/a b.png", "Records": [record]}).encode()

    assert deliverer(place).handle(message(body=body)) == ACK
    assert place.result("a b.png.json") is not None


def test_an_event_that_asks_for_nothing_is_done_with(bucketed: Callable[..., Bucketed]) -> None:
    """As at POST /."""
    assert deliverer(bucketed()).handle(message(Event(id="1", source="s", type="com.example.nobody"))) == ACK


def test_an_outage_puts_the_message_back_later_and_later_and_gives_up(
    bucketed: Callable[..., Bucketed], away: Callable[[Bucketed], None]
) -> None:
    """2 s, 4 s … a minute; after OCR_QUEUE_TRIES it is a dead letter."""
    place = bucketed(queue_tries=7)
    event = to_event(place.upload("a.png", stamped_png("a")))
    away(place)
    verdicts = [deliverer(place).handle(message(event, tries=tries)) for tries in range(8)]

    assert [verdict.delay for verdict in verdicts[:-1]] == [2, 4, 8, 16, 32, 60, 60]
    assert {verdict.does for verdict in verdicts[:-1]} == {"requeue"}
    assert verdicts[-1] == REJECT


def test_a_message_that_ends_its_readers_is_given_up_unread(bucketed: Callable[..., Bucketed]) -> None:
    """Only the queue can have counted so far: each time its reader was gone before it could say a word."""
    place = bucketed(queue_tries=3)
    event = to_event(place.upload("a.png", stamped_png("a")))

    assert deliverer(place).handle(message(event, tries=4)) == REJECT
    assert place.keys() == []


def test_a_range_that_is_given_up_ends_its_document(bucketed: Callable[..., Bucketed], sink: Sink) -> None:
    """With errors in the place of its pages; nobody else hears of this message."""
    place = bucketed(sink=sink.url, split_pages=1, queue_tries=0)
    upload = place.upload("a.tif", stamped_tiff("one", "two stub:engine-fault"))
    assert deliverer(place).handle(message(to_event(upload))) == ACK
    ranges = list(sink.events)

    assert sorted(deliverer(place).handle(message(event)).does for event in ranges) == ["ack", "reject"]
    first, second = json.loads(place.result("a.tif.json") or b"")["pages"]
    assert (first["error"], second["error"]["type"]) == (None, "urn:zeropage:problem:given-up")
    assert "pages 2-2 were given up: it failed 1 times" in second["error"]["detail"]


def test_what_cannot_be_given_up_now_is_put_back_for_a_while(
    bucketed: Callable[..., Bucketed], sink: Sink, away: Callable[[Bucketed], None]
) -> None:
    """Its document would never end; a store that never comes back must not keep the message for ever."""
    place = bucketed(sink=sink.url, split_pages=1, queue_tries=3)
    deliverer(place).handle(message(to_event(place.upload("a.tif", stamped_tiff("one", "two")))))
    away(place)
    verdicts = [deliverer(place).handle(message(sink.events[0], tries=tries)) for tries in range(3, 7)]

    assert [verdict.does for verdict in verdicts] == ["requeue"] * 3 + ["reject"]


@pytest.mark.parametrize("url", ["http://u:hidden@host", "amqp://u:hidden@host:port", "hidden"])
def test_a_wrong_address_is_refused_without_being_repeated(url: str) -> None:
    """It holds a password."""
    with pytest.raises(ValueError, match="amqp://") as caught:
        Queue(url, "zeropage", slots=1, handle=lambda _: ACK)
    assert "hidden" not in str(caught.value)


def test_an_address_is_never_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither by `settings` nor by a start that is refused for something else."""
    monkeypatch.setenv("OCR_QUEUE_URL", "amqp://u:hidden@localhost")

    assert cli.main(["settings"]) == 0
    assert cli.main(["consume"]) == 2
    told = capsys.readouterr()
    assert "hidden" not in told.out + told.err
    assert "OCR_QUEUE_URL=(set, not shown)" in told.out
    assert "OCR_INBOX" in told.err


def test_a_start_without_a_queue_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line that names the variable."""
    assert cli.main(["consume"]) == 2
    assert "OCR_QUEUE_URL" in capsys.readouterr().err
