"""`consume` on a real RabbitMQ: nothing is lost and nothing doubled, whoever is killed meanwhile.

All in one file, so that one worker has them all and one broker is started.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from events.writing import to_structured
from function.documents.sources import from_bytes
from function.reading.jobs.jobs import Wanted
from function.reading.options import Options
from function.settings import Settings
from function.wiring import ledger
from function.wiring.jobs import jobs_at
from tests import rabbitmq_server
from tests import s3_server as s3
from tests.broker import Broker
from tests.delivery.consumer import Consumer
from tests.delivery.store_proxy import StoreProxy, numbers_of_writes
from tests.doors.conftest import stamped_png, stamped_tiff
from tests.rabbitmq_server import RabbitServer
from tests.s3_server import S3Server


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[RabbitServer]:
    """One node for all of them."""
    with rabbitmq_server.running() as running:
        yield running


@pytest.fixture(scope="module")
def consumer(rabbitmq: RabbitServer, s3_server: S3Server) -> Iterator[Consumer]:
    """One that runs, for tests that leave it alone."""
    # Without an answer for two of these seconds the broker hangs up.
    with Consumer(rabbitmq, s3_server, OCR_QUEUE_URL=f"{rabbitmq.url}?heartbeat=2") as running:
        yield running


def until(holds: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def sent(event: Event, prefix: str) -> dict[str, object]:
    """Headers and body of an event in binary mode."""
    headers = {"specversion": "1.0", "id": event.id, "source": event.source, "type": event.type}
    return {
        "headers": {f"{prefix}{name}": value for name, value in headers.items()},
        "content_type": "application/json",
    }


def told(key: str, consumer: Consumer) -> Event:
    """An upload, and the event that says so."""
    return ours.to_event(consumer.upload(key, stamped_png(key)))


def test_messages_of_every_mode_become_one_result_each(rabbitmq: RabbitServer, consumer: Consumer) -> None:
    """Structured, structured without its content type, binary by either prefix, and as Knative's broker queues them."""
    whole, plain = told("whole.png", consumer), told("plain.png", consumer)
    rabbitmq.publish(consumer.queue, whole, whole)
    rabbitmq.send(consumer.queue, to_structured(plain)[1], content_type="application/json")
    modes = {"colon.png": "cloudEvents:", "line.png": "cloudEvents_", "bare.png": ""}
    for key, prefix in modes.items():
        event = told(key, consumer)
        rabbitmq.send(consumer.queue, json.dumps(event.data).encode(), **sent(event, prefix))

    names = ["whole.png", "plain.png", *modes]
    consumer.wait_for(*names)
    until(lambda: consumer.metric("zeropage_queue_deliveries_total", outcome="done") >= 6, "six messages are done")
    again = consumer.metric("zeropage_queue_deliveries_total", outcome="done") - 6
    assert again == 0 or consumer.metric("zeropage_queue_reconnects_total") > 0, "nothing lost, yet read again"
    assert consumer.written() == sorted(f"{name}.{ending}" for name in names for ending in ("json", "md"))
    assert (rabbitmq.ready(consumer.queue), rabbitmq.taken(f"{consumer.queue}.dead")) == (0, [])


def test_heartbeats_are_answered_while_a_reading_takes_long(rabbitmq: RabbitServer, consumer: Consumer) -> None:
    """Or each long document would be read twice at least."""
    event = ours.to_event(consumer.upload("long.png", stamped_png("long stub:wait=6")))
    before = consumer.metric("zeropage_queue_reconnects_total")
    rabbitmq.publish(consumer.queue, event)
    consumer.wait_for("long.png")
    until(lambda: rabbitmq.ready(consumer.queue) == 0 == consumer.metric("zeropage_slots_held"), "all is done")

    assert consumer.metric("zeropage_queue_reconnects_total") == before
    assert consumer.metric("zeropage_queue_redelivered_total") == 0


