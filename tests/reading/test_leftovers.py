"""What split documents leave behind is found, and nothing that somebody still waits for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from events import ours
from function.reading.splitting.leftovers import Leftover, leftovers
from tests.reading.splitting import TARGET, Pod, World

LATER = datetime.now(timezone.utc) + timedelta(hours=1)


@pytest.fixture
def world() -> World:
    """A document of three ranges, the first of them read."""
    world = World()
    Pod(world).deliver(world.upload("one", "two", "three", "four", "five"))
    Pod(world).deliver(world.requested()[0])
    return world


def found(world: World, before: datetime = LATER) -> list[Leftover]:
    """All of them."""
    return list(leftovers(world.store, world.store, TARGET, before=before))


def test_a_document_that_is_still_read_is_left_alone(world: World) -> None:
    """However old its parts are: its result is still to come."""
    assert found(world, LATER + timedelta(days=1000)) == []


def test_parts_that_a_killed_joiner_left_are_found(world: World) -> None:
    """Its result stands; the range event that would have removed them never came."""
    parts = {key: read(world, key) for key in world.parts()}
    for event in world.requested():
        Pod(world).deliver(event)
    assert found(world) == []
    for key, content in parts.items():
        world.store.put("results", key, content, media_type="application/json")

    [left] = found(world)
    assert (left.reason, left.parts, left.size) == ("joined", 2, sum(map(len, parts.values())))
    assert found(world, LATER - timedelta(days=1)) == []


def test_parts_of_an_upload_that_is_no_more_are_found(world: World) -> None:
    """Replaced, then deleted."""
    world.upload("another")
    assert [left.reason for left in found(world)] == ["replaced"]
    world.store.delete("inbox", "in/a.pdf")
    assert [left.reason for left in found(world)] == ["deleted"]


def test_partials_without_or_with_a_broken_manifest_are_found(world: World) -> None:
    """Nobody can join them."""
    [manifest] = [key for key in world.parts() if key.endswith("manifest.json")]
    world.store.put("results", manifest, b"{", media_type="application/json")
    assert [left.reason for left in found(world)] == ["altered"]
    world.store.delete("results", manifest)
    assert [left.reason for left in found(world)] == ["without manifest"]


def test_parts_of_a_result_that_lacks_pages_wait_for_a_replay(world: World) -> None:
    """For two weeks."""
    for event in world.requested()[1:]:
        asked = ours.from_event(event)
        assert isinstance(asked, ours.PagesRequested)
        Pod(world).deliveries.give_up(asked, "it died")

    assert world.result() is not None
    assert found(world) == []
    assert [left.reason for left in found(world, LATER + timedelta(days=14))] == ["incomplete"]


def read(world: World, key: str) -> bytes:
    """A part."""
    with world.store.get("results", key, max_bytes=1 << 20) as body:
        return body.read(1 << 20)
