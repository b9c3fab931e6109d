"""What the README shows of answers, formats, thresholds and numbers is what the function does."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from function import errors
from function.doors import job_events, paddlex, presigned, steps
from function.doors.formats import FORMATS
from function.engines.remote import circuit
from function.results.writers import WRITERS
from function.settings import describe
from tests.conftest import PAGES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNNING = " ".join(README.split())
EXITS = (errors.EXIT_DONE, errors.EXIT_USAGE, errors.EXIT_REFUSED, errors.EXIT_FAILED, errors.EXIT_TRY_AGAIN)


def table(head: str) -> list[list[str]]:
    """The rows of the table that begins so, each as its cells."""
    rows = README[README.index(head) :].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_answer_that_is_shown_is_given(client: FlaskClient) -> None:
    """Each field and value, but for the engine, the times and what is left out."""
    [shown] = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL))
    document = (io.BytesIO((PAGES / "english.pdf").read_bytes()), "english.pdf")
    answer = client.post("/v1/parse", data={"file": document}).json
    page, told = shown["pages"][0], answer["pages"][0]
    block, said = page.pop("blocks")[0], told["blocks"][0]

    assert shown.keys() <= answer.keys()
    assert answer["document"]["sha256"].startswith(shown["document"].pop("sha256").rstrip("…"))
    assert answer["document"] | shown["document"] == answer["document"]
    assert {name: told[name] for name in page if name not in {"reason", "markdown"}} == {
        name: value for name, value in page.items() if name not in {"reason", "markdown"}
    }
    assert told["reason"].split(";")[0] == page["reason"].split(";")[0]
    assert {**said, "lines": block["lines"]} == block
    assert shown["timings"].keys() <= answer["timings"].keys()
    assert (shown["cost"].keys(), shown["schema_version"]) == (answer["cost"].keys(), answer["schema_version"])


def test_the_table_of_formats_is_that_of_the_writers() -> None:
    """Name, media type, ending; and the two streams."""
    rows = [[re.findall(r"`([^`]+)`", cell) for cell in row[:3]] for row in table("| `format` | `Accept` |")]
    given = [(name, kind) for names, kinds, _ in rows for name, kind in zip(names, kinds, strict=True)]

    assert given == [(form.name, form.media_type.partition(";")[0]) for form in FORMATS]
    assert [ending for *_, [ending] in rows[:-1]] == [f"NAME.{writer.ending}" for writer in WRITERS.values()]


def test_the_thresholds_that_are_told_are_the_defaults() -> None:
    """Of every sign that has a setting."""
    defaults = {entry.variable: entry.default for entry in describe()}
    told = {
        variable.strip("`"): float(re.findall(r"[\d.]+", climbs)[0])
        for _, climbs, variable, _ in table("| Sign of a page |")
        if variable
    }

    assert len(told) == 5
    assert told == {variable: float(str(defaults[variable])) for variable in told}


@pytest.mark.parametrize(
    "sentence",
    [
        f"A stream ends after {job_events.SECONDS:g} s",
        f"up to {paddlex.PICTURES_UNASKED} pages; with `visualize` true up to {paddlex.MOST_PICTURES}",
        f"After {circuit.FAILURES} failures in a row",
        {3600: "a `url` that is good for an hour"}[presigned.GOOD_FOR],
        {0.25: "is noticed within a quarter of a second"}[steps._LOOK],
        "Exit codes: {} done, {} usage, {} refused document, {} our failure, {} try again later".format(*EXITS),
    ],
)
def test_a_number_that_is_told_is_the_programs(sentence: str) -> None:
    """Whoever changes one has to change the other."""
    assert sentence in RUNNING


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/uploads", "/ocr", "/layout-parsing", "/restructure-pages"])
def test_every_address_that_asks_for_a_key_is_told(path: str, clients: Callable[..., FlaskClient]) -> None:
    """Beside those of tests/doors/test_guard.py: nothing is taken in without one."""
    places = {"inbox": "file:///nowhere/in", "results": "file:///nowhere/out"}
    answer = clients(api_keys_file="/dev/null", **places).post(path, data=b"x")

    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.text
