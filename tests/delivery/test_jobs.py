"""Jobs outlive every process: two servers on one S3, each killed between any two requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import requests

from tests.broker import Broker
from tests.doors.conftest import stamped_png, stamped_tiff
from tests.s3_server import ENVIRONMENT, S3Server
from tests.server import Server, stub_server


class Pods:
    """Two servers beside the same buckets; every request goes to the other one, and whoever answered is killed.

    Args:
        s3: the store.
        broker: that has the jobs' events delivered; None: they are read where somebody asks for them.
    """

    def __init__(self, s3: S3Server, broker: Broker | None) -> None:
        self._broker = broker
        places = {"OCR_INBOX": f"s3://{s3.bucket()}/in", "OCR_RESULTS": f"s3://{s3.bucket()}/out"}
        sink = {"K_SINK": broker.url} if broker else {}
        self.settings = {**ENVIRONMENT, **places, **sink, "AWS_ENDPOINT_URL": s3.url}
        self._stack = ExitStack()
        self._next: Server | None = None
        self.killed = 0

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Of a server that never heard of it; afterwards it is gone."""
        server = self.started()
        answer = requests.request(method, server.url + path, timeout=60, **more)
        server.kill()
        self.killed += 1
        return answer

    def started(self) -> Server:
        """A new one, ready, and the subscriber from now on."""
        server = self._stack.enter_context(stub_server(**self.settings))
        if self._broker:
            self._broker.subscriber = server.url
        return server

    def close(self) -> None:
        """End what runs."""
        self._stack.close()


@contextmanager
def pods(s3: S3Server, broker: Broker | None = None) -> Iterator[Pods]:
    """Killed after each request."""
    made = Pods(s3, broker)
    try:
        yield made
    finally:
        made.close()


def until(ask: Callable[[], requests.Response], state: str) -> dict[str, Any]:
    """Ask until the job stands so."""
    deadline = time.monotonic() + 90
    while (told := ask().json())["state"] != state:
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return dict(told)


def test_a_job_survives_the_death_of_every_process_between_any_two_requests(s3_server: S3Server) -> None:
    """Taken by one server, asked of others, each of them killed as soon as it has answered; read by the last."""
    with Broker(backoff=0.05, policy="linear", retries=200) as broker, pods(s3_server, broker) as alone:
        key = {"Idempotency-Key": "1"}
        taken = alone.ask("POST", "/v1/jobs?ocr=always", data=stamped_png("stub:wait=1"), headers=key)
        address = taken.headers["Location"]
        told = alone.ask("GET", address)
        again = alone.ask("POST", "/v1/jobs?ocr=always", data=stamped_png("stub:wait=1"), headers=key)
        last = alone.started()
        until(lambda: requests.get(last.url + address, timeout=30), "done")
        last.kill()
        result = alone.ask("GET", f"{address}/result?format=text")

        assert (taken.status_code, told.status_code, again.headers["Location"]) == (202, 200, address)
        assert alone.killed == 4
        assert result.text == "stub:wait=1\n"
        assert (broker.dead, broker.lost) == ([], [])


def test_without_a_broker_whoever_is_asked_takes_over(s3_server: S3Server) -> None:
    """The server that took it dies while it reads; another one, asked how it stands, reads it anew."""
    with pods(s3_server) as alone:
        document = stamped_tiff(*["stub:wait=0.2"] * 3)
        taken = alone.ask("POST", "/v1/jobs?ocr=always", data=document)
        other = alone.started()
        told = until(lambda: requests.get(other.url + taken.headers["Location"], timeout=30), "done")

        assert told["pages"] == {"done": 3, "total": 3, "failed": 0}
        assert other.stop() == 0, other.logs


def test_a_job_that_is_cancelled_at_one_server_stops_at_another(s3_server: S3Server) -> None:
    """Within seconds, its other pages unread; the stream of a third tells so and ends."""
    with pods(s3_server) as both:
        reader, other = both.started(), both.started()
        document = stamped_tiff(*["stub:wait=0.2"] * 200)
        address = requests.post(f"{reader.url}/v1/jobs?ocr=always", data=document, timeout=60).headers["Location"]
        told = until(lambda: requests.get(other.url + address, timeout=30), "reading")
        with requests.get(f"{other.url}{address}/events", stream=True, timeout=60) as stream:
            lines = stream.iter_lines()
            seen = [next(line for line in lines if line.startswith(b"id: "))]
            requests.delete(other.url + address, timeout=30)
            seen += [line for line in lines if line.startswith(b"id: ")]
        wait_until_idle(reader)

        assert told["pages"]["total"] == 200
        assert seen[0].startswith(b"id: reading-")
        assert seen[-1] == b"id: cancelled"
        read = metric(reader, 'zeropage_pages_total{rung="fast"}')
        assert 0 < read < 200


def wait_until_idle(server: Server) -> None:
    """Nothing is read any more."""
    deadline = time.monotonic() + 60
    while metric(server, "zeropage_slots_held"):
        assert time.monotonic() < deadline, server.logs
        time.sleep(0.05)


def metric(server: Server, name: str) -> float:
    """Its present value; 0 where there is none."""
    lines = requests.get(f"{server.url}/metrics", timeout=30).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))
