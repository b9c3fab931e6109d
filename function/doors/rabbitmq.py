"""A queue of RabbitMQ: messages in, verdicts back, through whatever happens to the connection.

By pika: pure Python, kept by RabbitMQ's own people, and its acknowledgements can be told from other threads. One thread
has the connection, since pika's belong to the thread that made them, and it answers heartbeats while readings take
minutes in threads of their own. A verdict on a message of a connection that is gone goes nowhere: the broker has put
the message back already, and its redelivery finds the result standing.
"""

from __future__ import annotations

import hashlib
import logging
import random
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Literal, NamedTuple

import pika
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from function.telemetry import metrics

log = logging.getLogger(__name__)

#: Seconds between two looks at whether to stop, and what to put back; verdicts and messages do not wait for it.
_GLANCE = 0.25
#: Seconds between two tries to connect: doubled from the first to the last, and scattered, lest all pods come at once.
_SOONEST, _LATEST = 0.5, 10.0
#: Messages whose tries are remembered here, of queues that do not count them.
_REMEMBERED = 10_000
_HOW_TO_DECLARE = "Declare it, best as a quorum queue with a dead-letter exchange"


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery.

    Attributes:
        headers: AMQP's, values as AMQP has them.
        content_type: empty where the publisher says none.
        body: its bytes.
        id: the publisher's; empty where it gave none.
        tries: deliveries of it before this one, as the queue counts them; where it does not (classic queues), those
            that this process has put back.
    """

    headers: Mapping[str, Any]
    content_type: str
    body: bytes
    id: str
    tries: int


class Verdict(NamedTuple):
    """What becomes of a message.

    Attributes:
        does: `ack`: done with; `reject`: to the dead-letter exchange, where the queue has one; `requeue`: again.
        delay: seconds that it is held before it is put back.
    """

    does: Literal["ack", "reject", "requeue"]
    delay: float = 0.0


class _Delivery(NamedTuple):
    channel: Any
    tag: int
    key: bytes


class Queue:
    """Takes messages of one queue, `slots` at a time, until it is told to stop.

    Args:
        url: amqp:// or amqps://; holds a password.
        name: of the queue, which must exist.
        slots: messages handled at once, and never more taken.
        handle: message → verdict; called in threads of this class, may take minutes.

    Raises:
        ValueError: the address cannot be understood; the message does not repeat it.
    """

    def __init__(self, url: str, name: str, *, slots: int, handle: Callable[[Message], Verdict]) -> None:
        self._parameters = _parameters(url)
        self._name, self._slots, self._handle = name, slots, handle
        #: Why no messages come, in words; None while they may.
        self.problem: str | None = "not connected yet"
        self._stopping = False
        self._connection: Any = None
        self._channel: Any = None
        self._readers = ThreadPoolExecutor(slots, thread_name_prefix="delivery")
        self._running = 0
        self._decided: SimpleQueue[tuple[_Delivery, Verdict]] = SimpleQueue()
        self._held: list[tuple[float, _Delivery]] = []
        self._tries: OrderedDict[bytes, int] = OrderedDict()

    @property
    def where(self) -> str:
        """For people: without user and password."""
        told = self._parameters
        return f"queue {self._name!r} of {told.host}:{told.port}, virtual host {told.virtual_host!r}"

    def stop(self) -> None:
        """Take nothing more; `run` then ends. A plain flag, so that a signal handler may call it."""
        self._stopping = True
        self.problem = "draining"

    def run(self, *, drain_seconds: float) -> bool:
        """Take messages until `stop`, then finish those that were taken.

        Args:
            drain_seconds: how long finishing may take.

        Returns:
            Whether all that was taken is finished.
        """
        failures = 0
        while not self._stopping:
            try:
                self._connect()
                failures = 0
                while not self._stopping:
                    self._turn()
            except (AMQPError, OSError) as problem:
                self._lost(problem)
                self._pause(min(_LATEST, _SOONEST * 2**failures))
                failures += 1
        return self._drain(time.monotonic() + drain_seconds)

    def _connect(self) -> None:
        """Raises AMQPError or OSError."""
        self._connection = pika.BlockingConnection(self._parameters)
        self._channel = self._connection.channel()
        # Asks whether it is there. What it is made of (quorum, limits, dead letters) is its owner's to say.
        self._channel.queue_declare(self._name, passive=True)
        self._channel.basic_qos(prefetch_count=self._slots)
        self._channel.basic_consume(self._name, self._arrived)
        if not self._stopping:
            self.problem = None
        log.info("taking messages of %s, %d at once", self.where, self._slots)

    def _turn(self, seconds: float = _GLANCE) -> None:
        """Network first, then verdicts. Raises AMQPError or OSError where nothing can come any more."""
        self._connection.process_data_events(time_limit=seconds)
        self._settle()
        if not self._channel.is_open:
            raise AMQPError("the broker closed the channel, its own log says why (consumer_timeout?)")
        if not self._stopping and not self._channel.consumer_tags:
            raise AMQPError("the broker cancelled the subscription")

    def _arrived(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        """In the connection's thread."""
        headers = properties.headers or {}
        key = hashlib.sha256(b"%r %r %b" % (properties.message_id, sorted(headers), body)).digest()
        counted = headers.get("x-delivery-count")
        tries = counted if isinstance(counted, int) else self._tries.get(key, 0)
        if method.redelivered:
            metrics.queue_redelivered.inc()
        message = Message(headers, properties.content_type or "", body, properties.message_id or "", tries)
        self._running += 1
        self._readers.submit(self._read, _Delivery(channel, method.delivery_tag, key), message)

    def _read(self, delivery: _Delivery, message: Message) -> None:
        """In a thread of its own."""
        verdict = Verdict("requeue")
        try:
            # What waited for a thread while its connection was lost is the broker's again, and comes again.
            if not self._stopping and delivery.channel is self._channel:
                verdict = self._handle(message)
        finally:
            self._decided.put((delivery, verdict))
            with suppress(AMQPError):  # else its loop would notice a moment later
                self._connection.add_callback_threadsafe(lambda: None)

    def _settle(self) -> None:
        """Tell the broker what was decided, and put back what was held long enough."""
        with suppress(Empty):
            while True:
                delivery, verdict = self._decided.get_nowait()
                self._running -= 1
                if verdict.does == "requeue" and verdict.delay and not self._stopping:
                    self._held.append((time.monotonic() + verdict.delay, delivery))
                else:
                    self._tell(delivery, verdict.does)
        now = time.monotonic()
        due = [delivery for at, delivery in self._held if at <= now or self._stopping]
        self._held = [(at, delivery) for at, delivery in self._held if delivery not in due]
        for delivery in due:
            self._tell(delivery, "requeue")

    def _tell(self, delivery: _Delivery, does: str) -> None:
        channel, tag, key = delivery
        if does == "requeue":
            self._tries[key] = self._tries.pop(key, 0) + 1
            if len(self._tries) > _REMEMBERED:
                self._tries.popitem(last=False)
        else:
            self._tries.pop(key, None)
        if channel is not self._channel or not channel.is_open:
            metrics.queue_unsettled.inc()
        elif does == "ack":
            channel.basic_ack(tag)
        else:
            channel.basic_nack(tag, requeue=does == "requeue")

    def _lost(self, problem: Exception) -> None:
        if self._stopping:
            return
        self.problem = _told(problem, self.where)
        metrics.queue_reconnects.inc()
        log.error("no messages come: %s; trying again", self.problem)
        self._held.clear()  # the broker has them back
        self._close()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds * random.uniform(0.5, 1)  # noqa: S311 - scattered, not secret
        while not self._stopping and time.monotonic() < until:
            time.sleep(min(_GLANCE, seconds))

    def _drain(self, deadline: float) -> bool:
        """Finish what was taken, with or without a connection: a result that stands costs its redelivery a HEAD."""
        with suppress(AMQPError, OSError):
            for tag in self._channel.consumer_tags if self._channel else ():
                self._channel.basic_cancel(tag)
        while self._running and time.monotonic() < deadline:
            try:
                self._turn()
            except (AMQPError, OSError):
                self._settle()
                time.sleep(_GLANCE)
        with suppress(AMQPError, OSError):
            self._turn(0)
        self._close()
        self._readers.shutdown(wait=self._running == 0, cancel_futures=True)
        return self._running == 0

    def _close(self) -> None:
        with suppress(AMQPError, OSError):
            if self._connection is not None and self._connection.is_open:
                self._connection.close()


