"""Kills in full size: 50 at random moments among 200 uploads, and one at every single request to the store."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from events import ours
from tests import s3_server as server
from tests.broker import Broker
from tests.delivery.kills import Case, judge, killed_at, killed_at_random, undisturbed
from tests.delivery.pod import Pod
from tests.delivery.store_proxy import StoreProxy
from tests.doors.conftest import stamped_png
from tests.s3_server import S3Server

pytestmark = pytest.mark.long


@pytest.fixture
def s3_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """An S3 over HTTP."""
    server.set_environment(monkeypatch)
    with server.running() as running:
        yield running


def test_200_uploads_survive_50_kills_at_random_moments(s3_server: S3Server) -> None:
    """Exactly one right result each, written once, and one reply id."""
    with (
        StoreProxy(s3_server.url) as proxy,
        Broker(backoff=0.02, policy="linear", retries=60) as broker,
        Pod(s3_server, broker, store=proxy.url) as pod,
    ):
        story = killed_at_random(pod, proxy, uploads=200, kills=50, chance=random.Random(2026))

        assert story.hit >= 50
        assert (broker.dead, broker.lost) == ([], [])
        judge(pod, story.cases)
        fetched = sum(told.startswith(f"GET /{pod.inbox}/") for told in proxy.history)
        print(
            f"{story.hit} deliveries were hit and came again, {story.finished} had ended before the last kill; "
            f"200 uploads were fetched {fetched} times"
        )


#: What stood there before, what was delivered for it, and what was written or deleted for that.
FORMERLY = {
    "nothing": (b"", []),
    "refused": (b"no picture", ["error.json", "error.json"]),
    "read": (stamped_png("former"), ["json", "md"]),
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("formerly", FORMERLY)
def test_an_upload_survives_a_kill_at_each_request_to_the_store(
    formerly: str, after: bool, s3_server: S3Server
) -> None:
    """Before or after the store did it, whatever stood there before."""
    with (
        StoreProxy(s3_server.url) as proxy,
        Broker(backoff=0.02) as broker,
        Pod(s3_server, broker, store=proxy.url) as pod,
    ):
        body, endings = FORMERLY[formerly]
        cases = [after_former(pod, "0.png", body)]
        steps = undisturbed(pod, proxy, cases[0])
        for number in range(1, len(steps) + 1):
            cases.append(after_former(pod, f"{number}.png", body))
            killed_at(pod, proxy, cases[-1], number, after=after)

        assert len(steps) >= 10
        judge(pod, cases, besides=[f"{number}.png.{ending}" for number in range(len(cases)) for ending in endings])


def after_former(pod: Pod, key: str, former: bytes) -> Case:
    """An upload; where `former` is not empty, the second one of its key."""
    if former:
        pod.broker.send(ours.to_event(pod.upload(key, former)))
        pod.broker.wait()
    return Case(pod.upload(key, stamped_png(f"document {key}")), f"document {key}\n")
