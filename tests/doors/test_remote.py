"""Two deployments: one in front, which is ready and answers by itself, and one behind it, which only pages wake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from function.caches.memory import MemoryCache
from function.doors.app import create_app
from function.doors.preferences import preferences, seconds_to_wait
from function.errors import DeadlineExceeded
from function.roles import open_doors
from function.settings import Settings, SettingsError
from function.wiring import Function, build, check
from tests.conftest import PAGES
from tests.doors.conftest import stamped_png, stamped_tiff
from tests.engines.elsewhere import Elsewhere, elsewhere, problem, result
from tests.server import Server, stub_server

URL = {"remote_url": "http://reader"}


@pytest.fixture
def place() -> Iterator[Elsewhere]:
    """What stands behind, played."""
    with elsewhere() as running:
        yield running


def front(url: str, **settings: str) -> Server:
    """A real server whose accurate rung is elsewhere."""
    return stub_server(OCR_ACCURATE_ENGINE="remote", OCR_REMOTE_URL=url, **settings)


@pytest.fixture
def client(place: Elsewhere) -> Iterator[Callable[..., FlaskClient]]:
    """Makes functions of this process whose accurate rung is elsewhere, and clients of theirs."""
    made: list[Function] = []

    def make(**settings: object) -> FlaskClient:
        made.append(
            build(Settings(fast_engine="stub", accurate_engine="remote", remote_url=place.url, **settings))  # type: ignore[arg-type]
        )
        made[-1].start()
        made[-1].wait_until_ready()
        return create_app(made[-1]).test_client()

    yield make
    for function in made:
        function.stop()


def parsed(server: Server, document: bytes, **options: str) -> requests.Response:
    """One document, read."""
    return requests.post(f"{server.url}/v1/parse", params=options, data=document, timeout=60)


def accurately(http: FlaskClient, text: str, **headers: str) -> Any:
    """One page, read elsewhere."""
    return http.post("/v1/parse?tier=accurate&format=json", data=stamped_png(text), headers=headers)


def test_only_a_page_wakes_what_stands_behind(place: Elsewhere) -> None:
    """Ready, asked for its state, read fast: nobody knocks there. A page that needs it does, once; then it is known."""
    document = stamped_tiff("One", "Two")
    with front(place.url, OCR_CACHE="memory") as server:
        requests.get(f"{server.url}/readyz", timeout=30).raise_for_status()
        assert parsed(server, document, tier="fast").status_code == 200
        assert place.connections == 0

        first = parsed(server, document, tier="accurate", format="json")
        assert first.status_code == 200, first.text
        assert len(place.requests) == 2
        told = first.json()
        assert told["engine"] == {"name": "elsewhere", "version": "2", "weights": "abc"}
        assert [page["blocks"][0]["rows"] for page in told["pages"]] == [[["a", "b"]]] * 2
        assert told["cost"]["gpu_seconds"] == 3.0

        again = [parsed(server, document, tier="accurate", format="json").json()["cached"] for _ in range(2)]
        # The question that was asked before anybody had answered is not kept; what follows is.
        assert again == [False, True]
        assert server.stop() == 0, server.logs


def test_what_was_declared_is_found_without_waking(place: Elsewhere, client: Callable[..., FlaskClient]) -> None:
    """With OCR_REMOTE_ENGINE the first answer is kept, too."""
    http = client(cache="memory", remote_engine='{"name": "elsewhere", "version": "2", "weights": "abc"}')

    assert [accurately(http, "Known").json["cached"] for _ in range(2)] == [False, True]
    assert len(place.requests) == 1


def test_what_another_engine_read_is_not_kept_under_its_name(
    place: Elsewhere, client: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is rolled out anew behind our back; other instances that still expect the old one must not find the new's."""
    kept: list[str] = []
    monkeypatch.setattr(MemoryCache, "put", lambda _, key, __: kept.append(key))
    names = ["old", "new"]
    place.answers = lambda request: result(request.body, engine=names.pop(0), cut=False)
    http = client(cache="memory", remote_engine='{"name": "old", "version": "2", "weights": "abc"}')

    accurately(http, "by the old one", **{"Cache-Control": "no-cache"})
    assert len(kept) == 2, "the document and its page"
    kept.clear()
    accurately(http, "by the new one", **{"Cache-Control": "no-cache"})

    assert (kept, names) == ([], [])


def test_a_request_is_known_by_one_id_at_both_ends(place: Elsewhere, client: Callable[..., FlaskClient]) -> None:
    """And says there how much of its caller's time is left."""
    answer = accurately(client(), "x", **{"X-Request-Id": "mine-1", "Prefer": "reply;x=1, wait=40"})

    [request] = place.requests
    assert answer.status_code == 200
    assert request.headers["X-Request-Id"] == "mine-1"
    assert 1 <= int(request.headers["Prefer"].removeprefix("wait=")) <= 40


