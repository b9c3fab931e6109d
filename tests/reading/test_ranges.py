"""Split and join: whoever is killed where, the result is the one of an undivided reading, written once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs

from events import ours
from events.event import Event
from function.documents.base import Source
from function.errors import BadRequest, Forbidden, NotReady, SinkUnavailable
from function.reading.splitting.manifest import Manifest, sealed, unsealed
from function.reading.splitting.parts import PAGES, progress
from function.results.model import DocumentResult
from tests.reading.splitting import NAME, TARGET, Pod, TextReader, World, told, undivided

LINES = ("one", "bad two", "three", "four", "five")


@pytest.fixture
def world() -> World:
    """Empty buckets."""
    return World()


def split(world: World, *lines: str) -> list[Event]:
    """Upload a document and have it split; the events of its ranges."""
    assert Pod(world).deliver(world.upload(*(lines or LINES))) is None
    return world.requested()


def manifest_key(world: World) -> str:
    """The only one's."""
    [key] = [key for key in world.parts() if key.endswith("manifest.json")]
    return key


def content(world: World, key: str) -> bytes:
    """Of a part."""
    with world.store.get("results", key, max_bytes=1 << 20) as body:
        return body.read(1 << 20)


def test_ranges_are_joined_to_what_an_undivided_reading_gives(world: World) -> None:
    """Byte for byte, apart from timings and cost; the parts are gone, and the last range replies for the document."""
    requests = split(world)
    replies = [Pod(world).deliver(event) for event in requests]

    assert [reply is not None for reply in replies] == [False, False, True]
    assert told(world) == undivided(*LINES)
    assert world.keys() == [f"{NAME}.json", f"{NAME}.md"]
    assert replies[-1]
    assert replies[-1].id == json.loads(world.result() or b"")["id"]
    assert replies[-1].type == ours.PARSED


@pytest.mark.parametrize("more", [{}, {"ocr-restructure": "yes"}])
def test_which_pages_bear_warnings_is_told_once_whoever_read_them(world: World, more: dict[str, str]) -> None:
    """Neighbours of two ranges are one stretch."""
    lines = ("one", "poor two", "poor three", "four", "poor five")
    assert Pod(world).deliver(world.upload(*lines, **more)) is None
    for event in world.requested():
        Pod(world).deliver(event)

    assert told(world) == undivided(*lines, **more)
    warnings = json.loads(world.result() or b"")["warnings"]
    assert [one for one in warnings if "bear" in one] == ["pages 2-3, 5 bear warnings: see pages[].warnings"]


def test_formats_that_look_at_blocks_are_written_by_the_join_too(world: World) -> None:
    """Pages are taken apart for them; the JSON stays the same."""
    for event in split(world):
        Pod(world, formats=["markdown", "text"]).deliver(event)

    assert told(world)["json"] == undivided(*LINES)["json"]
    assert world.result("txt") is not None


