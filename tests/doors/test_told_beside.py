"""What is heard beside the answer: warnings, and which of a caller's preferences were applied."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from function.doors.terminal import Terminal
from function.engines.stub import StubEngine
from function.page import PageImage, PageReading
from function.reading.options import Options
from function.wiring import Function
from tests.doors.conftest import stamped_png, stamped_tiff
from tests.doors.test_parse import SlowEngine


def test_a_preference_is_told_where_it_was_applied(clients: Callable[..., FlaskClient]) -> None:
    """RFC 7240, 3: of an answer, of a stream, of one that came too late; not where it changed nothing."""
    client, late = clients(), clients(engine=SlowEngine, request_seconds=60.0)

    def applied(prefer: str, query: str = "") -> tuple[int, str | None]:
        answer = client.post(f"/v1/parse{query}", data=stamped_png("x"), headers={"Prefer": prefer})
        return answer.status_code, answer.headers.get("Preference-Applied")

    assert applied("handling=lenient, wait=30") == (200, "wait=30")
    assert applied("wait=30", "?format=ndjson") == (200, "wait=30")
    for prefer in ("wait=0", "wait=99999", "respond-async, wait=0", "return=minimal"):
        assert applied(prefer) == (200, None)
    assert applied("wait=30", "?tier=best") == (400, None)
    answer = late.post("/v1/parse", data=stamped_tiff(*"abcdefgh"), headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (504, "wait=1")


class DoubtfulEngine(StubEngine):
    """Reads with a warning whatever says that it is poor."""

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """As a stub does."""
        for index, outcome in super().read(pages):
            if isinstance(outcome, PageReading) and "poor" in outcome.lines[0].text:
                outcome = replace(outcome, warnings=['a "doubt\\"\r\nX-Evil: 1 – ' + "x" * 400])  # noqa: PLW2901
            yield index, outcome


def test_warnings_of_pages_are_told_in_every_format(clients: Callable[..., FlaskClient]) -> None:
    """In fields where there are some, else in a header: how many, and the first, harmless and short."""
    client, document = clients(engine=DoubtfulEngine), stamped_tiff("poor one", "two", "poor three", "poor four")
    read = client.post("/v1/parse?language=de", data=document)
    last = json.loads(client.post("/v1/parse?format=ndjson", data=document).text.splitlines()[-1])

    assert read.json["warnings"][1:] == last["warnings"] == ["pages 1, 3-4 bear warnings: see pages[].warnings"]
    assert "Zeropage-Warnings" not in read.headers
    for kind in ("text/plain", "text/markdown", "application/pdf"):
        answer = client.post("/v1/parse?language=de", data=document, headers={"Accept": kind})
        told = answer.headers["Zeropage-Warnings"]
        assert told.startswith(r'4; first="page 1: a \"doubt\\\"??X-Evil: 1 ? xxx')
        assert told.endswith('x..."')
        assert len(told) < 350
    assert "Zeropage-Warnings" not in client.post("/v1/parse?format=text", data=stamped_png("fine")).headers


def test_a_person_at_a_terminal_hears_each_warning_once(
    functions: Callable[..., Function], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its page; which pages those are needs no line of its own."""
    scan = tmp_path / "scan.tif"
    scan.write_bytes(stamped_tiff("poor one", "two"))

    assert Terminal("text", None, several=False).read(functions(engine=DoubtfulEngine), str(scan), Options()) == 0
    [told] = capsys.readouterr().err.split(f"{scan}: ")[1:]
    assert told.startswith('page 1: a "doubt')
