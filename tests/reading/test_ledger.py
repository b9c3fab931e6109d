"""The ledger: which uploads wait for an answer, from two listings and as few HEADs as leave no doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from events.places import Place
from events.triage import Scope
from function.reading.uploads.commit import Commit, Finished, Payload, Upload
from function.reading.uploads.ledger import SETTLED, Entry, Ledger, State
from function.stores.base import Location, ObjectHead
from function.stores.memory import MemoryStore


class Counting(MemoryStore):
    """Counts HEADs."""

    heads = 0

    def head(self, bucket: str, key: str) -> ObjectHead | None:
        """What stands there."""
        self.heads += 1
        return super().head(bucket, key)


@pytest.fixture(params=[False, True], ids=["plain", "versioned"])
def store(request: pytest.FixtureRequest) -> Counting:
    """With and without versions."""
    return Counting(["inbox", "other", "results"], versioned=request.param)


def ledger(
    store: MemoryStore, places: Sequence[str] = ("s3://inbox/in",), target: str = "s3://results/out", **more: bool
) -> Ledger:
    """Over one store; names as the wiring makes them of a single inbox."""
    end = Location.parse(target)
    return Ledger(
        uploads=store,
        places=[Location.parse(place) for place in places],
        results=store,
        target=end,
        name_of=lambda place, key: end.key(place.name(key)),
        scope=Scope((".pdf",), [Place(end.bucket, end.prefix)]),
        **more,
    )


def put(store: MemoryStore, key: str, body: bytes = b"%PDF", bucket: str = "inbox") -> None:
    """An upload."""
    store.put(bucket, key, body, media_type="application/pdf")


def answer(store: MemoryStore, key: str, *, refuse: bool = False, bucket: str = "inbox") -> None:
    """By the protocol of writing."""
    writing = Commit(
        inbox=store, results=store, upload=Upload(bucket, key), bucket="results", name=f"out/{key.removeprefix('in/')}"
    )
    begun = writing.start()
    assert not isinstance(begun, Finished)
    if refuse:
        writing.refuse(begun, "", Payload("error.json", "application/json", b"{}"))
    else:
        writing.finish(begun, "fingerprint", Payload("json", "application/json", b"{}"))


def states(book: Ledger) -> dict[str, State]:
    """By key."""
    return {entry.upload.key: book.look(entry) for entry in book.entries()}


def test_an_upload_is_answered_refused_or_missing(store: Counting) -> None:
    """Results and refusals are found by name and by the version that they are about."""
    for name in ("a", "b", "c"):
        put(store, f"in/{name}.pdf")
    answer(store, "in/a.pdf")
    answer(store, "in/b.pdf", refuse=True)

    assert states(ledger(store)) == {
        "in/a.pdf": State.ANSWERED, "in/b.pdf": State.REFUSED, "in/c.pdf": State.MISSING,
    }  # fmt: skip


def test_what_is_not_read_is_not_missed(store: Counting) -> None:
    """The same rule as for events: suffixes, empty ones, folders, our own output, other prefixes."""
    put(store, "in/a.txt")
    put(store, "in/empty.pdf", b"")
    put(store, "in/folder/")
    put(store, "elsewhere/a.pdf")
    put(store, "in/out/a.pdf")
    book = ledger(store, target="s3://inbox/in/out")

    assert states(book) == {}
    assert book.ignored == {"suffix": 1, "empty": 1, "folder": 1, "own_output": 1}


@pytest.mark.parametrize("refuse", [False, True])
def test_the_answer_to_an_older_upload_is_none(store: Counting, refuse: bool) -> None:
    """Other bytes stand there now."""
    put(store, "in/a.pdf", b"old")
    answer(store, "in/a.pdf", refuse=refuse)
    put(store, "in/a.pdf", b"new")

    assert states(ledger(store)) == {"in/a.pdf": State.MISSING}


def test_the_same_bytes_uploaded_anew_are_another_upload_where_versions_are_kept(store: Counting) -> None:
    """They may ask for other options; without versions the protocol itself cannot tell them apart."""
    put(store, "in/a.pdf")
    answer(store, "in/a.pdf")
    put(store, "in/a.pdf")

    assert states(ledger(store)) == {"in/a.pdf": State.MISSING if store.versioned else State.ANSWERED}


def test_two_listings_suffice_for_what_was_answered_long_after_it_arrived(store: Counting) -> None:
    """No HEAD at all; nor for what has no answer."""
    for name in ("a", "b", "c"):
        put(store, f"in/{name}.pdf")
    answer(store, "in/a.pdf")
    answer(store, "in/b.pdf", refuse=True)
    book = ledger(store)
    old = [aged(entry) for entry in book.entries()]
    store.heads = 0

    assert [book.look(entry) for entry in old] == [State.ANSWERED, State.REFUSED, State.MISSING]
    assert store.heads == 0


def aged(entry: Entry) -> Entry:
    """As if the upload had come long before its answer."""
    modified = entry.upload.modified - SETTLED - timedelta(seconds=1)
    return replace(entry, upload=replace(entry.upload, modified=modified))


def test_a_thorough_look_believes_no_date(store: Counting) -> None:
    """Results restored from a backup are younger than the uploads that overtook them."""
    put(store, "in/a.pdf", b"old")
    answer(store, "in/a.pdf")
    put(store, "in/a.pdf", b"new")

    [entry] = map(aged, ledger(store).entries())

    assert ledger(store).look(entry) == State.ANSWERED
    assert ledger(store, thorough=True).look(entry) == State.MISSING


def test_looking_again_finds_what_was_written_since_the_listing(store: Counting) -> None:
    """Also for an upload that was replaced meanwhile."""
    put(store, "in/a.pdf", b"old")
    book = ledger(store)
    [listed] = book.entries()
    put(store, "in/a.pdf", b"new")
    now = book.current(listed)
    assert now

    assert book.look(now, again=True) == State.MISSING
    answer(store, "in/a.pdf", refuse=True)
    assert book.look(now, again=True) == State.REFUSED
    answer(store, "in/a.pdf")
    assert book.look(now, again=True) == State.ANSWERED


def test_a_deleted_upload_is_gone_and_an_upload_is_told_as_its_sender_would(store: Counting) -> None:
    """With version, etag and size as they are now."""
    put(store, "in/季度 +%.pdf")
    book = ledger(store)
    [listed] = book.entries()
    now = book.current(listed)
    assert now
    said = now.said()

    assert (said.bucket, said.key, said.size, said.sender) == ("inbox", "in/季度 +%.pdf", 4, "reconcile")
    assert (said.version, said.etag) == (now.upload.version, listed.upload.etag)
    store.delete("inbox", listed.upload.key)
    assert book.current(listed) is None


def test_of_several_places_each_upload_is_looked_at_once(store: Counting) -> None:
    """Places may lie within each other, and the first one gives the name, as for an event."""
    put(store, "a.pdf", bucket="other")
    put(store, "in/sub/b.pdf")
    book = ledger(store, places=["s3://inbox/in/sub", "s3://inbox/in", "s3://other"])

    assert {entry.upload.key: entry.name for entry in book.entries()} == {
        "in/sub/b.pdf": "out/b.pdf", "a.pdf": "out/a.pdf",
    }  # fmt: skip
