"""`python -m events samples` and `send`: each sender's message, shown and posted as its sender would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from events import samples
from function.doors.event_tools.cli import main
from tests.conftest import ROOT
from tests.doors.receiving import Address, listening


@pytest.fixture
def address() -> Iterator[Address]:
    """Answers as it is told."""
    with listening() as opened:
        yield opened


def test_samples_are_listed_without_loading_the_function() -> None:
    """Name, sender, modes and what it comes to; the command stands at its address."""
    code = "import sys, runpy; sys.argv = ['events', 'samples']\ntry: runpy.run_module('events', run_name='__main__')\n"
    code += "finally: print([name for name in ('flask', 'boto3', 'numpy', 'urllib3') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    *rows, loaded = done.stdout.splitlines()
    assert [row.split("\t")[0] for row in rows] == samples.names()
    assert "minio\tminio\thook\tupload" in rows
    assert loaded == "[]"


def test_a_sample_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """As its file has it."""
    assert main(["samples", "minio"]) == 0
    assert json.loads(capsys.readouterr().out)["sender"] == "minio"
    assert main(["samples", "absent"]) == 2
    assert "python -m events samples" in capsys.readouterr().err


@pytest.mark.parametrize("name", samples.names())
def test_a_sample_is_sent_as_its_sender_would(name: str, address: Address) -> None:
    """To the sender's own path, in each of its modes, with its headers."""
    sample = samples.load(name)
    for mode in sample.modes:
        assert main(["send", name, "--to", address.url, "--mode", mode]) == 0
        received = address.received.pop()
        headers, body = sample.message(mode)
        assert received.path == (f"/hooks/{sample.sender}" if mode == "hook" else "/")
        assert received.body == body
        told = {name.lower(): value.encode("latin-1").decode() for name, value in received.headers.items()}
        assert told.items() >= {name.lower(): value for name, value in headers.items()}.items()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (422, 65), (503, 75)])
def test_status_and_reply_are_printed(
    status: int, code: int, address: Address, capsys: pytest.CaptureFixture[str]
) -> None:
    """The event of the reply, or the problem; one try only, and the exit code tells."""
    address.answer = lambda _: (status, {"ce-type": "dev.zeropage.document.parsed"}, b'{"pages": 3}')

    assert main(["send", "zeropage-uploaded", "--to", address.url]) == code

    out = capsys.readouterr().out
    assert out.startswith(f"{status} ")
    assert "ce-type: dev.zeropage.document.parsed" in out
    assert '{"pages": 3}' in out
    assert len(address.received) == 1


@pytest.mark.parametrize(
    ("content", "options", "path", "media_type"),
    [
        ('{"specversion": "1.0"}', [], "/", "application/cloudevents+json"),
        ("[]", [], "/", "application/cloudevents-batch+json"),
        ('{"Records": []}', ["--hook", "minio"], "/hooks/minio", "application/json"),
        (None, [], "/hooks/minio", "application/json"),
    ],
)
def test_a_file_is_sent_as_what_it_is(
    content: str | None, options: list[str], path: str, media_type: str, address: Address, tmp_path: Path
) -> None:
    """A CloudEvent, a batch, a webhook's body, or a sample of one's own; whether it is right is for the receiver."""
    file = tmp_path / "event.json"
    file.write_text(content or (samples.FOLDER / "minio.json").read_text(encoding="utf-8"), encoding="utf-8")

    assert main(["send", str(file), "--to", address.url, *options]) == 0
    [received] = address.received
    assert (received.path, received.headers["Content-Type"]) == (path, media_type)


def test_the_path_and_headers_may_be_ones_own(address: Address) -> None:
    """A gateway's path, and a real token in place of the sample's."""
    arguments = ["send", "minio", "--to", f"{address.url}/ocr/hooks/minio", "--header", "authorization: Bearer real"]

    assert main(arguments) == 0
    [received] = address.received
    assert received.path == "/ocr/hooks/minio"
    assert [value for name, value in received.headers.items() if name.lower() == "authorization"] == ["Bearer real"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["absent.json"], "absent.json"),
        (["minio", "--mode", "binary"], "--mode"),
        (["README.md"], "--hook"),
        (["minio", "--to", "nowhere"], "--to"),
        (["minio", "--header", "no header"], "--header"),
        (["minio", "--timeout", "0"], "--timeout"),
    ],
)
def test_a_wrong_argument_is_named(arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    try:
        code = main(["send", "--to", "http://localhost:1", *arguments])
    except SystemExit as end:
        code = end.code  # type: ignore[assignment]

    assert code == 2
    assert named in capsys.readouterr().err
