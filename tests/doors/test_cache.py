"""The cache as callers and operators meet it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient

from function.cache_settings import check, remembered, without_password
from function.caches.redis import RedisCache
from function.doors.app import create_app
from function.doors.cli import main
from function.engines.stub import StubEngine
from function.release import release
from function.settings import Settings, SettingsError
from function.telemetry import metrics
from function.wiring import build
from tests import redis_server
from tests.caches.conftest import eventually
from tests.caches.stalling import stalling
from tests.conftest import PAGES
from tests.doors.conftest import Bucketed, stamped_png, stamped_tiff

Clients = Callable[..., FlaskClient]


def ask(client: FlaskClient, text: str, name: str = "scan.png", query: str = "", **headers: str) -> Any:
    """One document."""
    form = {"file": (io.BytesIO(stamped_png(text)), name)}
    return client.post(f"/v1/parse{query}", data=form, headers=headers)


def ask_pages(client: FlaskClient, *texts: str) -> Any:
    """A document of several pages."""
    return client.post("/v1/parse", data=stamped_tiff(*texts))


def test_the_same_document_is_read_once(clients: Clients) -> None:
    """The second answer says so, in JSON and, for formats without fields, in a header."""
    client = clients(cache="memory")
    first = ask(client, "kept", "one.png")
    second = ask(client, "kept", "other.png")
    third = ask(client, "kept", query="?format=text")

    assert (first.json["cached"], "Cache-Status" in first.headers) == (False, False)
    assert (second.json["cached"], second.headers["Cache-Status"]) == (True, "zeropage; hit")
    assert second.json["document"] == {**first.json["document"], "name": "other.png"}
    assert second.json["pages"] == first.json["pages"]
    assert (third.text.strip(), third.headers["Cache-Status"]) == ("kept", "zeropage; hit")


def test_one_digit_makes_another_document(clients: Clients) -> None:
    """An invoice that differs in one digit is never answered with the other's."""
    client = clients(cache="memory")
    ask(client, "total 1100.00")

    answer = ask(client, "total 1700.00", query="?format=text")

    assert answer.text.strip() == "total 1700.00"
    assert "Cache-Status" not in answer.headers


@pytest.mark.parametrize(("asked", "kept"), [("no-cache", True), ("no-store", False), ("max-age=0, no-cache", True)])
def test_a_caller_may_ask_for_a_reading_of_his_own(asked: str, kept: bool, clients: Clients) -> None:
    """By the header that HTTP has for it."""
    client = clients(cache="memory")
    text = f"anew {asked}"

    assert not ask(client, text, **{"Cache-Control": asked}).json["cached"]
    assert not ask(client, text, **{"Cache-Control": asked}).json["cached"]
    assert ask(client, text).json["cached"] is kept


def test_without_a_cache_every_document_is_read(client: FlaskClient) -> None:
    """The default."""
    assert not ask(client, "twice").json["cached"]
    assert not ask(client, "twice").json["cached"]


def test_a_pdf_keeps_the_evidence_of_its_text_layer(clients: Clients) -> None:
    """What was checked once is told as it was checked, not as a new check."""
    client = clients(cache="memory")
    data = (PAGES / "english.pdf").read_bytes()
    first, second = (client.post("/v1/parse", data=data).json for _ in range(2))

    assert second["cached"]
    assert [page["reason"] for page in second["pages"]] == [page["reason"] for page in first["pages"]]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("redis", "one of none, memory"),
        ("memroy", "memory"),
        ("redis://", "no address"),
        ("redis://:secret-word@:6379", "no address"),
        ("redis://host:port", "no address"),
        ("rediss://host/name", "no address"),
        ("http://host", "one of none"),
    ],
)
def test_a_wrong_cache_stops_the_start(value: str, told: str) -> None:
    """With one line that names the variable, and no password."""
    with pytest.raises(SettingsError, match="OCR_CACHE=") as refused:
        check(Settings(cache=value))
    assert told in str(refused.value)
    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize("value", ["redis://host", "rediss://user:word@host:6380/2", "redis://[::1]:6379/0"])
def test_an_address_is_taken_as_it_is(value: str) -> None:
    """Without connecting."""
    check(Settings(cache=value))
    found = remembered(Settings(cache=value))

    assert found is not None
    assert isinstance(found.cache, RedisCache)


@pytest.mark.parametrize("field", ["text_samples", "max_pages", "max_pixels", "page_seconds", "child_bytes"])
def test_limits_are_part_of_the_question(field: str) -> None:
    """A document over a limit of today hears so, whatever it was answered yesterday."""
    usual = Settings(cache="memory")
    other = Settings(cache="memory", **{field: getattr(usual, field) + 1})

    found = [remembered(settings) for settings in (usual, usual, other)]

    first, same, changed = (one.surroundings for one in found if one is not None)
    assert first == same != changed


