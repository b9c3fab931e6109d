"""The dashboard's queries: parsed by Prometheus, about metrics that there are, and with data from a scraped server.

One Prometheus scrapes one server that was given a bit of everything; skips where Prometheus is not installed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bench.server import Server
from events import ours, writing
from events.uploads import DocumentUploaded
from function.settings import describe
from function.telemetry.metrics import REGISTRY
from tests import dashboard, prometheus
from tests.doors.conftest import stamped_png
from tests.prometheus import Prometheus
from tests.server import stub_server
from tests.telemetry import screenshots

LABELS = {"namespace": "documents", "pod": "zeropage-1", "serving_knative_dev_service": "zeropage"}
#: Beside the list of function/telemetry: what `python -m events reconcile --metrics` writes.
RECONCILE = ("oldest_unanswered_seconds", "missing", "overdue")


def targets() -> list[tuple[str, str, str]]:
    """Panel, expression, and whose series it needs besides ours, of the committed file."""
    needs = {panel.title: panel.needs for row in dashboard.ROWS.values() for panel in row}
    drawn = json.loads(dashboard.FILE.read_text(encoding="utf-8"))["panels"]
    return [
        (panel["title"], target["expr"], needs[panel["title"]])
        for panel in drawn
        for target in panel.get("targets", [])
    ]


def plain(expression: str) -> str:
    """As Grafana would send it."""
    return expression.replace("$namespace", ".*").replace("$__rate_interval", "1m")


def test_the_committed_dashboard_is_the_one_that_is_made() -> None:
    """`python -m tests.dashboard` would change nothing."""
    assert dashboard.FILE.read_text(encoding="utf-8") == dashboard.made()


def test_panels_stand_beside_each_other_and_have_names_of_their_own() -> None:
    """No panel covers another, and none is there twice."""
    panels = json.loads(dashboard.made())["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert len({panel["title"] for panel in panels}) == len(panels)
    assert {target["refId"] for panel in panels for target in panel.get("targets", [])} <= set("ABCDEFG")


def test_every_metric_of_ours_is_in_the_list() -> None:
    """Of dashboard and rules: neither a name that was changed, nor a record that nobody writes."""
    rules = [rule for group in prometheus.rules()["groups"] for rule in group["rules"]]
    kept = {"zeropage_reconcile_" + name for name in RECONCILE}
    for family in REGISTRY.collect():
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        kept |= {family.name + end for end in ends}
    records = {rule["record"] for rule in rules if "record" in rule}
    used = [expression for _, expression, _ in targets()] + [rule["expr"] for rule in rules]
    named = {name for text in used for name in re.findall(r"\b(?:zeropage|ocr)_[a-z0-9_]+\b", text)}
    recorded = {name for text in used for name in re.findall(r"\bzeropage:[a-z0-9_:]+\b", text)}

    assert sorted(named - kept) == []
    assert sorted(recorded - records) == []
    assert len(named) > 20


def test_every_metric_says_what_it_tunes() -> None:
    """A figure that leads to no setting is looked at for nothing; settings that it names exist."""
    said = {family.name: family.documentation for family in REGISTRY.collect() if not family.name.startswith("process")}
    known = {entry.variable for entry in describe()}
    named = {name for text in said.values() for name in re.findall(r"\b[KO]\w*_[A-Z_]+\b(?!…)", text)}

    assert [name for name, text in said.items() if "tunes " not in text] == []
    assert named - {"OCR_LADDER_"} <= known


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that was asked for a bit of everything, and once for what it has to refuse."""
    folder = tmp_path_factory.mktemp("places")
    for place in ("in", "out"):
        (folder / place).mkdir()
    (folder / "in" / "a.png").write_bytes(stamped_png("uploaded"))
    with stub_server(OCR_INBOX=f"file://{folder}/in", OCR_RESULTS=f"file://{folder}/out") as started:
        yield started


@pytest.fixture(scope="module")
def scraped(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """The real one, with our rules, which has seen the server's counters before and after its work."""
    target = server.url.removeprefix("http://")
    with Prometheus(tmp_path_factory.mktemp("prometheus"), [target], LABELS) as running:
        running.wait_for("zeropage_ready == 1")
        for _ in range(2):  # what a label first appears with is no increase; only the second time is
            before = time.time()
            work(server)
            running.wait_for(f"timestamp(zeropage_pages_total) > {before + 1}")
        running.wait_for('sum(rate(zeropage_uploads_total{outcome="repeated"}[1m])) > 0')
        running.wait_for("zeropage:errors:ratio5m >= 0")
        running.wait_for("zeropage:idle:ratio5m >= 0")
        yield running


def work(server: Server) -> None:
    """Documents by HTTP, one refused, an event of an upload twice, one of no upload."""
    page, parse = stamped_png("seen by Prometheus"), f"{server.url}/v1/parse"
    for _ in range(3):
        assert requests.post(parse, data=page, timeout=60).status_code == 200
    assert requests.post(parse, data=b"no document", timeout=60).status_code == 415
    for key in ("a.png", "a.png", "a.exe"):
        headers, body = writing.to_binary(ours.to_event(DocumentUploaded("in", key)))
        assert requests.post(server.url, data=body, headers=headers, timeout=60).status_code in {200, 204}


def test_what_is_served_is_a_scrape_that_prometheus_takes(scraped: Prometheus) -> None:
    """Up, without a sample that was dropped; our rules are evaluated without an error."""
    [target] = scraped.ask("targets")["activeTargets"]
    rules = [rule for group in scraped.ask("rules")["groups"] for rule in group["rules"]]

    assert (target["health"], target["lastError"]) == ("up", "")
    assert [(rule["name"], rule["lastError"]) for rule in rules if rule.get("lastError")] == []
    assert scraped.query("scrape_samples_scraped > 100")


def test_every_query_parses(scraped: Prometheus) -> None:
    """Also of those whose exporters are others'."""
    for panel, expression, _ in targets():
        answer = requests.get(f"{scraped.url}/api/v1/query", params={"query": plain(expression)}, timeout=30).json()

        assert answer["status"] == "success", (panel, answer)


def test_every_query_of_ours_has_data(scraped: Prometheus) -> None:
    """A panel that stays empty while documents are read tells nobody anything."""
    empty = [(panel, text) for panel, text, needs in targets() if not needs and not scraped.query(plain(text))]

    assert empty == []


def test_each_rung_of_numbers_is_what_was_done(scraped: Prometheus, server: Server) -> None:
    """Prometheus holds what the server says of itself."""
    said: dict[str, Any] = {}
    for line in requests.get(f"{server.url}/metrics", timeout=30).text.splitlines():
        name, _, value = line.rpartition(" ")
        said[name] = value
    for name in ('zeropage_requests_total{door="parse",outcome="done"}', "zeropage_document_bytes_total"):
        [sample] = scraped.query(name)

        assert float(sample["value"][1]) == float(said[name]) > 0


def test_its_rows_can_be_drawn(scraped: Prometheus, tmp_path: Path) -> None:
    """A picture of every row that has data of ours; the others' exporters are not here."""
    now = time.time()
    drawn = {path.stem for path in screenshots.draw(scraped, now - 30, now, tmp_path)}

    assert drawn == {"users-view", "scaling", "engine", "events", "cost"}
    assert "<polyline" in (tmp_path / "users-view.svg").read_text(encoding="utf-8")
