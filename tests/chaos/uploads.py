"""Uploaders who do not give up: each document reaches the bucket, and the function hears of it, however late."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import TypeVar

import requests
from botocore.exceptions import BotoCoreError, ClientError
from pika.exceptions import AMQPError

from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from tests.broker import Broker
from tests.chaos.arrivals import Arrival, Document
from tests.rabbitmq_server import RabbitServer
from tests.s3_server import S3Server

QUEUE = "chaos"
_PATIENCE = 600.0
T = TypeVar("T")


@dataclass(frozen=True)
class Uploaded:
    """One arrival that is in the bucket.

    Attributes:
        document: what lies there.
        former: what lay there before.
        name: of its results, without the ending.
        version: of the object; empty for a job's.
        job: its address; empty where it is none.
        refused: the status, where a job was refused before it began.
    """

    document: Document
    former: Document | None
    name: str
    version: str = ""
    job: str = ""
    refused: int = 0


class Uploads:
    """Use it in a `with`.

    Args:
        s3: the store, reached without any harm on the way.
        inbox: the bucket.
        broker: that is told.
        rabbitmq: that is told, where there is one.
        url: of a server that takes jobs.
    """

    def __init__(
        self, s3: S3Server, inbox: str, broker: Broker, rabbitmq: RabbitServer | None, url: Callable[[], str]
    ) -> None:
        self._s3, self._inbox, self._broker, self._rabbitmq, self._url = s3, inbox, broker, rabbitmq, url
        self._pool = ThreadPoolExecutor(8)
        self._closed = threading.Event()
        self._under_way: list[Future[Uploaded]] = []

    def bring(self, arrival: Arrival) -> Future[Uploaded]:
        """Somebody begins to upload it."""
        bringing = self._pool.submit(self._job if arrival.way == "job" else self._object, arrival)
        self._under_way.append(bringing)
        return bringing

    def all(self) -> list[Uploaded]:
        """Every upload, as soon as all are there."""
        return [bringing.result(_PATIENCE) for bringing in self._under_way]

    def __enter__(self) -> Uploads:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)

    def _object(self, arrival: Arrival) -> Uploaded:
        for document in filter(None, (arrival.former, arrival.document)):
            told = self._until(partial(self._put, f"in/{arrival.key}", document.body))
            for _ in range(arrival.events):
                self._tell(ours.to_event(told), arrival)
        return Uploaded(arrival.document, arrival.former, arrival.key, told.version)

    def _put(self, key: str, body: bytes) -> DocumentUploaded:
        answer = self._s3.s3.put_object(Bucket=self._inbox, Key=key, Body=body)
        return DocumentUploaded(self._inbox, key, answer["VersionId"], answer["ETag"].strip('"'), size=len(body))

    def _tell(self, event: Event, arrival: Arrival) -> None:
        if arrival.way == "queue" and self._rabbitmq:
            queue = self._rabbitmq
            self._until(lambda: queue.publish(QUEUE, event))
        else:
            self._broker.send(event)

    def _job(self, arrival: Arrival) -> Uploaded:
        headers = {"Idempotency-Key": arrival.key, "Content-Type": "application/octet-stream"}

        def asked() -> requests.Response:
            answer = requests.post(f"{self._url()}/v1/jobs", data=arrival.document.body, headers=headers, timeout=30)
            if answer.status_code >= 500 or answer.status_code in {409, 429}:
                raise requests.ConnectionError(f"{answer.status_code}: {answer.text[:300]}")
            return answer

        answer = self._until(asked)
        if answer.status_code >= 400:
            return Uploaded(arrival.document, None, "", refused=answer.status_code)
        listed = self._s3.s3.list_objects_v2(
            Bucket=self._inbox, Prefix=f"in/jobs/{answer.headers['Location'].rpartition('/')[2]}/"
        )
        [entry] = listed["Contents"]
        return Uploaded(arrival.document, None, entry["Key"].removeprefix("in/"), job=str(answer.headers["Location"]))

    def _until(self, act: Callable[[], T]) -> T:
        """Again and again, as uploaders do."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return act()
            except (BotoCoreError, ClientError, AMQPError, OSError, requests.RequestException):
                if time.monotonic() > deadline or self._closed.wait(0.1):
                    raise
