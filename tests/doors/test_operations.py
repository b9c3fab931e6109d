"""Probes, metrics and the published schema."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from function.doors.app import create_app
from function.engines.stub import StubEngine
from function.results.model import DocumentResult
from function.settings import Settings
from function.wiring import build
from tests.doors.conftest import stamped_png


class GatedLoad(StubEngine):
    """Loads when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def load(self) -> None:
        """Wait for the gate."""
        assert self.gate.wait(30)


def test_readiness_comes_after_the_engine_is_loaded_and_goes_with_draining() -> None:
    """Alive all the while; ready only in between; each time with the reason."""
    engine = GatedLoad()
    function = build(Settings(fast_engine="stub"), fast=engine)
    client = create_app(function).test_client()
    function.start()

    warming = client.get("/readyz")
    refused = client.post("/v1/parse", data=stamped_png("early"))
    alive = client.get("/healthz")
    engine.gate.set()
    function.wait_until_ready()
    ready = client.get("/readyz")
    function.stop()
    draining = client.get("/readyz")

    assert (warming.status_code, alive.status_code, ready.status_code, draining.status_code) == (503, 200, 200, 503)
    assert "warming" in warming.json["reason"]
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert draining.json["reason"] == "draining"


def test_an_engine_that_has_ended_is_not_alive() -> None:
    """Then only a new process helps, and liveness asks for one."""
    function = build(Settings(fast_engine="stub"), fast=StubEngine(load_fault="no weights"))
    client = create_app(function).test_client()
    assert function.start().exception(30)
    function.reader.batchers["fast"]._thread.join(30)

    assert client.get("/healthz").status_code == 503
    assert client.get("/readyz").json["reason"] == "the start failed at engine_load.fast; the log tells why"
    function.stop()


def test_readiness_waits_for_nothing_that_reading_holds() -> None:
    """A probe has 100 ms, and a reader may hold its locks for as long as it likes."""
    function = build(Settings(fast_engine="stub"))
    client = create_app(function).test_client()
    function.start()
    function.wait_until_ready()
    batcher, admission = function.reader.batchers["fast"], function.reader.admission
    children: Any = function._opener

    with batcher._changed, admission._changed, children._changed, ThreadPoolExecutor(1) as pool:
        answers = [pool.submit(client.get, path) for path in ("/readyz", "/healthz")]
        statuses = [answer.result(30).status_code for answer in answers]

    assert statuses == [200, 200]
    function.stop()


def test_metrics_are_prometheus_text_and_count_what_happened(client: FlaskClient) -> None:
    """One more request, document and page of the fast rung."""

    def counted() -> dict[str, float]:
        samples = [s for f in text_string_to_metric_families(client.get("/metrics").text) for s in f.samples]
        return {s.name + "".join(sorted(s.labels.values())): s.value for s in samples}

    before = counted()
    client.post("/v1/parse", data=stamped_png("count me"))
    client.post("/v1/parse", data=b"no document")
    after = counted()

    grown = {name for name, value in after.items() if value > before.get(name, 0)}
    assert {
        "zeropage_requests_totaldoneparse",
        "zeropage_requests_totalparseunsupported-type",
        "zeropage_documents_totalautodone",
        "zeropage_pages_totalfast",
    } <= grown


def test_the_published_schema_fits_what_is_answered(client: FlaskClient) -> None:
    """Every field that an answer has is described."""
    schema = client.get("/v1/schema.json").json
    answer = client.post("/v1/parse", data=stamped_png("shape")).data

    assert msgspec.json.decode(answer, type=DocumentResult).pages[0].number == 1
    described = schema["$defs"]["PageResult"]["properties"].keys()
    assert set(msgspec.json.decode(answer)["pages"][0]) <= set(described)


@pytest.mark.parametrize(
    ("path", "status", "helps"), [("/nothing", 404, "GET /docs"), ("/v1/parse", 405, "Use POST here.")]
)
def test_a_wrong_address_or_verb_is_a_problem_with_a_remedy(
    path: str, status: int, helps: str, client: FlaskClient
) -> None:
    """Also for those who open it in a browser: what the address takes, or where addresses are told."""
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert helps in answer.json["remedy"]


def test_every_outcome_is_a_word_of_the_readme(clients: Callable[..., FlaskClient]) -> None:
    """`done`, or the last word of the problem's `type`; the door is what OCR_DOORS calls it."""
    client = clients(max_request_bytes=10_000)
    asked = [
        client.post("/v1/parse", data=stamped_png("fine")),
        client.post("/v1/parse", data=b"x" * 10_001),
        client.post("/v1/parse?tier=best", data=b"x"),
        client.post("/", data=b"{}"),
    ]
    exposed = client.get("/metrics").text

    for answer, door in zip(asked, ("parse", "parse", "parse", "events"), strict=True):
        outcome = "done" if answer.status_code == 200 else answer.json["type"].rpartition(":")[2]
        assert f'zeropage_requests_total{{door="{door}",outcome="{outcome}"}}' in exposed