def test_the_join_writes_the_searchable_pdf_from_the_whole_document(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pages together, laid over the upload's own bytes."""

    def made(result: DocumentResult, opener: object, source: Source) -> bytes:
        return f"{len(result.pages)} pages over {source.sha256}".encode()

    monkeypatch.setattr("function.reading.uploads.inbox.searchable_pdf", made)
    monkeypatch.setattr(TextReader, "opener", None, raising=False)
    for event in split(world):
        Pod(world, formats=["pdf"]).deliver(event)

    sha256 = json.loads(world.result() or b"")["document"]["sha256"]
    assert world.result("pdf") == f"5 pages over {sha256}".encode()


def test_ranges_are_of_equal_length_and_name_the_very_version(world: World) -> None:
    """Five pages in ranges of two: 1, 2, 2."""
    requests = split(world)
    data = [event.data for event in requests]

    assert [(said["first"], said["last"]) for said in data] == [(1, 1), (2, 3), (4, 5)]
    assert {said["etag"] for said in data} == {world.store.head("inbox", "in/a.pdf").etag}


def test_a_short_document_is_read_at_once(world: World) -> None:
    """Two pages, and ranges of two."""
    reply = Pod(world).deliver(world.upload("one", "two"))

    assert reply is not None
    assert world.sent == []


def test_only_the_pages_asked_for_are_read(world: World) -> None:
    """And as many as were asked for decide whether it is split."""
    upload = world.upload(*LINES, **{"ocr-pages": "1,4-"})
    pods = [Pod(world) for _ in range(3)]
    pods[0].deliver(upload)
    for pod, event in zip(pods, world.requested(), strict=False):
        pod.deliver(event)

    assert [pod.reader.read_pages for pod in pods] == [[1], [4, 5], []]
    assert told(world) == undivided(*LINES, **{"ocr-pages": "1,4-"})


def test_a_repeated_upload_event_asks_only_for_what_is_missing(world: World) -> None:
    """What was read is not read again."""
    requests = split(world)
    Pod(world).deliver(requests[1])
    world.sent.clear()
    Pod(world).deliver(world.upload(*LINES))

    assert [event.id for event in world.sent] == [requests[0].id, requests[2].id]


def test_a_repeated_range_event_reads_nothing_again(world: World) -> None:
    """While others are missing it is an empty answer, and when the result stands, the reply with its id."""
    requests = split(world)
    Pod(world).deliver(requests[0])
    again = Pod(world)

    assert again.deliver(requests[0]) is None
    final = [Pod(world).deliver(event) for event in requests[1:]][-1]
    later = again.deliver(requests[0])
    assert later
    assert final
    assert later.id == final.id
    assert again.reader.read_pages == []


def test_a_document_of_which_no_page_can_be_read_is_refused_as_an_undivided_one(world: World) -> None:
    """And its parts are removed."""
    lines = ("bad one", "bad two", "bad three")
    for event in split(world, *lines):
        assert Pod(world).deliver(event) is None

    assert told(world) == undivided(*lines)
    assert world.keys() == [f"{NAME}.error.json"]
    assert world.sent[-1].type == ours.REFUSED


def test_a_document_replaced_between_its_ranges_is_never_mixed(world: World) -> None:
    """The older ranges are superseded; the newer upload's result stands."""
    older = split(world)
    Pod(world).deliver(older[0])
    upload = world.upload("new one", "new two", "new three")
    world.sent.clear()
    Pod(world).deliver(upload)
    for event in [*older[1:], *world.requested(), *older]:
        Pod(world).deliver(event)

    assert told(world) == undivided("new one", "new two", "new three")


def test_ranges_of_a_deleted_document_are_superseded(world: World) -> None:
    """Nobody waits for them."""
    requests = split(world)
    world.store.delete("inbox", "in/a.pdf")

    assert Pod(world).deliver(requests[0]) is None
    assert world.result() is None


def test_a_range_without_manifest_or_result_is_superseded(world: World) -> None:
    """Somebody cleaned up."""
    requests = split(world)
    world.store.delete("results", manifest_key(world))

    assert Pod(world).deliver(requests[0]) is None
    assert world.parts() == []


@pytest.mark.parametrize(("first", "last"), [(6, 7), (1, 5), (2, 2)])
def test_a_range_that_was_not_fixed_is_refused(first: int, last: int, world: World) -> None:
    """Beyond the document, or across borders."""
    event = split(world)[0]

    with pytest.raises(BadRequest, match="no range of manifest"):
        Pod(world).deliver(replace(event, data={**event.data, "first": first, "last": last}))


@pytest.mark.parametrize("name", ["manifest", "fingerprint", "key"])
def test_a_manifest_that_is_not_where_ours_lies_is_refused(name: str, world: World) -> None:
    """An event cannot lead to another object, nor to another document's manifest."""
    event = split(world)[0]

    with pytest.raises(Forbidden):
        Pod(world).deliver(replace(event, data={**event.data, name: "in/secret"}))


def altered(data: bytes) -> bytes:
    """One letter of its content."""
    return data.replace(b'"count":5', b'"count":4')


def of_another_version(data: bytes) -> bytes:
    """A later one, sound."""
    return sealed(structs.replace(unsealed(data, Manifest), version=2))


def of_another_answer(data: bytes) -> bytes:
    """Sound, but it lies elsewhere."""
    return sealed(structs.replace(unsealed(data, Manifest), id="0" * 64))


def cut(data: bytes) -> bytes:
    """Half of it."""
    return data[: len(data) // 2]


@pytest.mark.parametrize("damage", [altered, of_another_version, of_another_answer, cut])
def test_a_manifest_that_was_altered_is_refused_and_the_upload_mends_it(
    damage: Callable[[bytes], bytes], world: World
) -> None:
    """Its own event splits it anew."""
    requests = split(world)
    key = manifest_key(world)
    world.store.put("results", key, damage(content(world, key)), media_type="application/json")

    with pytest.raises(BadRequest, match="cannot be used"):
        Pod(world).deliver(requests[0])
    Pod(world).deliver(world.upload(*LINES))
    for event in world.requested():
        Pod(world).deliver(event)
    assert told(world) == undivided(*LINES)


def test_a_partial_of_another_answer_is_read_again(world: World) -> None:
    """Whoever joins removes it and asks for its range."""
    requests = split(world)
    Pod(world).deliver(requests[0])
    [key] = [key for key in world.parts() if key.endswith("00001-00001.json")]
    foreign = content(world, key).replace(b'"answer":"', b'"answer":"f')
    world.store.put("results", key, foreign, media_type="application/json")
    world.sent.clear()
    for event in requests[1:]:
        Pod(world).deliver(event)

    assert world.result() is None
    [again] = world.requested()
    assert again.id == requests[0].id
    Pod(world).deliver(again)
    assert told(world) == undivided(*LINES)


def test_another_engine_begins_anew_and_never_mixes(world: World) -> None:
    """A newer revision got a range of an older one's: both read, each its own, until one is done."""
    older = split(world)
    Pod(world).deliver(older[0])
    world.sent.clear()
    with pytest.raises(NotReady):
        Pod(world, engine="two").deliver(older[1])
    newer = world.requested()

    assert len(newer) == 3
    with pytest.raises(NotReady):
        Pod(world, engine="two").deliver(older[2])
    assert len(world.requested()) == 3  # asked for once, however many ranges come
    for event in newer:
        Pod(world, engine="two").deliver(event)
    assert json.loads(world.result() or b"")["engine"]["name"] == "two"
    assert Pod(world, engine="two").deliver(older[1]) is not None


def test_a_sink_that_takes_nothing_fails_the_delivery_and_says_what_to_configure(world: World) -> None:
    """A broker that blocks its producers, say; what is delivered again goes on."""
    upload = world.upload(*LINES)
    with pytest.raises(SinkUnavailable) as failed:
        Pod(world, broken_sink=True).deliver(upload)

    assert "async-handler" in failed.value.remedy
    assert "OCR_SPLIT_PAGES" in failed.value.remedy
    Pod(world).deliver(upload)
    assert len(world.requested()) == 3


def test_a_failing_range_is_an_outage_and_given_up_at_last(world: World) -> None:
    """The document ends without it; what was read stands, and the pages tell why."""
    lines = ("one", "two", "outage three", "four", "five")
    requests = split(world, *lines)
    with pytest.raises(NotReady):
        Pod(world).deliver(requests[1])
    given_up = ours.from_event(requests[1])
    assert isinstance(given_up, ours.PagesRequested)
    Pod(world).deliveries.give_up(given_up, "pages 2-3 failed")
    for event in (requests[0], requests[2]):
        Pod(world).deliver(event)

    result = json.loads(world.result() or b"")
    assert [page["error"] and page["error"]["detail"] for page in result["pages"]] == [
        None, "pages 2-3 failed", "pages 2-3 failed", None, None,
    ]  # fmt: skip
    lost = "<!-- page {}: The page was given up -->"
    assert (world.result("md") or b"").decode().split("\n\n") == [
        "one", lost.format(2), lost.format(3), "four", "five\n",
    ]  # fmt: skip


def test_a_replayed_range_makes_a_fuller_result_with_an_id_of_its_own(world: World) -> None:
    """The good partial counts, whatever was given up before; then the parts go."""
    requests = split(world)
    asked = ours.from_event(requests[1])
    assert isinstance(asked, ours.PagesRequested)
    Pod(world).deliver(requests[0])
    Pod(world).deliver(requests[2])
    Pod(world).deliveries.give_up(asked, "the pod died")
    poorer = json.loads(world.result() or b"")
    reply = Pod(world).deliver(requests[1])

    assert told(world) == undivided(*LINES)
    assert reply
    assert reply.id == json.loads(world.result() or b"")["id"] != poorer["id"]
    assert world.parts() == []


def test_a_range_given_up_after_it_was_read_loses_nothing(world: World) -> None:
    """Its answer had been lost; the partial is there."""
    requests = split(world)
    asked = ours.from_event(requests[0])
    assert isinstance(asked, ours.PagesRequested)
    for event in requests[:2]:
        Pod(world).deliver(event)
    Pod(world).deliveries.give_up(asked, "no answer came")
    Pod(world).deliver(requests[2])

    assert told(world) == undivided(*LINES)


def standing(world: World) -> tuple[int, int] | None:
    """Pages done, and in all."""
    told = progress(world.store, TARGET, NAME)
    return told and (told.done, told.total)


def test_progress_counts_pages_of_ranges_that_are_there(world: World) -> None:
    """For whoever shows it; None before and after."""
    assert standing(world) is None
    requests = split(world)
    assert standing(world) == (0, 5)
    Pod(world).deliver(requests[2])
    assert standing(world) == (2, 5)
    assert world.store.head("results", manifest_key(world)).metadata[PAGES] == "5"
    for event in requests[:2]:
        Pod(world).deliver(event)
    assert standing(world) is None
