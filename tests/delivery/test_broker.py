"""The test broker itself: each of Knative's rules that the other tests lean on."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from events import envelope, ours, writing
from events.event import Event
from events.uploads import DocumentUploaded
from tests.broker import Broker

Reply = tuple[int, dict[str, str], bytes]


class Subscriber:
    """Answers as told, call by call, the last answer for ever; keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[Reply | None] = [(204, {}, b"")]
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.gate = threading.Event()
        self.gate.set()
        lock, outer = threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Answer one delivery; None hangs up."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with lock:
                    outer.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                    answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                outer.gate.wait(30)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                for name, value in {**answer[1], "Content-Length": str(len(answer[2]))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer[2])

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """End it."""
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def subscribers() -> Iterator[Callable[[], Subscriber]]:
    """Makes subscribers, and ends them."""
    made: list[Subscriber] = []

    def make() -> Subscriber:
        made.append(Subscriber())
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def subscriber(subscribers: Callable[[], Subscriber]) -> Subscriber:
    """The Trigger's."""
    return subscribers()


def uploaded(key: str = "a.pdf") -> Event:
    """An event that the Trigger takes."""
    return ours.to_event(DocumentUploaded("inbox", key, etag="e"))


def post(url: str, headers: dict[str, str], body: bytes, method: str = "POST") -> int:
    """The status of one request."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, parts.path or "/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_what_came_in_structured_goes_out_binary_and_asks_for_a_reply(subscriber: Subscriber) -> None:
    """The same event, id and all."""
    with Broker(subscriber=subscriber.url) as broker:
        assert post(broker.url, *writing.to_structured(uploaded())) == 202
        broker.wait()

    [(headers, body)] = subscriber.calls
    [event] = envelope.decode(headers, body)
    assert (event.id, event.subject, headers["prefer"]) == (uploaded().id, "a.pdf", "reply")
    assert "ce-specversion" in headers


@pytest.mark.parametrize("first", [500, 502, 503, 504, 404, 408, 409, 429, None])
def test_outages_and_silence_are_tried_again_with_the_same_id(first: int | None, subscriber: Subscriber) -> None:
    """The retry set of Knative's sender."""
    subscriber.answers = [(first, {}, b"no") if first else None, (204, {}, b"")]
    with Broker(subscriber=subscriber.url, backoff=0.001) as broker:
        broker.send(uploaded())
        broker.wait()

    assert [attempt.status for attempt in broker.attempts] == [first or 0, 204]
    assert {headers["ce-id"] for headers, _ in subscriber.calls} == {uploaded().id}
    assert broker.lost == []


@pytest.mark.parametrize("status", [301, 400, 401, 403, 410, 413, 415, 422])
def test_every_other_status_is_final_and_makes_a_dead_letter(
    status: int, subscriber: Subscriber, subscribers: Callable[[], Subscriber]
) -> None:
    """Delivered once; the dead letter says where to, with what status and why."""
    subscriber.answers = [(status, {}, b"why not")]
    cemetery = subscribers()
    with Broker(subscriber=subscriber.url, dead_letters=cemetery.url, backoff=0.001) as broker:
        broker.send(uploaded())
        broker.wait()

    assert len(subscriber.calls) == 1
    [(headers, body)] = cemetery.calls
    [letter] = envelope.decode(headers, body)
    assert "prefer" not in headers
    assert letter.extensions["knativeerrordest"] == subscriber.url
    assert letter.extensions["knativeerrorcode"] == str(status)
    assert base64.b64decode(str(letter.extensions["knativeerrordata"])) == b"why not"


def test_of_a_long_reason_1024_characters_of_base64_remain(subscriber: Subscriber) -> None:
    """That is 768 bytes of the answer."""
    subscriber.answers = [(422, {}, b"x" * 5000)]
    with Broker(subscriber=subscriber.url, dead_letters=subscriber.url, retries=0) as broker:
        broker.send(uploaded())
        broker.wait()

    data = str(broker.dead[0].extensions["knativeerrordata"])
    assert (len(data), base64.b64decode(data)) == (1024, b"x" * 768)


