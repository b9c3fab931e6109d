"""Long documents in full size: 300 pages beside the 50- and 55-page ones, 4 servers, kills; and how it scales."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from events import ours
from tests import s3_server as server
from tests.delivery.fleet import Fleet
from tests.doors.conftest import stamped_tiff
from tests.s3_server import S3Server
from tests.shared import DOCUMENTS, needs_shared

pytestmark = pytest.mark.long

REAL = ("en_tax_instructions_50p.pdf", "zh_java_manual_55p.pdf")


@pytest.fixture
def s3_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """An S3 over HTTP."""
    server.set_environment(monkeypatch)
    with server.running() as running:
        yield running


def judge(fleet: Fleet, names: list[str]) -> None:
    """Each stands once, equal to an undisturbed reading, and nothing else stands there."""
    told = [letter.extensions for letter in fleet.broker.dead]
    assert (told, fleet.broker.lost) == ([], []), fleet.broker.attempts
    fleet.clean()
    assert fleet.keys() == sorted(f"{name}.{ending}" for name in names for ending in ("json", "md"))
    for name in names:
        assert fleet.writings(f"{name}.json") == 1
        assert fleet.plain(f"{name}.json") == fleet.plain(f"{name}.json", place="alone")
        assert fleet.result(f"{name}.md") == fleet.result(f"{name}.md", place="alone")
    parsed = [event for event in fleet.broker.entered if event.type == ours.PARSED]
    assert len({event.id for event in parsed}) == len(names)


def test_300_pages_read_by_4_servers_that_are_killed(s3_server: S3Server) -> None:
    """Each is killed several times at a random moment."""
    pages = [f"page {number} of three hundred\nstub:wait=0.3" for number in range(1, 301)]
    with Fleet(s3_server, pods=4, OCR_SPLIT_PAGES="10") as fleet:
        upload = fleet.upload("300.tif", stamped_tiff(*pages))
        fleet.broker.send(ours.to_event(upload))
        fleet.kill_at_random(random.Random(2026), kills=12, seconds=1.0)
        fleet.broker.wait(600)

        assert fleet.kills >= 8
        fleet.read_alone(upload)
        judge(fleet, ["300.tif"])
        again = sum(attempt.number > 0 for attempt in fleet.broker.attempts)
        print(f"{fleet.kills} kills; {again} of {len(fleet.broker.attempts)} deliveries were repeats")


@needs_shared
def test_real_documents_read_by_4_servers_that_are_killed(s3_server: S3Server) -> None:
    """50 and 55 pages with text layers of their own, and pictures."""
    with Fleet(s3_server, pods=4, OCR_SPLIT_PAGES="5") as fleet:
        uploads = [fleet.upload(name, (DOCUMENTS / "good" / name).read_bytes()) for name in REAL]
        fleet.broker.send(*(ours.to_event(upload) for upload in uploads))
        fleet.kill_at_random(random.Random(50), kills=6, seconds=1.0)
        fleet.broker.wait(600)

        assert fleet.kills >= 2
        fleet.read_alone(*uploads)
        judge(fleet, list(REAL))


def test_wall_time_scales_with_workers(s3_server: S3Server) -> None:
    """An engine that sleeps, so that what is measured is our own overhead: at least 0.9 of ideal with 2 and 4."""
    seconds = {}
    for workers in (1, 2, 4):
        pages = [f"page {number} for {workers}\nstub:wait=1.5" for number in range(1, 49)]
        with Fleet(s3_server, pods=workers, OCR_SPLIT_PAGES="3") as fleet:
            upload = fleet.upload("48.tif", stamped_tiff(*pages))
            began = time.perf_counter()
            fleet.broker.send(ours.to_event(upload))
            fleet.broker.wait(600)
            seconds[workers] = time.perf_counter() - began
    shares = {workers: seconds[1] / workers / took for workers, took in seconds.items()}
    print({workers: (round(seconds[workers], 2), round(shares[workers], 3)) for workers in seconds})

    assert shares[2] >= 0.9
    assert shares[4] >= 0.9
