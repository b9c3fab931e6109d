"""A small broker with Knative's documented rules, over real HTTP, for tests of what comes twice, late or never.

    with Broker(subscriber=server.url, dead_letters=f"{server.url}/deadletter", backoff=0.01) as broker:
        broker.send(event)              # or POST it to broker.url
        broker.wait()

One Trigger, whose filter takes events by type; what it does not take, replies among it, stays in `entered` for tests to
look at. Facts, of the broker on channels in Eventing 1.22:

- every delivery is binary and has `Prefer: reply`; 5xx, 404, 408, 409, 429 and no answer are tried again after d·2^n
  or d·n seconds, n from 0; Retry-After does not count; any other status is final (pkg/kncloudevents/retries.go);
- a 2xx is empty or a CloudEvent, which enters the broker as a new event; any other body makes it a 502, tried again
  (pkg/broker/filter/filter_handler.go), whose dead letter tells no reason (seen on a cluster);
- what failed goes to the dead-letter sink by the same rules, with `knativeerrordest`, `-code` and `-data`: the answer's
  body in base64, cut to 1,024 characters, that is 768 bytes of it (pkg/kncloudevents/event_dispatcher.go);
- the ingress takes single events by POST, 400 for batches and what is no event; it answers when delivery, retries and
  dead-lettering are over (blocking), or at once (acknowledging, `async-handler`);
- Serving, not the broker, bounds what is delivered at once: containerConcurrency × pods; without a ready pod the
  activator lets requests wait.
"""

from __future__ import annotations

import base64
import http.client
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal
from urllib.parse import urlsplit

from events import envelope, ours
from events.errors import EventError
from events.event import Event
from events.writing import to_binary

MAX_ERROR_DATA = 1024
NO_ANSWER, NO_EVENT = 0, 502


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery to the subscriber.

    Attributes:
        event: what was delivered.
        number: 0 at first.
        status: of the answer as the broker judged it; 0 where none came.
    """

    event: Event
    number: int
    status: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `reply` an event, `tells` whether a dead letter may tell this body as the reason."""

    status: int
    body: bytes = b""
    reply: Event | None = None
    tells: bool = True

    @property
    def taken(self) -> bool:
        """A 2xx."""
        return 200 <= self.status < 300

    @property
    def again(self) -> bool:
        """In the set that is tried again."""
        return self.status in {NO_ANSWER, 404, 408, 409, 429} or self.status >= 500


