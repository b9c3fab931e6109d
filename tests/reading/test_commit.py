"""The protocol of writing results, one step after another; test_commit_races.py has every order of steps."""

from __future__ import annotations

from typing import Any

import pytest

from function.errors import SourceGone, StoreUnavailable
from function.reading.uploads.commit import ID, ROUNDS, Finished, Payload, Upload, result_id
from function.stores.base import Conflict, ObjectHead, Replaced
from function.stores.memory import MemoryStore
from tests.reading.deliveries import KEY, NAME, commit, content, deliver, upload
from tests.reading.interleaving import Program, run_in_order

FORMATS = ("json", "md", "error.json")


class CountingStore(MemoryStore):
    """Counts requests, and plays somebody else between two of them."""

    def __init__(self) -> None:
        super().__init__(["inbox", "results"])
        self.calls: list[str] = []

    def head(self, bucket: str, key: str) -> ObjectHead | None:
        """Counted."""
        self.calls.append(f"HEAD {bucket}")
        return super().head(bucket, key)


def test_a_result_is_written_and_committed_last() -> None:
    """Other formats first; NAME.json says with its presence that all are there."""
    store, written = MemoryStore(["inbox", "results"]), []
    store_put = store.put

    def put(bucket: str, key: str, *args: Any, **more: Any) -> str:
        written.append(key)
        return store_put(bucket, key, *args, **more)

    event = upload(store, "hello")
    store.put = put  # type: ignore[method-assign]
    identifier = deliver(store, event, formats=["md", "txt", "html"])

    assert [key.removeprefix(f"{NAME}.") for key in written] == ["md", "txt", "html", "json"]
    assert content(store, "json") == content(store, "md") == "hello"
    assert store.head("results", f"{NAME}.json").metadata[ID] == identifier


def test_a_redelivery_costs_one_head_and_has_the_same_id() -> None:
    """Whatever engine runs by then; the facts for the reply are stored."""
    store = CountingStore()
    event = upload(store, "hello")
    first = deliver(store, event)
    store.calls.clear()
    begun = commit(store, event).start()

    assert store.calls == ["HEAD results"]
    assert isinstance(begun, Finished)
    assert (begun.id, begun.fresh, begun.key, begun.metadata["ocr-pages"]) == (first, False, f"{NAME}.json", "3")
    assert deliver(store, event, engine="e2") == first


def test_an_event_that_names_no_version_is_taken_for_the_current_one() -> None:
    """Some senders tell bucket and key alone."""
    store = MemoryStore(["inbox", "results"], versioned=True)
    first = deliver(store, upload(store, "hello"))

    assert deliver(store, Upload("inbox", KEY)) == first
    upload(store, "hello again")
    assert deliver(store, Upload("inbox", KEY)) != first
    assert content(store, "json") == "hello again"


@pytest.mark.parametrize("versioned", [False, True])
def test_an_event_of_a_replaced_upload_is_superseded(versioned: bool) -> None:
    """Nothing is read or written for it, though the version itself may still be there."""
    store = MemoryStore(["inbox", "results"], versioned=versioned)
    old = upload(store, "old")
    upload(store, "new")

    with pytest.raises(Replaced):
        deliver(store, old)
    assert [content(store, suffix) for suffix in FORMATS] == [None, None, None]


def test_an_upload_replaced_while_it_is_read_is_superseded() -> None:
    """Found before the first write."""
    store = MemoryStore(["inbox", "results"])
    writing = commit(store, upload(store, "old"))
    head = writing.start()
    upload(store, "new")

    with pytest.raises(Replaced):
        writing.finish(head, "e1", Payload("json", "application/json", b"{}"))
    with pytest.raises(Replaced):
        writing.refuse(head, "e1", Payload("error.json", "application/json", b"{}"))
    assert [content(store, suffix) for suffix in FORMATS] == [None, None, None]


def test_a_deleted_upload_is_gone_and_a_missing_bucket_is_an_outage() -> None:
    """The one is the uploader's doing, the other ours."""
    store = MemoryStore(["inbox", "results"])
    event = upload(store, "old")
    store.delete("inbox", KEY)

    with pytest.raises(SourceGone):
        deliver(store, event)
    with pytest.raises(StoreUnavailable):
        deliver(MemoryStore(["results"]), event)
    with pytest.raises(StoreUnavailable):
        deliver(MemoryStore(["results"]), Upload("inbox", KEY))


def test_a_result_for_another_upload_of_the_same_name_is_none_of_ours() -> None:
    """Two inboxes may share a results bucket, and even the same bytes."""
    store = MemoryStore(["inbox", "other", "results"])
    event = upload(store, "hello")
    deliver(store, event)
    store.put("other", KEY, b"hello", media_type="application/pdf")
    begun = commit(store, Upload("other", KEY, "", event.etag)).start()

    assert isinstance(begun, ObjectHead)


