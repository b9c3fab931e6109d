"""Places that do not exist, or are not ours to use, are warned of when the function starts."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from function.engines.stub import StubEngine
from function.reading.uploads import place_checks
from function.settings import Settings
from function.wiring import build
from tests import s3_server as server
from tests.s3_server import S3Server


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture):  # type: ignore[no-untyped-def]
    """What a start with these settings warns of; the failing calls' own lines are left out."""

    def start(**settings: str) -> list[str]:
        function = build(Settings(fast_engine="stub", **settings), fast=StubEngine())  # type: ignore[arg-type]
        with caplog.at_level(logging.WARNING):
            function.start()
            function.wait_until_ready()
            function.stop()
        return [record.getMessage() for record in caplog.records if record.name == place_checks.__name__]

    return start


def test_a_folder_that_nobody_made_is_named(tmp_path: Path, warnings) -> None:  # type: ignore[no-untyped-def]
    """Of the inbox as of the results, with what to do."""
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    inbox, results = f"file://{tmp_path}/in", f"file://{tmp_path}/out"

    assert warnings(inbox=inbox, results=results) == []
    [about_inbox, about_results] = warnings(inbox=f"{inbox},{inbox}2", results=f"{results}2")
    assert f"OCR_INBOX: {inbox}2 cannot be read" in about_inbox
    assert f"OCR_RESULTS: {results}2 cannot be written" in about_results
    assert "Create the folder." in about_inbox


def test_a_bucket_that_is_missing_is_named(  # type: ignore[no-untyped-def]
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, warnings
) -> None:
    """An empty one, or a prefix without objects, is as it should be."""
    server.set_environment(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    inbox, results = f"s3://{s3_server.bucket()}/in", f"s3://{s3_server.bucket()}"

    assert warnings(inbox=inbox, results=results) == []
    [told] = warnings(inbox="s3://nobody-made-this/in", results=results)
    assert told.startswith("OCR_INBOX: s3://nobody-made-this/in cannot be read")
    assert "Create the bucket" in told


def test_a_store_without_credentials_says_so(monkeypatch: pytest.MonkeyPatch, warnings) -> None:  # type: ignore[no-untyped-def]
    """The remedy names the variables; nothing is asked of any network."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_REGION", "us-east-1")

    told = warnings(inbox="s3://inbox", results="s3://results")

    assert [line.partition(":")[0] for line in told] == ["OCR_INBOX", "OCR_RESULTS"]
    assert all("AWS_ACCESS_KEY_ID" in line for line in told)


def test_a_front_looks_at_no_place_and_the_dead_letter_role_at_its_own(tmp_path: Path, warnings) -> None:  # type: ignore[no-untyped-def]
    """A front has no rights to them, and needs none."""
    places = {"inbox": f"file://{tmp_path}/in", "results": f"file://{tmp_path}/out"}

    assert warnings(doors="front", sink="http://sink", **places) == []
    [told] = warnings(doors="deadletter", **places)
    assert told.startswith("OCR_RESULTS")