class Broker:
    """Use it in a `with`. The addresses may be changed while it runs: a pod that comes back has another one.

    Args:
        subscriber: of the Trigger; while it is empty deliveries wait, as behind the activator.
        dead_letters: address of the dead-letter sink; empty: what fails is lost.
        types: of events that the Trigger takes.
        retries: after the first try.
        backoff: seconds, d of the rules above; Knative's default is 0.2, tests take less.
        policy: of the pauses.
        slots: of one pod.
        pods: how many.
        blocking: the ingress answers only when all is over.
        seconds: that one delivery may take.
    """

    def __init__(
        self,
        *,
        subscriber: str = "",
        dead_letters: str = "",
        types: Collection[str] = (ours.UPLOADED,),
        retries: int = 10,
        backoff: float = 0.2,
        policy: Literal["exponential", "linear"] = "exponential",
        slots: int = 8,
        pods: int = 1,
        blocking: bool = False,
        seconds: float = 60.0,
    ) -> None:
        self.entered: list[Event] = []
        self.attempts: list[Attempt] = []
        self.dead: list[Event] = []
        self.lost: list[Event] = []
        self.pauses: list[float] = []
        self.in_flight = self.peak = 0
        self._subscriber, self.dead_letters = subscriber, dead_letters
        self._types, self._retries, self._seconds = types, retries, seconds
        self._pause: Callable[[int], float] = lambda n: backoff * (2.0**n if policy == "exponential" else n)
        self._limit, self.blocking = slots * pods, blocking
        self._unsettled = 0
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._server = _Ingress(("127.0.0.1", 0), self)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def subscriber(self) -> str:
        """Where the Trigger delivers; empty while no pod is ready."""
        return self._subscriber

    @subscriber.setter
    def subscriber(self, url: str) -> None:
        with self._changed:
            self._subscriber = url
            self._changed.notify_all()

    @property
    def replies(self) -> list[Event]:
        """What entered and was not for this Trigger: replies and outcomes."""
        return [event for event in self.entered if event.type not in self._types]

    @property
    def unsettled(self) -> int:
        """Events that are still to be delivered, or tried again, or buried."""
        return self._unsettled

    def send(self, *events: Event) -> None:
        """As the ingress takes them when it acknowledges."""
        for event in events:
            self._enter(event)
            threading.Thread(target=self._settle, args=(event,), daemon=True).start()

    def settle(self, event: Event) -> bool:
        """Take an event and see it through; whether somebody has it now, the dead-letter sink perhaps."""
        self._enter(event)
        return self._settle(event)

    def wait(self, seconds: float = 120.0) -> None:
        """Until nothing is under way; TimeoutError where that takes longer."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._unsettled == 0, seconds):
                raise TimeoutError(f"{self._unsettled} events are still under way; the last: {self.attempts[-3:]}")

    def wait_until_busy(self, deliveries: int = 1, seconds: float = 60.0) -> None:
        """Until so many deliveries are under way at once."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.in_flight >= deliveries, seconds):
                raise TimeoutError(f"{self.in_flight} deliveries are under way, {self._unsettled} events unsettled")

    def __enter__(self) -> Broker:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        with self._changed:
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def _enter(self, event: Event) -> None:
        with self._changed:
            self.entered.append(event)
            self._unsettled += 1

    def _settle(self, event: Event) -> bool:
        settled = True
        try:
            if event.type in self._types:
                answer = self._tried(event, self._to_the_subscriber)
                settled = self._replied(answer) if answer.taken else self._buried(event, answer)
            if not settled:
                self.lost.append(event)
        finally:
            with self._changed:
                self._unsettled -= 1
                self._changed.notify_all()
        return settled

    def _replied(self, answer: Answer) -> bool:
        return self.settle(answer.reply) if answer.reply else True

    def _buried(self, event: Event, answer: Answer) -> bool:
        if not self.dead_letters:
            return False
        letter = event
        if answer.tells:
            why = {"dest": self.subscriber, "code": str(answer.status or 500), "data": _error_data(answer.body)}
            told = {f"knativeerror{name}": value for name, value in why.items()}
            letter = replace(event, extensions={**event.extensions, **told})
        self.dead.append(letter)
        return self._tried(letter, lambda letter, _: self._posted(self.dead_letters, letter, {})).taken

    def _tried(self, event: Event, once: Callable[[Event, int], Answer]) -> Answer:
        """By the rules of retries."""
        answer = once(event, 0)
        for number in range(1, self._retries + 1):
            if not answer.again:
                break
            self.pauses.append(self._pause(number - 1))
            if self._closed.wait(self.pauses[-1]):
                break
            answer = once(event, number)
        return answer

    def _to_the_subscriber(self, event: Event, number: int) -> Answer:
        with self._changed:
            self._changed.wait_for(lambda: (self._subscriber and self.in_flight < self._limit) or self._closed.is_set())
            if self._closed.is_set():
                return Answer(NO_ANSWER)
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
            self._changed.notify_all()
            url = self._subscriber
        answer = Answer(NO_ANSWER)
        try:
            answer = self._posted(url, event, {"Prefer": "reply"})
        finally:
            with self._changed:
                self.in_flight -= 1
                self.attempts.append(Attempt(event, number, answer.status))
                self._changed.notify_all()
        return answer

    def _posted(self, url: str, event: Event, more: dict[str, str]) -> Answer:
        headers, body = to_binary(event)
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self._seconds)
        try:
            connection.request("POST", parts.path or "/", body, {**headers, **more})
            answer = connection.getresponse()
            return _judged(answer.status, answer.getheaders(), answer.read())
        except (OSError, http.client.HTTPException) as problem:
            return Answer(NO_ANSWER, f"dispatch error: {type(problem).__name__}".encode())
        finally:
            connection.close()


def _judged(status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    """A 2xx that is neither empty nor an event counts as 502."""
    names = {name.lower(): value for name, value in headers}
    is_event = "ce-specversion" in names or names.get("content-type", "").startswith("application/cloudevents")
    if not 200 <= status < 300 or (not is_event and not body):
        return Answer(status, body)
    try:
        [event] = envelope.decode(headers, body)
    except (EventError, ValueError):
        return Answer(NO_EVENT, tells=False)
    return Answer(status, reply=event)


def _error_data(body: bytes) -> str:
    return base64.b64encode(body).decode("ascii")[:MAX_ERROR_DATA]


class _Ingress(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], broker: Broker) -> None:
        self.broker = broker
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Ingress

    def do_POST(self) -> None:
        """Take one event."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the sender died within it: Go's server, too, fails such a read, and nothing enters
            self.close_connection = True
            return
        try:
            if self.headers.get("Content-Type", "").startswith(envelope.BATCHED):
                raise ValueError
            [event] = envelope.decode(list(self.headers.items()), body)
        except (EventError, ValueError):
            self._answer(400)
            return
        broker = self.server.broker
        if broker.blocking:
            self._answer(202 if broker.settle(event) else 500)
        else:
            broker.send(event)
            self._answer(202)

    def do_OPTIONS(self) -> None:
        """Allowed, for handshakes."""
        self._answer(200)

    def do_GET(self) -> None:
        """Only POST is."""
        self._answer(405)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""