def test_a_refusal_is_told_beside_the_result_and_never_finished() -> None:
    """Each delivery tries again; the same refusal has the same id and is written once."""
    store = MemoryStore(["inbox", "results"])
    event = upload(store, "bad document")
    first = deliver(store, event)
    etag = store.head("results", f"{NAME}.error.json").etag

    assert content(store, "error.json") == "bad document"
    assert content(store, "json") is None
    assert isinstance(commit(store, event).start(), ObjectHead)
    assert deliver(store, event) == first
    assert store.head("results", f"{NAME}.error.json").etag == etag


def test_a_result_removes_an_older_refusal() -> None:
    """A better document, or a better engine, mends it."""
    store = MemoryStore(["inbox", "results"])
    deliver(store, upload(store, "bad document"))
    deliver(store, upload(store, "good document"))

    assert content(store, "json") == "good document"
    assert content(store, "error.json") is None


def test_a_redelivery_removes_the_refusal_that_its_killed_writer_left() -> None:
    """Killed between the commit and the removal."""
    store = MemoryStore(["inbox", "results"])
    deliver(store, upload(store, "bad document"))
    event = upload(store, "good document")
    steps = _steps_of(store, event)
    program = Program(lambda view: deliver(view, event), store, dies_at=steps)
    run_in_order([program], [])
    assert (content(store, "json"), content(store, "error.json")) == ("good document", "bad document")

    deliver(store, event)
    assert content(store, "error.json") is None


def _steps_of(store: MemoryStore, event: Upload) -> int:
    """How many requests a delivery of a mended document makes: tried on a copy."""
    copy = MemoryStore(["inbox", "results"])
    deliver(copy, upload(copy, "bad document"))
    upload(copy, "good document")
    program = Program(lambda view: deliver(view, event), copy)
    run_in_order([program], [])
    return program.steps


def test_writing_ends_when_others_always_win() -> None:
    """Bounded rounds, then an outage: the delivery comes again."""
    store, puts = MemoryStore(["inbox", "results"]), []
    event = upload(store, "hello")

    def put(*args: Any, **more: Any) -> str:
        puts.append(args)
        raise Conflict

    store.put = put  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable, match="in a row"):
        deliver(store, event, formats=[])
    assert len(puts) == ROUNDS


def test_an_answer_that_was_lost_is_not_written_twice() -> None:
    """A retry inside the client meets its own first attempt: refused by the condition, recognised by its metadata."""
    store = MemoryStore(["inbox", "results"])
    event = upload(store, "hello")
    store_put = store.put

    def put(*args: Any, **more: Any) -> str:
        store_put(*args, **more)
        raise Conflict

    store.put = put  # type: ignore[method-assign]
    first = deliver(store, event)

    assert content(store, "json") == content(store, "md") == "hello"
    assert deliver(store, event) == first


def test_a_store_without_conditions_is_checked_and_then_written() -> None:
    """The fallback: all but writers within the same milliseconds still agree."""
    store = MemoryStore(["inbox", "results"], conditional=False)
    first = deliver(store, old := upload(store, "old"))
    assert deliver(store, old) == first
    deliver(store, upload(store, "new"))

    assert content(store, "json") == content(store, "md") == "new"
    with pytest.raises(Replaced):
        deliver(store, old)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("b", "k", "v1", "e", "f"), ("b", "k", "v2", "e", "f")),
        (("b", "k", "", "e1", "f"), ("b", "k", "", "e2", "f")),
        (("b", "k", "null", "e1", "f"), ("b", "k", "null", "e2", "f")),
        (("b", "k", "v", "e", "f1"), ("b", "k", "v", "e", "f2")),
        (("b1", "k", "v", "e", "f"), ("b2", "k", "v", "e", "f")),
        (("b", "k,v", "v", "e", "f"), ("b", "k", "v,v", "e", "f")),
    ],
)
def test_an_id_is_of_what_was_read_and_how(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Bucket, key, version or else etag, fingerprint; nothing runs into its neighbour."""

    def identifier(bucket: str, key: str, version: str, etag: str, fingerprint: str, *pages: int) -> str:
        store = MemoryStore([bucket])
        store.put(bucket, key, b"", media_type="x/y")
        head = store.head(bucket, key)
        assert head
        head = ObjectHead(bucket, key, 0, etag, version, head.modified)
        return result_id(head, fingerprint, *pages)

    assert identifier(*one) != identifier(*other)
    assert identifier(*one) == identifier(*one)
    assert identifier(*one) != identifier(*one, 1, 3)