def test_a_trace_goes_on_behind(place: Elsewhere, client: Callable[..., FlaskClient]) -> None:
    """As the caller named it, where this one sends no spans of its own; whose trace is not known gets none."""
    trace, http = f"00-{'a' * 32}-{'b' * 16}-01", client()

    accurately(http, "traced", traceparent=trace)
    accurately(http, "untraced")

    assert [request.headers.get("traceparent") for request in place.requests] == [trace, None]


def test_an_outage_behind_is_one_in_front(place: Elsewhere, client: Callable[..., FlaskClient]) -> None:
    """To be sent again, with the reason; a page's own fault stays a refusal."""
    place.first(problem(401, "unauthorized", "no key"), problem(422, "corrupt", "page 1 is damaged"))
    http = client()
    ours, its = accurately(http, "x"), accurately(http, "x")

    assert (ours.status_code, ours.json["type"]) == (500, "urn:zeropage:problem:engine-failed")
    assert (its.status_code, its.json["detail"]) == (422, "page 1 is damaged")


def test_who_is_no_longer_waited_for_stops() -> None:
    """The function behind notices that the one in front has hung up."""
    with stub_server(OCR_ACCURATE_ENGINE="stub") as behind:
        with front(behind.url) as server:
            slow = requests.post(
                f"{server.url}/v1/parse?tier=accurate",
                data=stamped_png("stub:wait=2"),
                headers={"Prefer": "wait=1"},
                timeout=60,
            )
            assert slow.json()["type"] == DeadlineExceeded("").type
            assert server.stop() == 0
        assert behind.stop() == 0
        assert '"outcome": "done"' not in behind.logs


def test_a_front_without_an_engine_reads_by_another() -> None:
    """Both rungs elsewhere: the role `front` then opens parse, and has no engine in its memory."""
    places = {"OCR_INBOX": "s3://inbox", "OCR_RESULTS": "s3://results", "K_SINK": "http://127.0.0.1:1/"}
    with stub_server() as behind:
        remote = {"OCR_FAST_ENGINE": "remote", "OCR_REMOTE_URL": behind.url}
        with Server({"OCR_DOORS": "front", **remote, **places}) as server:
            answer = parsed(server, stamped_png("Read by the other one"), format="text")

            assert (answer.status_code, answer.text.strip()) == (200, "Read by the other one"), server.logs
            # Single lines, which would test a text layer, make no journey: its evidence alone counts.
            digital = parsed(server, (PAGES / "english.pdf").read_bytes(), format="json")
            assert [page["rung"] for page in digital.json()["pages"]] == ["text"], server.logs


@pytest.mark.parametrize("engine", ["fast_engine", "accurate_engine"])
def test_a_front_opens_parse_where_an_engine_is_elsewhere(engine: str) -> None:
    """Otherwise it has nothing to read with."""
    places = {"inbox": "file:///in", "results": "file:///out", "sink": "http://sink"}
    here = open_doors(Settings(doors="front", **places))  # type: ignore[arg-type]
    there = open_doors(Settings(doors="front", **places, **URL, **{engine: "remote"}))  # type: ignore[arg-type]

    assert there == here | {"parse", "paddlex"}


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "OCR_REMOTE_URL is not set"),
        ({"remote_url": "reader:80"}, "OCR_REMOTE_URL='reader:80' is wrong"),
        ({**URL, "remote_engine": "paddle"}, "OCR_REMOTE_ENGINE='paddle' is wrong"),
    ],
)
def test_a_remote_engine_that_could_not_work_stops_the_start(settings: dict[str, str], word: str) -> None:
    """One line that names the variable."""
    with pytest.raises(SettingsError) as caught:
        check(Settings(accurate_engine="remote", **settings))  # type: ignore[arg-type]

    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ([], None), (["wait=10"], 10), (["Wait = 10"], 10), (["wait=300"], 300), (["wait=900"], None),
        (["wait=0"], None), (["wait=soon"], None), (["wait=-1"], None), (["wait"], None), (["reply", "wait=2"], 2),
    ],
)  # fmt: skip
def test_a_caller_may_wait_for_less_than_is_allowed_and_never_for_more(told: list[str], seconds: int | None) -> None:
    """RFC 7240; what is no number of seconds is no preference, and in none at all nothing can be read."""
    assert seconds_to_wait(told, 300) == seconds


def test_preferences_are_told_by_name() -> None:
    """In one header or several, with parameters that nobody asks about; the first of a name counts."""
    assert preferences(['respond-async; a=1, wait="5"', "reply", "wait=7"]) == {
        "respond-async": "",
        "wait": "5",
        "reply": "",
    }