def test_a_refusal_is_recorded_and_what_cannot_be_is_a_dead_letter(rabbitmq: RabbitServer, consumer: Consumer) -> None:
    """No PDF: its reason lies beside the results. No event, nor an upload of ours: the dead-letter queue has it."""
    refused = ours.to_event(consumer.upload("broken.pdf", b"no document at all"))
    foreign = ours.to_event(DocumentUploaded("elsewhere", "in/a.png", "", "", size=1))
    rabbitmq.publish(consumer.queue, refused, foreign)
    rabbitmq.send(consumer.queue, b"what is this?")

    dead = f"{consumer.queue}.dead"
    until(lambda: rabbitmq.ready(dead) == 2 and consumer.stands("broken.pdf.error.json"), "all three are judged")
    letters = rabbitmq.taken(dead)
    assert b"what is this?" in letters
    assert {json.loads(letter)["source"] for letter in letters if letter.startswith(b"{")} == {"s3://elsewhere"}
    assert json.loads(consumer.result("broken.pdf.error.json"))["status"] == 415
    assert rabbitmq.ready(consumer.queue) == 0


def test_a_consumer_that_is_killed_loses_and_doubles_nothing(rabbitmq: RabbitServer, s3_server: S3Server) -> None:
    """Right after its last write: the result stands, the message is not acknowledged. Then the store is away, too."""
    with StoreProxy(s3_server.url) as proxy, Consumer(rabbitmq, s3_server, store=proxy.url) as consumer:
        proxy.heal()
        rabbitmq.publish(consumer.queue, told("first.png", consumer))
        until(lambda: consumer.metric("zeropage_queue_deliveries_total", outcome="done") == 1, "the first is done")
        last = numbers_of_writes(proxy.seen)[-1]
        proxy.arm(last, consumer.kill, after=True)
        rabbitmq.publish(consumer.queue, told("second.png", consumer))
        assert proxy.struck.wait(60), f"there was no request {last}: {proxy.seen}"
        assert (consumer.stands("second.png.json"), rabbitmq.ready(f"{consumer.queue}.dead")) == (True, 0)

        proxy.cut()
        consumer.start()
        until(lambda: consumer.metric("zeropage_queue_deliveries_total", outcome="requeued") >= 1, "the outage is met")
        proxy.heal()
        until(lambda: consumer.metric("zeropage_queue_deliveries_total", outcome="done") == 1, "the second is done")

        assert consumer.metric("zeropage_queue_redelivered_total") >= 2
        assert consumer.metric("zeropage_uploads_total", outcome="repeated") == 1
        names = ["first.png", "second.png"]
        assert consumer.written() == sorted(f"{name}.{ending}" for name in names for ending in ("json", "md"))


def test_a_broker_that_restarts_is_found_again_and_sigterm_finishes_what_was_taken(
    rabbitmq: RabbitServer, s3_server: S3Server
) -> None:
    """While the broker is away a reading goes on; its message comes again and costs no second result."""
    with Consumer(rabbitmq, s3_server, OCR_SLOTS="2") as consumer:
        slow = ours.to_event(consumer.upload("slow.png", stamped_png("slow stub:wait=4")))
        rabbitmq.publish(consumer.queue, slow)
        until(lambda: consumer.metric("zeropage_slots_held") == 1, "it is being read")
        rabbitmq.kill()
        until(lambda: "OCR_QUEUE_URL" in consumer.not_ready(), "it says what is missing")
        rabbitmq.start()
        until(lambda: consumer.not_ready() == "", "it takes messages again")
        consumer.wait_for("slow.png")
        rabbitmq.publish(consumer.queue, told("after.png", consumer))
        consumer.wait_for("after.png")
        assert consumer.metric("zeropage_queue_reconnects_total") >= 1

        last = [ours.to_event(consumer.upload(f"{n}.png", stamped_png(f"{n} stub:wait=1"))) for n in range(4)]
        rabbitmq.publish(consumer.queue, *last)
        until(lambda: consumer.metric("zeropage_slots_held") == 2, "both slots are taken")
        assert consumer.server.stop() == 0, consumer.server.logs

        done = [event for event in last if consumer.stands(f"{event.subject.removeprefix('in/')}.json")]
        until(lambda: rabbitmq.ready(consumer.queue) == 4 - len(done), "the others are in the queue")
        assert len(done) >= 2
        names = ["slow.png", "after.png", *(event.subject.removeprefix("in/") for event in done)]
        assert consumer.written() == sorted(f"{name}.{ending}" for name in names for ending in ("json", "md"))


