"""A long document, read in ranges by several servers that are killed meanwhile: the result of an undisturbed one."""

from __future__ import annotations

import random

from events import ours
from tests.delivery.fleet import Fleet
from tests.doors.conftest import stamped_tiff
from tests.s3_server import S3Server


def test_a_split_document_survives_kills_and_equals_an_undisturbed_reading(s3_server: S3Server) -> None:
    """12 pages, 2 servers, 2 kills; `make test-long` has 300 pages, 4 servers and more kills."""
    pages = [f"page {number}\nstub:wait=0.1" for number in range(1, 13)]
    with Fleet(s3_server, pods=2, OCR_SPLIT_PAGES="3") as fleet:
        upload = fleet.upload("long.tif", stamped_tiff(*pages))
        fleet.broker.send(ours.to_event(upload))
        fleet.kill_at_random(random.Random(4), kills=2, seconds=0.3)
        fleet.broker.wait()

        assert fleet.kills > 0
        assert (fleet.broker.dead, fleet.broker.lost) == ([], [])
        fleet.clean()
        assert fleet.keys() == ["long.tif.json", "long.tif.md"]
        assert fleet.writings("long.tif.json") == 1
        fleet.read_alone(upload)
        assert fleet.plain("long.tif.json") == fleet.plain("long.tif.json", place="alone")
        assert fleet.result("long.tif.md") == fleet.result("long.tif.md", place="alone")
        requested = [event for event in fleet.broker.entered if event.type == ours.PAGES_REQUESTED]
        assert len({event.id for event in requested}) == 4
        assert len({event.id for event in fleet.broker.entered if event.type == ours.PARSED}) == 1
