"""API keys at the doors: which of them ask for one, and what is heard without it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from function import api_keys
from function.doors.cli import main
from function.doors.serve import warn_of_callers
from function.engines.stub import StubEngine
from function.settings import Settings
from function.wiring import build
from tests.doors.conftest import stamped_png


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """Of the only key, with two requests a minute, in the file `keys`."""
    secret, key = api_keys.make("alice", rate=2, tenant="acme")
    (tmp_path / "keys").write_text(key.line)
    return secret


@pytest.fixture
def guarded(clients: Callable[..., FlaskClient], secret: str, tmp_path: Path) -> FlaskClient:
    """A function that asks for keys."""
    assert secret
    return clients(api_keys_file=str(tmp_path / "keys"))


@pytest.mark.parametrize("path", ["/v1/parse", "/predict"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer zp_wrong"}, {"X-API-Key": "zp_wrong"}])
def test_without_a_valid_key_nothing_is_read(path: str, headers: dict[str, str], guarded: FlaskClient) -> None:
    """401 as RFC 9110 has it, with the way to send one; whoever did send one is told to look at that."""
    answer = guarded.post(path, data=stamped_png("x"), headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert ("Compare it" if headers else "Authorization: Bearer") in answer.json["remedy"]
    assert "zp_wrong" not in answer.text


def test_a_key_is_taken_in_either_header_and_its_owner_is_logged(
    guarded: FlaskClient, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The name and the tenant, never the key; over its rate the caller hears when to come back."""
    headers = ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}, {"X-API-Key": secret})
    with caplog.at_level(logging.INFO):
        answers = [guarded.post("/v1/parse", data=stamped_png("x"), headers=shown) for shown in headers]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].json["type"] == "urn:zeropage:problem:too-often"
    access = [record for record in caplog.records if record.name == "function.access"]
    assert [(line.caller, line.tenant) for line in access[:2]] == [("alice", "acme")] * 2  # type: ignore[attr-defined]
    assert secret not in caplog.text + str([vars(record) for record in caplog.records])


def test_probes_and_deliveries_need_no_key(guarded: FlaskClient) -> None:
    """Their senders could show none; they are kept apart by tokens, the platform's identities and networks."""
    asked = [guarded.get("/healthz"), guarded.get("/readyz"), guarded.get("/metrics"), guarded.get("/nothing")]
    sent = [guarded.post(path, data=b"{}") for path in ("/", "/hooks/minio", "/deadletter")]

    assert 401 not in {answer.status_code for answer in asked + sent}


def test_the_command_makes_a_key_that_opens_the_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], clients: Callable[..., FlaskClient]
) -> None:
    """Its line on stdout, to be appended to the file; the key on stderr."""
    assert main(["key", "bob", "--rate", "5", "--tenant", "acme"]) == 0
    said = capsys.readouterr()
    (tmp_path / "keys").write_text(said.out)
    secret = next(word for word in said.err.split() if word.startswith(api_keys.PREFIX))

    http = clients(api_keys_file=str(tmp_path / "keys"))
    assert http.post("/v1/parse", data=stamped_png("x"), headers={"X-API-Key": secret}).status_code == 200
    assert secret not in said.out


@pytest.mark.parametrize("arguments", [["no/name"], ["a b"], ["bob", "--rate", "-1"], ["bob", "--tenant", "a b"]])
def test_the_command_refuses_what_the_file_could_not_hold(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and nothing on stdout that could be appended; a space is told as what it is."""
    assert main(["key", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "a b" not in arguments or "'a b' is wrong: it holds no spaces" in said.err


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, "WARNING"),
        ({"host": "127.0.0.1"}, None),
        ({"host": "::1"}, None),
        ({"host": "localhost"}, None),
        ({"knative_service": "reader"}, "INFO"),
        ({"doors": "deadletter", "results": "file:///nowhere/out"}, None),
    ],
)
def test_a_server_without_keys_says_who_may_use_it(
    settings: dict[str, str], level: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning where the port is open to others; told in Knative, whose ingress decides; else silence."""
    function = build(Settings(fast_engine="stub", **settings), fast=StubEngine())  # type: ignore[arg-type]
    with caplog.at_level(logging.INFO):
        warn_of_callers(function)

    assert [record.levelname for record in caplog.records] == ([level] if level else [])


def test_a_server_with_keys_is_silent(secret: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """All is well."""
    function = build(Settings(fast_engine="stub", api_keys_file=str(tmp_path / "keys")), fast=StubEngine())
    warn_of_callers(function)

    assert secret
    assert caplog.records == []


def test_a_server_whose_file_holds_no_keys_warns_that_nobody_is_let_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Else every caller's 401 would be looked for on the caller's side."""
    (tmp_path / "keys").write_text("# none yet\n", encoding="utf-8")
    function = build(Settings(fast_engine="stub", api_keys_file=str(tmp_path / "keys")), fast=StubEngine())
    warn_of_callers(function)

    [warning] = caplog.messages
    assert warning.startswith(f"OCR_API_KEYS_FILE={tmp_path}/keys holds no keys, so every caller gets 401: add one")