def _ranges(sink: Broker) -> list[Event]:
    """That were asked for; one that was sent twice, because an answer was late, is one."""
    return list({event.id: event for event in sink.entered if event.type == ours.PAGES_REQUESTED}.values())


def test_a_message_that_is_given_up_ends_its_range_and_its_job(
    rabbitmq: RabbitServer, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document ends without those pages, and whoever asks for the job hears why it failed."""
    s3.set_environment(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    # Its outcome and ranges go to a sink that leads back to the queue, as Knative's broker on RabbitMQ does.
    how = {"OCR_QUEUE_TRIES": "0", "OCR_SPLIT_PAGES": "2", "OCR_S3_ATTEMPTS": "4"}
    with (
        Broker(types=(), backoff=0.01) as sink,
        Consumer(rabbitmq, s3_server, K_SINK=sink.url, **how) as consumer,
    ):
        settings = Settings(inbox=f"s3://{consumer.inbox}/in", results=f"s3://{consumer.results}/out")
        jobs = jobs_at(settings, ledger(settings))
        with from_bytes(stamped_png("stub:engine-fault"), "a.png") as source:
            job, asked = jobs.submit(source, Wanted(Options(), "a.png"))
        assert asked is not None
        long = consumer.upload("long.tif", stamped_tiff("one", "two", "three stub:engine-fault"))
        rabbitmq.publish(consumer.queue, ours.to_event(long), ours.to_event(asked))
        until(lambda: jobs.look(jobs.find(job.id, "")).status.state == "failed", "the job is told to have failed")
        until(lambda: len(_ranges(sink)) == 2, "both ranges are asked for")
        rabbitmq.publish(consumer.queue, *_ranges(sink))
        consumer.wait_for("long.tif", seconds=120)

        read = json.loads(consumer.result("long.tif.json"))
        assert [bool(page["error"]) for page in read["pages"]] == [False, True, True]
        assert "pages 2-3 were given up: it failed 1 times" in read["pages"][2]["error"]["detail"]
        until(lambda: rabbitmq.ready(f"{consumer.queue}.dead") == 2, "both are dead letters, too")
        problem = jobs.look(jobs.find(job.id, "")).status.problem
        assert problem is not None
        assert "it failed 1 times" in problem["detail"]


def test_a_queue_that_is_missing_is_named_and_waited_for(rabbitmq: RabbitServer, s3_server: S3Server) -> None:
    """It is not declared by whoever reads it: what it is made of is its owner's to say."""
    with Consumer(rabbitmq, s3_server, declared=False) as consumer:
        until(lambda: "there is no queue" in consumer.not_ready(), "it says that there is none")
        assert consumer.queue in consumer.not_ready()
        assert "guest" not in consumer.not_ready() + consumer.server.logs

        rabbitmq.queue(consumer.queue)
        until(lambda: consumer.not_ready() == "", "it takes messages")
        rabbitmq.delete(consumer.queue)
        until(lambda: "there is no queue" in consumer.not_ready(), "it says that it has gone")
        rabbitmq.queue(consumer.queue)
        until(lambda: consumer.not_ready() == "", "it takes messages again")
        with pytest.raises(HTTPError, match="404"), urlopen(f"{consumer.server.url}/v1/parse", timeout=30):
            pass