def test_another_program_is_another_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Its own files count, and what is installed beside it."""
    here = release()
    assert release() == here
    (tmp_path / "pdfium-6.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))

    assert release() != here


def test_no_password_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`settings` is what people paste into reports."""
    monkeypatch.setenv("OCR_CACHE", "redis://user:sec/ret@word@host:6379/0")

    assert main(["settings"]) == 0

    told = capsys.readouterr().out
    assert "OCR_CACHE=redis://user:***@host:6379/0 " in told
    assert "word@" not in told
    assert without_password("s3://bucket/a:b@c") == "s3://bucket/a:b@c"


def test_pods_share_answers_and_survive_their_redis() -> None:
    """What one has read another need not read; killed, restarted and empty, Redis fails nobody and is filled again."""
    with redis_server.running() as redis, _pods(2, cache=redis.url, cache_timeout=5.0) as (one, other):
        assert not ask(one, "shared").json["cached"]
        eventually(lambda: ask(other, "shared").json["cached"])

        redis.kill()
        for pod in (one, other):
            answer = ask(pod, "shared")
            assert (answer.status_code, answer.json["cached"]) == (200, False)
        redis.start()

        assert not ask(one, "shared").json["cached"]
        eventually(lambda: ask(other, "shared").json["cached"])


def test_a_changed_document_costs_its_new_pages_alone_on_every_pod() -> None:
    """Saved anew, or changed in one page; a Redis that is killed and comes back empty fails no page."""
    with redis_server.running() as redis, _pods(2, cache=redis.url, cache_timeout=5.0) as (one, other):
        texts = ["first page", "total 1100.00", "last page"]
        assert ask_pages(one, *texts).status_code == 200
        eventually(lambda: len(redis.say(b"KEYS", b"*").split(b"$")) - 1 == 4)
        before = _pages("hit"), _pages("miss")

        changed = ask_pages(other, "first page", "total 1700.00", "last page")

        assert [page["markdown"].strip() for page in changed.json["pages"]] == [
            "first page",
            "total 1700.00",
            "last page",
        ]
        assert not changed.json["cached"]
        assert (_pages("hit"), _pages("miss")) == (before[0] + 2, before[1] + 1)

        redis.kill()
        failed = ask_pages(other, "first page", "total 1900.00", "last page")
        redis.start()
        again = ask_pages(one, "first page", "total 1800.00", "last page")
        for answer, total in ((failed, "1900"), (again, "1800")):
            assert [page["markdown"].strip() for page in answer.json["pages"]][1] == f"total {total}.00"


def test_pages_need_not_be_kept(clients: Clients) -> None:
    """OCR_CACHE_PAGES=false keeps whole answers alone."""
    client = clients(cache="memory", cache_pages=False)
    before = _pages("hit"), _pages("miss")
    ask_pages(client, "kept", "pages")

    assert ask_pages(client, "kept", "pages").json["cached"]
    assert not ask_pages(client, "kept", "other pages").json["cached"]
    assert (_pages("hit"), _pages("miss")) == before


def test_a_stalled_redis_delays_no_answer() -> None:
    """Every answer comes while the cache still hangs; soon it is not even asked any more."""
    with redis_server.running() as redis, stalling(redis.port) as proxy, _pods(1, cache=proxy.url) as (pod,):
        ask(pod, "before")
        proxy.flowing.clear()
        before = _lookups("error"), _lookups("resting")

        statuses = [ask(pod, f"while it stalls {number}").status_code for number in range(5)]

        assert statuses == [200] * 5
        errors, resting = _lookups("error") - before[0], _lookups("resting") - before[1]
        assert errors + resting == 5
        assert 1 <= errors <= 3


def test_the_same_upload_under_another_name_is_read_once(bucketed: Callable[..., Bucketed]) -> None:
    """Its result has its own name and id; what it cost is what finding it cost."""
    place = bucketed(cache="memory")
    first = place.deliver(place.upload("one.png", stamped_png("upload")))
    second = place.deliver(place.upload("other.png", stamped_png("upload")))

    assert (first.status_code, second.status_code) == (200, 200)
    results = [json.loads(place.result(f"{name}.png.json") or b"") for name in ("one", "other")]
    assert [result["cached"] for result in results] == [False, True]
    assert [result["document"]["name"] for result in results] == ["one.png", "other.png"]
    assert [result["id"] for result in results] == [first.headers["ce-id"], second.headers["ce-id"]]
    assert results[0]["id"] != results[1]["id"]
    assert place.result("other.png.md") == b"upload\n"


@contextmanager
def _pods(count: int, **settings: object) -> Iterator[list[FlaskClient]]:
    """Functions of their own, as pods of one deployment are."""
    made = [build(Settings(fast_engine="stub", **settings), fast=StubEngine()) for _ in range(count)]  # type: ignore[arg-type]
    for function in made:
        function.start()
        function.wait_until_ready()
    try:
        yield [create_app(function).test_client() for function in made]
    finally:
        for function in made:
            function.stop()


def _lookups(outcome: str) -> float:
    return metrics.REGISTRY.get_sample_value("zeropage_cache_lookups_total", {"outcome": outcome}) or 0.0


def _pages(outcome: str) -> float:
    return metrics.REGISTRY.get_sample_value("zeropage_cache_page_lookups_total", {"outcome": outcome}) or 0.0
