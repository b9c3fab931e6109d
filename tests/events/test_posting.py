"""Posting: what is tried again, how often, and what an answer tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from events import posting
from events.posting import Receiver, Reply, address_problem
from tests.doors.receiving import Address, Received, listening


@pytest.fixture
def address() -> Iterator[Address]:
    """Answers as it is told."""
    with listening() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(posting, "LONGEST_PAUSE", 0.01)


@pytest.mark.parametrize("status", [404, 408, 409, 429, 500, 502, 503, 504])
def test_what_knative_retries_is_tried_again_until_it_is_accepted(status: int, address: Address) -> None:
    """The third try succeeds; its answer counts."""
    address.answer = lambda _: (204 if len(address.received) == 3 else status, {"Retry-After": "7"}, b"")

    reply = Receiver(address.url, tries=5).post({"ce-id": "1"}, b"{}")

    assert (reply.status, reply.tries, reply.accepted) == (204, 3, True)
    assert [one.body for one in address.received] == [b"{}"] * 3


@pytest.mark.parametrize("status", [301, 400, 401, 403, 410, 413, 415, 422])
def test_a_refusal_is_final(status: int, address: Address) -> None:
    """One try; a redirection is not followed either."""
    address.answer = lambda _: (status, {"Location": address.url}, b"no")

    reply = Receiver(address.url, tries=5).post({}, b"")

    assert (reply.status, reply.accepted, reply.later) == (status, False, False)
    assert len(address.received) == 1


def test_each_try_shows_the_token_as_it_is_then(address: Address, tmp_path: Path) -> None:
    """A token that was renewed between two tries counts."""
    file = tmp_path / "token"
    file.write_text("old\n")

    def answer(_: Received) -> tuple[int, dict[str, str], bytes]:
        file.write_text("new")
        return 503, {}, b""

    address.answer = answer
    Receiver(address.url, tries=2, token_file=str(file)).post({}, b"")

    assert [one.headers["Authorization"] for one in address.received] == ["Bearer old", "Bearer new"]


def test_tries_end(address: Address) -> None:
    """The last answer is what the caller gets."""
    address.answer = lambda _: (503, {}, b"not now")

    reply = Receiver(address.url, tries=3).post({}, b"")

    assert (reply.status, reply.tries, reply.later, reply.told) == (503, 3, True, "not now")


def test_silence_is_tried_again_and_told() -> None:
    """Nobody listens: no answer, no exception."""
    with listening() as gone:
        url = gone.url

    reply = Receiver(url, tries=2, seconds=5).post({}, b"")

    assert (reply.status, reply.tries, reply.later) == (0, 2, True)
    assert reply.told.startswith("no answer (")


def test_an_address_that_stays_silent_gets_one_try_a_message_until_it_answers() -> None:
    """Thousands of letters for an address that is down must not cost all their pauses."""
    with listening() as address:
        url = address.url
        port = int(url.rpartition(":")[2])
    receiver = Receiver(url, tries=3, seconds=5)
    tries = [receiver.post({}, b"").tries for _ in range(posting.GIVEN_UP + 2)]
    assert tries == [3] * posting.GIVEN_UP + [1, 1]

    with listening(port) as address:
        address.answer = lambda _: (503, {}, b"")
        assert [receiver.post({}, b"").tries for _ in range(2)] == [1, 3]


def test_whoever_stopped_waits_for_no_further_try(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C does not last until the back-off is over."""
    monkeypatch.setattr(posting, "FIRST_PAUSE", 600.0)
    monkeypatch.setattr(posting, "LONGEST_PAUSE", 600.0)
    receiver = Receiver(address.url, tries=2)

    def answer(_: Received) -> tuple[int, dict[str, str], bytes]:
        receiver.stop()
        return 503, {}, b""

    address.answer = answer

    assert receiver.post({}, b"").tries == 1


def test_a_problem_is_told_by_its_detail_and_remedy() -> None:
    """Without control characters, whatever the answer holds."""
    problem = {"title": "t", "detail": "the document\x1b[2J is damaged", "remedy": "Print it anew."}

    assert Reply(422, body=json.dumps(problem).encode()).told == "the document\\x1b[2J is damaged. Print it anew."
    assert Reply(500, body="季度\n".encode() * 900).told.startswith("季度\\n季度")
    assert len(Reply(500, body=b"x" * 9000).told) < 320


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host/", "http://", "http://host:port/", "s3://bucket"])
def test_what_is_no_address_is_said_so(url: str) -> None:
    """Before anything is sent."""
    assert address_problem(url)


def test_addresses_are_taken() -> None:
    """With and without port and path."""
    assert address_problem("http://localhost:8080") is None
    assert address_problem("https://broker-ingress.knative-eventing.svc.cluster.local/default/default") is None