def _parameters(url: str) -> Any:
    # Its own lines would tell each failure three times; ours tells it once.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    scheme = url.partition("://")[0]
    if scheme not in {"amqp", "amqps"}:
        raise ValueError("it begins with neither amqp:// nor amqps://")
    try:
        parameters = pika.URLParameters(url)
    except Exception as problem:  # noqa: BLE001 - pika raises what its parsers happen to; its words may hold the password
        raise ValueError(f"it is no amqp://USER:PASSWORD@HOST:PORT/VHOST ({type(problem).__name__})") from None
    # What RabbitMQ's own pages show instead of an address.
    parameters.client_properties = {"connection_name": f"zeropage {socket.gethostname()}"}
    return parameters


def _told(problem: Exception, where: str) -> str:
    """A failure in our words, with what helps."""
    if isinstance(problem, ChannelClosedByBroker) and problem.reply_code == 404:
        return f"there is no {where} (OCR_QUEUE_NAME, OCR_QUEUE_URL). {_HOW_TO_DECLARE}"
    if isinstance(problem, ChannelClosedByBroker) and problem.reply_code == 403:
        return f"the user of OCR_QUEUE_URL may not read {where}: give it the permission to read"
    if isinstance(problem, ProbableAuthenticationError):
        return f"the broker refuses the user or password of OCR_QUEUE_URL ({where})"
    if isinstance(problem, ProbableAccessDeniedError):
        return f"the broker refuses the virtual host of OCR_QUEUE_URL ({where})"
    if isinstance(problem, ConnectionClosedByBroker | ChannelClosedByBroker):
        return f"{where} was closed by the broker: {problem.reply_code} {problem.reply_text}"
    if type(problem) is AMQPError:
        return f"{problem}: {where}"
    detail = str(problem) or type(problem).__name__
    return f"no connection to {where} (OCR_QUEUE_URL): {detail}"
