"""`consume` under kills of both sides, again and again, at random moments: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from events import ours
from tests import rabbitmq_server
from tests import s3_server as server
from tests.delivery.consumer import Consumer
from tests.doors.conftest import stamped_png
from tests.rabbitmq_server import RabbitServer
from tests.s3_server import S3Server

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[RabbitServer]:
    """One node."""
    with rabbitmq_server.running() as running:
        yield running


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    """One store."""
    with server.running() as running:
        yield running


@pytest.mark.parametrize("seed", [1, 2])
def test_uploads_survive_kills_of_consumer_and_broker(rabbitmq: RabbitServer, s3_server: S3Server, seed: int) -> None:
    """120 uploads, every tenth refused; 12 kills, a third of them the broker's, while they flow."""
    chance = random.Random(seed)
    with Consumer(rabbitmq, s3_server, OCR_SLOTS="4") as consumer:
        good: list[str] = []
        bad: list[str] = []
        for turn in range(12):
            for number in range(turn * 10, turn * 10 + 10):
                refused = number % 10 == 9
                key = f"{number}.png"
                body = b"no picture" if refused else stamped_png(f"{number} stub:wait={chance.uniform(0, 0.3):.2f}")
                (bad if refused else good).append(key)
                rabbitmq.publish(consumer.queue, ours.to_event(consumer.upload(key, body)))
            time.sleep(chance.uniform(0, 1.5))
            if turn % 3 == 2:
                rabbitmq.kill()
                rabbitmq.start()
            else:
                consumer.kill()
                consumer.start()
        consumer.wait_for(*good, seconds=300)
        deadline = time.monotonic() + 120
        while left := [key for key in bad if not consumer.stands(f"{key}.error.json")]:
            assert time.monotonic() < deadline, f"no record of {left}"
            time.sleep(0.2)

        assert consumer.server.stop() == 0
        assert rabbitmq.ready(consumer.queue) == rabbitmq.ready(f"{consumer.queue}.dead") == 0
        assert consumer.written() == sorted(f"{key}.{ending}" for key in good for ending in ("json", "md"))
