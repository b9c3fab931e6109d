"""Several pods behind one broker, as an autoscaler makes them: each event goes to one that has room."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from bench import processes
from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from tests.broker import NO_ANSWER, Answer, Attempt, Broker
from tests.conftest import ROOT
from tests.delivery.pod import _runs
from tests.s3_server import ENVIRONMENT, S3Server
from tests.server import Server, stub_server

#: At once in a pod, as containerConcurrency says.
SLOTS = 2


class FleetBroker(Broker):
    """Delivers to whichever pod has the most room."""

    def __init__(self, **how: Any) -> None:
        super().__init__(types=(ours.UPLOADED, ours.PAGES_REQUESTED), **how)
        self._busy: dict[str, int] = {}
        #: Called with each event that enters, before its sender is answered.
        self.on_enter: Callable[[Event], None] = lambda _: None

    def _enter(self, event: Event) -> None:
        super()._enter(event)
        self.on_enter(event)

    def add(self, url: str) -> None:
        """A pod is ready."""
        with self._changed:
            self._busy[url] = 0
            self._changed.notify_all()

    def remove(self, url: str) -> None:
        """It is no more."""
        with self._changed:
            self._busy.pop(url, None)

    def _to_the_subscriber(self, event: Event, number: int) -> Answer:
        with self._changed:
            self._changed.wait_for(lambda: self._free() or self._closed.is_set())
            if self._closed.is_set():
                return Answer(NO_ANSWER)
            url = self._free()
            self._busy[url] += 1
            self.in_flight += 1
            self._changed.notify_all()
        answer = Answer(NO_ANSWER)
        try:
            answer = self._posted(url, event, {"Prefer": "reply"})
        finally:
            with self._changed:
                if url in self._busy:
                    self._busy[url] -= 1
                self.in_flight -= 1
                self.attempts.append(Attempt(event, number, answer.status))
                self._changed.notify_all()
        return answer

    def _free(self) -> str:
        url = min(self._busy, key=lambda url: self._busy[url], default="")
        return url if url and self._busy[url] < SLOTS else ""


class Fleet:
    """Use it in a `with`.

    Args:
        s3: the store.
        pods: how many.
        broker: how theirs is, other than usual.
        settings: variables besides.
    """

    def __init__(self, s3: S3Server, *, pods: int, broker: Mapping[str, Any] | None = None, **settings: str) -> None:
        self.s3: Any = s3.s3
        self.inbox, self.results = s3.bucket(versioned=True), s3.bucket(versioned=True)
        self.broker = FleetBroker(**{"backoff": 0.05, "policy": "linear", "retries": 60, **(broker or {})})
        inbox = {
            "OCR_INBOX": f"s3://{self.inbox}/in",
            "AWS_ENDPOINT_URL": s3.url,
            **ENVIRONMENT,
            "OCR_SLOTS": str(SLOTS),
        }
        places = {**inbox, "OCR_RESULTS": f"s3://{self.results}/out", **settings}
        ours_ = {**places, "K_SINK": self.broker.url}
        ours_.setdefault("OCR_SINK_TIMEOUT", "60")
        self._places = places
        self._alone = {**places, "OCR_RESULTS": f"s3://{self.results}/alone"}
        self.servers: list[Server] = [stub_server(**ours_) for _ in range(pods)]
        self.kills = 0
        # A server ends with the thread that began it (the kernel's parent-death signal), so these threads stay.
        self._starters = ThreadPoolExecutor(pods)

    def start(self, number: int) -> None:
        """Until it is ready."""
        self.servers[number].start()
        self.broker.dead_letters = f"{self.servers[number].url}/deadletter"
        self.broker.add(self.servers[number].url)

    def kill(self, number: int) -> None:
        """SIGKILL, and nothing of it is left."""
        server = self.servers[number]
        self.broker.remove(server.url)
        pids = processes.tree(server.pid)
        server.kill()
        deadline = time.monotonic() + 60
        while left := [pid for pid in pids if _runs(pid)]:
            assert time.monotonic() < deadline, f"processes {left} outlived the kill of their server"
            time.sleep(0.01)
        self.kills += 1

    def kill_at_random(self, chance: random.Random, *, kills: int, seconds: float) -> None:
        """Kill pods while they are busy, in turn, each at a random moment; each starts again while others go on."""
        starts: dict[int, Future[None]] = {}
        for number in range(kills):
            victim = number % len(self.servers)
            if victim in starts:
                starts[victim].result()
            self.broker.wait_until_busy()
            time.sleep(chance.uniform(0, seconds))
            if not self.broker.unsettled:
                break
            self.kill(victim)
            starts[victim] = self._starters.submit(self.start, victim)
        for start in starts.values():
            start.result()

    def start_again(self, number: int) -> None:
        """After a kill."""
        self._starters.submit(self.start, number).result()

    def upload(self, key: str, body: bytes) -> DocumentUploaded:
        """Put an object, and what its sender would say of it."""
        answer = self.s3.put_object(Bucket=self.inbox, Key=f"in/{key}", Body=body)
        return DocumentUploaded(self.inbox, f"in/{key}", answer["VersionId"], answer["ETag"].strip('"'), size=len(body))

    def read_alone(self, *uploads: DocumentUploaded) -> None:
        """The same uploads, by one process that nobody disturbs and that has nobody to ask."""
        broker = FleetBroker(backoff=0.05)
        with stub_server(**self._alone) as server, broker:
            broker.add(server.url)
            broker.send(*(ours.to_event(upload) for upload in uploads))
            broker.wait(600)

    def result(self, key: str, *, place: str = "out") -> bytes:
        """What stands there."""
        with self.s3.get_object(Bucket=self.results, Key=f"{place}/{key}")["Body"] as body:
            return bytes(body.read())

    def plain(self, key: str, *, place: str = "out") -> str:
        """A JSON result without timings and cost, otherwise byte for byte."""
        read = json.loads(self.result(key, place=place))
        assert read.pop("timings")
        assert read.pop("cost")
        return json.dumps(read)

    def keys(self, place: str = "out") -> list[str]:
        """All that stands there now."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.results, Prefix=f"{place}/")
        return sorted(entry["Key"].removeprefix(f"{place}/") for page in pages for entry in page.get("Contents", ()))

    def clean(self) -> None:
        """Remove parts that stand there after all, as operators do: a killed pod's last PUT may arrive late."""
        command = [sys.executable, "-m", "events", "reconcile", "--clean", "--older", "0"]
        environment = {**os.environ, **self._places}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60)

    def writings(self, key: str) -> int:
        """How often a result was written or deleted."""
        answer = self.s3.list_object_versions(Bucket=self.results, Prefix=f"out/{key}")
        return len(answer.get("Versions", ())) + len(answer.get("DeleteMarkers", ()))

    def __enter__(self) -> Fleet:
        self.broker.__enter__()
        for number in range(len(self.servers)):
            self.start(number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            self.broker.remove(server.url)
        for server in self.servers:
            server.__exit__(kind, problem, trace)
        self._starters.shutdown()
        self.broker.__exit__(kind, problem, trace)
