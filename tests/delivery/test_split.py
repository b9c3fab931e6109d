"""A long document, read in ranges by several servers that are killed meanwhile: the result of an undisturbed one."""

from __future__ import annotations

import base64
import random
import threading

from events import ours
from events.event import Event
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


def test_a_server_that_is_killed_between_the_sends_of_ranges_loses_none(s3_server: S3Server) -> None:
    """The upload comes again, and whatever was not asked for is."""
    pages = [f"page {number}" for number in range(1, 25)]
    with Fleet(s3_server, pods=1, OCR_SPLIT_PAGES="1") as fleet:
        lock, killed = threading.Lock(), threading.Event()
        asked_at_the_kill: list[int] = []

        def strike(event: Event) -> None:
            with lock:
                asked = sum(one.type == ours.PAGES_REQUESTED for one in fleet.broker.entered)
                if asked >= 2 and not asked_at_the_kill:
                    asked_at_the_kill.append(asked)
                    fleet.kill(0)
                    killed.set()

        fleet.broker.on_enter = strike
        upload = fleet.upload("cut.tif", stamped_tiff(*pages))
        fleet.broker.send(ours.to_event(upload))
        assert killed.wait(60)
        fleet.start_again(0)
        fleet.broker.wait()

        assert asked_at_the_kill[0] < 24
        assert (fleet.broker.dead, fleet.broker.lost) == ([], [])
        requested = [event for event in fleet.broker.entered if event.type == ours.PAGES_REQUESTED]
        assert len({event.id for event in requested}) == 24
        assert fleet.result("cut.tif.md").decode().split() == " ".join(pages).split()
        assert fleet.writings("cut.tif.json") == 1


def test_a_broker_that_holds_its_producers_fails_the_split_and_says_what_to_configure(s3_server: S3Server) -> None:
    """All slots hold documents that wait for ranges, which find no slot; once the broker is mended all ends well."""
    pages = ("one", "two", "three")
    blocking = {"blocking": True, "retries": 0}
    with Fleet(s3_server, pods=1, broker=blocking, OCR_SPLIT_PAGES="1", OCR_SINK_TIMEOUT="1") as fleet:
        uploads = [fleet.upload(f"{name}.tif", stamped_tiff(name, *pages)) for name in ("a", "b")]
        fleet.broker.send(*(ours.to_event(upload) for upload in uploads))
        fleet.broker.wait()

        told = [base64.b64decode(str(letter.extensions["knativeerrordata"])).decode() for letter in fleet.broker.dead]
        assert [letter.type for letter in fleet.broker.dead] == [ours.UPLOADED] * 2
        assert {str(letter.extensions["knativeerrorcode"]) for letter in fleet.broker.dead} == {"503"}
        assert all("async-handler" in detail and "OCR_SPLIT_PAGES" in detail for detail in told), told

        fleet.broker.blocking = False
        fleet.broker.send(*(ours.to_event(upload) for upload in uploads))
        fleet.broker.wait()
        for name in ("a", "b"):
            assert fleet.result(f"{name}.tif.md").decode().split() == [name, *pages]