def test_retries_end_and_the_pauses_double(subscriber: Subscriber) -> None:
    """`retry` counts what follows the first try; what then has no dead-letter sink is lost."""
    subscriber.answers = [(503, {"Retry-After": "60"}, b"")]
    with Broker(subscriber=subscriber.url, retries=4, backoff=0.002) as broker:
        broker.send(uploaded())
        broker.wait()

    assert [attempt.number for attempt in broker.attempts] == [0, 1, 2, 3, 4]
    assert broker.pauses == [0.002, 0.004, 0.008, 0.016]
    assert [event.id for event in broker.lost] == [uploaded().id]


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "application/json"}, b'{"done": true}'),
        (200, {"Content-Type": "application/cloudevents+json"}, b"{}"),
    ],
)
def test_a_2xx_with_a_body_that_is_no_event_is_a_502_and_its_dead_letter_has_no_reason(
    answer: Reply, subscriber: Subscriber, subscribers: Callable[[], Subscriber]
) -> None:
    """Tried again, each time for nothing."""
    subscriber.answers = [answer]
    cemetery = subscribers()
    with Broker(subscriber=subscriber.url, dead_letters=cemetery.url, retries=2, backoff=0.001) as broker:
        broker.send(uploaded())
        broker.wait()

    assert [attempt.status for attempt in broker.attempts] == [502, 502, 502]
    assert not any(name.startswith("ce-knative") for name in cemetery.calls[0][0])


def test_a_reply_enters_the_broker_and_goes_to_who_asked_for_its_type(subscriber: Subscriber) -> None:
    """Not back to this Trigger."""
    reply = Event("1", "s3://inbox", ours.PARSED, subject="a.pdf", data={"pages": 1})
    headers, body = writing.to_binary(reply)
    subscriber.answers = [(200, headers, body)]
    with Broker(subscriber=subscriber.url) as broker:
        broker.send(uploaded())
        broker.wait()

    assert [(event.id, event.type, event.data) for event in broker.replies] == [("1", ours.PARSED, {"pages": 1})]
    assert len(subscriber.calls) == 1


def test_the_ingress_takes_single_events_by_post_only(subscriber: Subscriber) -> None:
    """400 for batches and for what is no event."""
    _, body = writing.to_structured(uploaded())
    batch = json.dumps([json.loads(body)]).encode()
    with Broker(subscriber=subscriber.url) as broker:
        assert post(broker.url, {"Content-Type": "application/cloudevents-batch+json"}, batch) == 400
        assert post(broker.url, {"Content-Type": "application/json"}, b"{}") == 400
        assert post(broker.url, {}, b"", "OPTIONS") == 200
        assert post(broker.url, {}, b"", "GET") == 405

    assert (broker.entered, subscriber.calls) == ([], [])


def test_an_acknowledging_ingress_answers_while_the_subscriber_still_works(subscriber: Subscriber) -> None:
    """As with `async-handler`."""
    subscriber.gate.clear()
    with Broker(subscriber=subscriber.url) as broker:
        assert post(broker.url, *writing.to_binary(uploaded())) == 202
        broker.wait_until_busy()
        subscriber.gate.set()
        broker.wait()

    assert [attempt.status for attempt in broker.attempts] == [204]


@pytest.mark.parametrize(("last", "status"), [(204, 202), (422, 500)])
def test_a_blocking_ingress_answers_when_delivery_and_retries_are_over(
    last: int, status: int, subscriber: Subscriber
) -> None:
    """And says whether somebody has the event now."""
    subscriber.answers = [(503, {}, b""), (503, {}, b""), (last, {}, b"")]
    with Broker(subscriber=subscriber.url, blocking=True, backoff=0.001) as broker:
        assert post(broker.url, *writing.to_binary(uploaded())) == status
        assert len(broker.attempts) == 3


def test_no_more_than_slots_times_pods_are_delivered_at_once(subscriber: Subscriber) -> None:
    """The rest waits in front."""
    subscriber.gate.clear()
    with Broker(subscriber=subscriber.url, slots=2, pods=2) as broker:
        broker.send(*(uploaded(f"{number}.pdf") for number in range(12)))
        broker.wait_until_busy(4)
        subscriber.gate.set()
        broker.wait()

    assert (broker.peak, len(broker.attempts)) == (4, 12)


def test_without_a_ready_pod_deliveries_wait_and_no_retry_is_used_up(subscriber: Subscriber) -> None:
    """The activator holds them."""
    with Broker(retries=0) as broker:
        broker.send(uploaded())
        broker.subscriber = subscriber.url
        broker.wait()

    assert [attempt.status for attempt in broker.attempts] == [204]
