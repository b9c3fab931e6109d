"""The accurate engine as callers meet it: over HTTP a marked answer without it, for an event all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

import pytest
from flask.testing import FlaskClient

from function.doors.app import create_app
from function.engines.stub import StubEngine
from function.errors import NotReady
from function.page import PageImage, PageReading
from function.results.model import EngineInfo
from function.settings import Settings
from function.wiring import build
from tests.doors.conftest import Bucketed, stamped_png, stamped_tiff

FORMULA = "∑ x = 1"


class Asleep(StubEngine):
    """An accurate engine that cannot be had."""

    @property
    def info(self) -> EngineInfo:
        """Another than the fast engine's, or pages that that one read would be taken for its own."""
        return EngineInfo("asleep", "1", "")

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """Nothing."""
        raise NotReady("the GPU sleeps")


@pytest.fixture
def _asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("function.wiring.engines._stub_engine", lambda _: Asleep())


@pytest.fixture
def front(_asleep: None) -> Iterator[FlaskClient]:
    """A function whose accurate engine cannot be had."""
    function = build(
        Settings(fast_engine="stub", accurate_engine="stub", cache="memory"), fast=StubEngine(literate=True)
    )
    function.start()
    function.wait_until_ready()
    yield create_app(function).test_client()
    function.stop()


def test_over_http_the_fast_reading_comes_marked_and_is_never_kept(front: FlaskClient) -> None:
    """Page and document say it, in every format that can; the next caller is read anew."""
    document = stamped_tiff("plain", FORMULA)
    first, second = (front.post("/v1/parse", data=document) for _ in range(2))

    assert first.status_code == second.status_code == 200
    assert [page["rung"] for page in first.json["pages"]] == ["fast", "fast"]
    assert first.json["pages"][0]["degraded"] is None
    assert "the GPU sleeps" in first.json["pages"][1]["degraded"]
    assert any("pages 2 need" in warning for warning in first.json["warnings"])
    assert not second.json["cached"]
    lines = [json.loads(line) for line in front.post("/v1/parse?format=ndjson", data=document).text.splitlines()]
    assert "the GPU sleeps" in next(line for line in lines if line.get("number") == 2)["degraded"]


def test_whoever_asks_for_accurate_hears_the_outage(front: FlaskClient) -> None:
    """Less was not asked for."""
    assert front.post("/v1/parse?tier=accurate", data=stamped_png("plain")).status_code == 503


@pytest.mark.usefixtures("_asleep")
def test_an_event_answers_503_and_nothing_is_written(bucketed: Callable[..., Bucketed]) -> None:
    """So it is delivered again; a page that needs nothing more is written at once."""
    place = bucketed(accurate_engine="stub")
    needy = place.deliver(place.upload("needy.png", stamped_png(FORMULA)))
    plain = place.deliver(place.upload("plain.png", stamped_png("plain")))

    assert (needy.status_code, plain.status_code) == (503, 200)
    assert sorted(place.keys()) == ["plain.png.json", "plain.png.md"]
