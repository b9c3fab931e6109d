"""The server dies while it handles uploads; what a broker delivers again ends in exactly one right result each."""

from __future__ import annotations

import random

from tests.broker import Broker
from tests.delivery.kills import judge, killed_at, killed_at_random, some_uploads, undisturbed
from tests.delivery.pod import Pod
from tests.delivery.store_proxy import StoreProxy, numbers_of_writes
from tests.s3_server import S3Server


def test_uploads_survive_kills_at_random_moments(s3_server: S3Server) -> None:
    """20 uploads, 4 kills; `make test-long` has 200 and 50."""
    with (
        StoreProxy(s3_server.url) as proxy,
        Broker(backoff=0.02, policy="linear", retries=40) as broker,
        Pod(s3_server, broker, store=proxy.url) as pod,
    ):
        story = killed_at_random(pod, proxy, uploads=20, kills=4, chance=random.Random(7))

        assert story.hit >= 4
        assert (broker.dead, broker.lost) == ([], [])
        judge(pod, story.cases)


def test_an_upload_survives_a_kill_right_after_each_write(s3_server: S3Server) -> None:
    """The Markdown stands and its JSON not yet; both stand and nobody was told."""
    with (
        StoreProxy(s3_server.url) as proxy,
        Broker(backoff=0.02) as broker,
        Pod(s3_server, broker, store=proxy.url) as pod,
    ):
        whole, *cases = some_uploads(pod, 3)
        writes = numbers_of_writes(undisturbed(pod, proxy, whole))
        for number, case in zip(writes, cases, strict=True):
            killed_at(pod, proxy, case, number, after=True)

        assert [attempt.status for attempt in broker.attempts] == [200, 0, 200, 0, 200]
        judge(pod, [whole, *cases])
