"""`python -m function consume` as a process, with a queue and buckets of its own.

with Consumer(rabbitmq, s3_server) as consumer:
    rabbitmq.publish(consumer.queue, ours.to_event(consumer.upload("a.png", stamped_png("a"))))
    consumer.wait_for("a.png")
"""

from __future__ import annotations

import json
import sys
import time
from itertools import count
from types import TracebackType
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from bench.server import Server
from tests.delivery.pod import Pod
from tests.rabbitmq_server import RabbitServer
from tests.s3_server import ENVIRONMENT, S3Server

_COMMAND = (sys.executable, "-m", "function", "consume")
_numbers = count(1)


class Consumer(Pod):
    """Use it in a `with`.

    Args:
        rabbitmq: the broker.
        s3: the store.
        store: the address at which it finds the store, where a proxy stands between.
        declared: its queue is there, with one for dead letters.
        settings: variables besides.
    """

    def __init__(
        self, rabbitmq: RabbitServer, s3: S3Server, *, store: str = "", declared: bool = True, **settings: str
    ) -> None:
        self.queue = f"consumer-{next(_numbers)}"
        if declared:
            rabbitmq.queue(self.queue)
        self.s3: Any = s3.s3
        self.inbox, self.results = s3.bucket(versioned=True), s3.bucket(versioned=True)
        self._settings = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": store or s3.url,
            "OCR_INBOX": f"s3://{self.inbox}/in",
            "OCR_RESULTS": f"s3://{self.results}/out",
            "OCR_QUEUE_URL": rabbitmq.url,
            "OCR_QUEUE_NAME": self.queue,
            "OCR_FAST_ENGINE": "stub",
            # A store that is away is to be met by the queue's own tries, not hidden by those of the store's client.
            "OCR_S3_ATTEMPTS": "1",
            **settings,
        }
        self.server = Server(self._settings, command=_COMMAND, wait_until_ready=declared)

    def start(self) -> None:
        """Until it takes messages, if there is a queue."""
        self.server.start()

    def kill(self) -> None:
        """SIGKILL for it and its render children."""
        self.server.kill()

    def not_ready(self) -> str:
        """Why it is not ready; empty where it is."""
        try:
            with urlopen(f"{self.server.url}/readyz", timeout=30):
                return ""
        except HTTPError as answer:
            return str(json.loads(answer.read())["reason"])
        except OSError as problem:
            return str(problem)

    def wait_for(self, *keys: str, seconds: float = 60.0) -> None:
        """Until each has its result."""
        deadline = time.monotonic() + seconds
        while left := [key for key in keys if not self.stands(f"{key}.json")]:
            assert time.monotonic() < deadline, f"no results of {left}:\n{self.server.logs[-4000:]}"
            time.sleep(0.05)

    def written(self) -> list[str]:
        """Every result ever written, as often as it was; of refusals nothing."""
        return [name for name in self.versions() if not name.endswith(".error.json")]

    def result(self, key: str) -> Any:
        """What stands in the results."""
        return super().result(key)[0]

    def __enter__(self) -> Consumer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.__exit__(kind, problem, trace)
