"""A delivery ends at each of its requests to the store, before or after the store did it; the next one finishes it.

To the store a process that is killed and one whose requests no longer arrive are the same; so steps can be tried here
without a new process each time. What stands there differs only by how many writes were done, so those are what most of
these tests end at; tests/long/test_kills.py does it with SIGKILL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from werkzeug.test import TestResponse

from tests.delivery.store_proxy import StoreProxy, numbers_of_writes
from tests.doors.conftest import Bucketed, stamped_png
from tests.s3_server import S3Server

Start = Callable[[Bucketed, str], Callable[[], TestResponse]]
BAD = b"%PDF-1.7 nothing"


@pytest.fixture
def proxy(s3_server: S3Server, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreProxy]:
    """Between the function and its store."""
    with StoreProxy(s3_server.url) as opened:
        monkeypatch.setenv("AWS_ENDPOINT_URL", opened.url)
        yield opened


@pytest.fixture
def place(s3_server: S3Server, proxy: StoreProxy) -> Iterator[Bucketed]:
    """The function in this process, and buckets that keep every version."""
    inbox, results = s3_server.bucket(versioned=True), s3_server.bucket(versioned=True)
    made = Bucketed(s3_server.s3, inbox, results, s3_attempts=1)
    yield made
    made.function.stop()


def fresh(place: Bucketed, key: str) -> Callable[[], TestResponse]:
    """A document that nothing stands for yet."""
    upload = place.upload(key, stamped_png(key))
    return lambda: place.deliver(upload)


def mended(place: Bucketed, key: str) -> Callable[[], TestResponse]:
    """A document whose former version was refused."""
    place.deliver(place.upload(key, BAD))
    return fresh(place, key)


def replaced(place: Bucketed, key: str) -> Callable[[], TestResponse]:
    """A document whose former version has its result."""
    place.deliver(place.upload(key, stamped_png("former")))
    return fresh(place, key)


def refused(place: Bucketed, key: str) -> Callable[[], TestResponse]:
    """A document that cannot be read."""
    upload = place.upload(key, BAD)
    return lambda: place.deliver(upload)


def written(place: Bucketed, key: str) -> list[str]:
    """Endings of what stands for a key, as often as it was written."""
    listed = place.s3.list_object_versions(Bucket=place.results, Prefix=f"out/{key}.").get("Versions", [])
    return sorted(entry["Key"].removeprefix(f"out/{key}.") for entry in listed)


def standing(place: Bucketed, key: str) -> list[str]:
    """Endings of what stands for a key."""
    names = place.keys()
    return sorted(name.removeprefix(f"{key}.") for name in names if name.startswith(f"{key}."))


def test_a_delivery_that_ends_at_any_request_is_finished_by_the_next(place: Bucketed, proxy: StoreProxy) -> None:
    """503, so that it comes again; whichever request was the last."""
    steps = undisturbed(fresh(place, "whole.png"), proxy)

    assert len(steps) >= 10
    for number in range(1, len(steps) + 1):
        cut_and_finished(place, proxy, f"{number}.png", fresh, number, after=False)


@pytest.mark.parametrize(
    ("start", "writes"),
    [(fresh, ["json", "md"]), (mended, ["error.json", "json", "md"]), (replaced, ["json", "json", "md", "md"])],
)
def test_a_delivery_that_ends_between_any_two_writes_is_finished_by_the_next(
    start: Start, writes: list[str], place: Bucketed, proxy: StoreProxy
) -> None:
    """Each object written once, and no refusal left."""
    steps = undisturbed(start(place, "whole.png"), proxy)

    for number in numbers_of_writes(steps):
        key = f"{number}.png"
        cut_and_finished(place, proxy, key, start, number, after=True)

        assert written(place, key) == writes, f"after {steps[number - 1]}"


def test_a_refusal_that_ends_at_any_request_is_told_by_the_next(place: Bucketed, proxy: StoreProxy) -> None:
    """Nothing but NAME.error.json stands; never a result."""
    steps = undisturbed(refused(place, "whole.pdf"), proxy)

    cuts = [*((number, False) for number in range(1, len(steps) + 1)), (numbers_of_writes(steps)[0], True)]
    for number, after in cuts:
        key = f"{number}{after}.pdf"
        deliver = refused(place, key)
        proxy.arm(number, proxy.cut, after=after)
        cut = deliver()
        proxy.heal()

        assert (cut.status_code, deliver().status_code) == (503, 422), f"at request {number}"
        assert standing(place, key) == written(place, key) == ["error.json"], f"at request {number}"


def cut_and_finished(place: Bucketed, proxy: StoreProxy, key: str, start: Start, number: int, *, after: bool) -> None:
    """Cut one delivery, deliver again twice: the right text under one id, nothing else."""
    deliver = start(place, key)
    proxy.arm(number, proxy.cut, after=after)
    cut = deliver()
    proxy.heal()
    whole, again = deliver(), deliver()

    assert (cut.status_code, whole.status_code) == (503, 200), f"at request {number}"
    assert standing(place, key) == ["json", "md"], f"at request {number}"
    assert place.result(f"{key}.md") == f"{key}\n".encode()
    result = json.loads(place.result(f"{key}.json") or b"")
    assert (result["markdown"], result["id"]) == (f"{key}\n", whole.headers["ce-id"])
    assert again.headers["ce-id"] == whole.headers["ce-id"]


def undisturbed(deliver: Callable[[], TestResponse], proxy: StoreProxy) -> list[str]:
    """The requests that a delivery makes."""
    proxy.heal()
    deliver()
    return proxy.seen
