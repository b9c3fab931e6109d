"""The description: what is served is told, what is told is served, and schemathesis finds nothing that differs."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from function.doors.app import create_app
from function.doors.description import examples
from function.doors.description.document import description
from function.reading.options import Options
from function.wiring import Function

TOLD = description(keys=False)


@pytest.fixture(scope="module")
def app(functions: Callable[..., Function], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Every door open: with folders for uploads and results."""
    folder: Path = tmp_path_factory.mktemp("described")
    for name in ("in", "out"):
        (folder / name).mkdir()
    places = {"inbox": f"file://{folder}/in", "results": f"file://{folder}/out"}
    return create_app(functions(**places))


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """With what it refers to beside it."""
    return {**schema, "components": TOLD["components"]}


def test_every_address_is_described_and_every_description_is_served(app: Flask) -> None:
    """Path by path, method by method."""
    served = {
        (re.sub(r"<(?:path:)?(\w+?)_?>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    told = {(path, method) for path, methods in TOLD["paths"].items() for method in methods}
    by_itself = {"head", "options"}  # Flask answers these wherever there is something else

    assert {pair for pair in served if pair[1] not in by_itself} == {pair for pair in told if pair[1] != "options"}
    assert {pair for pair in told if pair[1] == "options"} <= served


def test_the_description_is_openapi_whose_references_hold() -> None:
    """3.1; each schema is one of JSON Schema, each `$ref` leads to one."""
    text = str(TOLD)

    assert TOLD["openapi"].startswith("3.1")
    for schema in TOLD["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named <= set(TOLD["components"]["schemas"])
    for methods in TOLD["paths"].values():
        for operation in methods.values():
            assert operation["responses"]
            assert operation["summary"]


def test_every_option_is_told_with_its_meaning(app: Flask) -> None:
    """As the class has it that parses them."""
    told = {one["name"]: one for one in TOLD["paths"]["/v1/parse"]["post"]["parameters"]}

    assert set(Options.__struct_fields__) < set(told)
    assert all(told[name]["description"] for name in Options.__struct_fields__)
    assert told["tier"]["schema"]["enum"] == ["accurate", "auto", "fast"]


def contents() -> list[tuple[str, dict[str, Any]]]:
    """Every content with an example."""
    found = []
    for path, methods in TOLD["paths"].items():
        for method, operation in methods.items():
            pieces = [operation.get("requestBody", {}), *operation["responses"].values()]
            held = [one for piece in pieces for one in piece.get("content", {}).values() if "example" in one]
            found += [(f"{method} {path}", one) for one in held]
    return found


def test_every_example_is_what_its_schema_says() -> None:
    """Requests and answers."""
    assert len(contents()) >= 5
    for where, content in contents():
        jsonschema.validate(content["example"], resolved(content["schema"]), cls=jsonschema.Draft202012Validator)
        assert where


@pytest.mark.parametrize("path", ["/ocr", "/layout-parsing", "/restructure-pages"])
def test_every_example_of_a_request_is_accepted(path: str, client: FlaskClient) -> None:
    """As it stands."""
    example = TOLD["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = client.post(path, json=example)

    assert answer.status_code == 200
    schema = TOLD["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json, resolved(schema), cls=jsonschema.Draft202012Validator)


def checked(where: str, answer: TestResponse) -> Any:
    """An answer's JSON, held against what is told of it."""
    method, path = where.split()
    told = TOLD["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    jsonschema.validate(answer.json, resolved(told[answer.mimetype]["schema"]), cls=jsonschema.Draft202012Validator)
    return answer.json


def test_what_is_answered_is_as_it_is_told(app: Flask) -> None:
    """Results, pictures, jobs and refusals; schemathesis has no documents to get so far."""
    http = app.test_client()
    document = {"data": examples.png()}

    checked("post /v1/parse", http.post("/v1/parse", **document))
    checked("post /v1/parse", http.post("/v1/parse", data=b"no document"))
    job = checked("post /v1/jobs", http.post("/v1/jobs", **document))
    checked("get /v1/jobs/{id}", http.get(f"/v1/jobs/{job['id']}"))
    checked("delete /v1/jobs/{id}", http.delete(f"/v1/jobs/{job['id']}"))
    checked("get /v1/jobs/{id}/result", http.get(f"/v1/jobs/{job['id']}/result"))
    checked("get /health", http.get("/health"))


def test_examples_of_options_are_accepted(client: FlaskClient) -> None:
    """Such as `pages` and `language`."""
    given = {
        one["name"]: one["example"] for one in TOLD["paths"]["/v1/parse"]["post"]["parameters"] if "example" in one
    }
    answer = client.post("/v1/parse", query_string={**given, "pages": "1-"}, data=examples.png())

    assert answer.status_code == 200
    assert Options.parse(given).pages == given["pages"]


class _Addresses(HTMLParser):
    """Everything that a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.goals: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what points anywhere."""
        given = dict(attrs)
        self.anchors.add(given.get("id") or "")
        if tag == "a":
            self.goals.add(given.get("href") or "")
        elif tag in {"script", "link", "img", "iframe"} or "src" in given or "style" in given:
            self.loaded.append(tag)


def test_the_page_of_the_description_needs_nothing_but_itself(client: FlaskClient) -> None:
    """No script, no other host, a policy that would forbid both; and each of its links leads somewhere."""
    answer = client.get("/docs")
    page = _Addresses()
    page.feed(answer.text)

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert page.loaded == []
    assert {goal for goal in page.goals if not goal.startswith("#")} == {"openapi.json", "v1/schema.json"}
    assert {goal[1:] for goal in page.goals if goal.startswith("#")} <= page.anchors
    for path in TOLD["paths"]:
        assert f"<code>{path}</code>" in answer.text


def test_where_keys_are_asked_for_the_description_says_so(clients: Callable[..., FlaskClient], tmp_path: Path) -> None:
    """And is itself open, as the schema is."""
    (tmp_path / "keys").write_text("")
    told = clients(api_keys_file=str(tmp_path / "keys")).get("/openapi.json").json

    assert {} not in told["security"]
    assert told["paths"]["/readyz"]["get"]["security"] == []
    assert {} in TOLD["security"]


def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient) -> None:
    """405 with `Allow`, as RFC 9110 wants."""
    answer = client.get("/v1/parse")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
