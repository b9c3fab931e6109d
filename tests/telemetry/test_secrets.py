"""No document text and no secret in a log: at the level `debug`, with every secret set, over every door."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bench.server import Server
from events import ours, writing
from events.uploads import DocumentUploaded
from function import api_keys, roles
from tests import s3_server
from tests.conftest import ROOT
from tests.doors.conftest import stamped_png
from tests.s3_server import S3Server
from tests.server import stub_server

#: A word that stands in documents and nowhere else.
WORD = "Zwetschgenkuchen"
SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "secret-of-the-store",
    "AWS_SESSION_TOKEN": "token-of-the-session",
    "hook": "token-of-the-webhook",
    "redis": "password-of-the-cache",
    "otlp": "token-of-the-collector",
    "queue": "password-of-the-queue",
    "sink": "password-of-the-sink",
}
#: Nobody listens there, and whoever fails to connect might say where to.
NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    """Buckets, of a server that logs nothing here."""
    with s3_server.running() as running:
        for name in ("inbox", "results"):
            running.bucket(name=name)
        yield running


def _settings(s3: S3Server, folder: Path) -> dict[str, str]:
    hooks, keys = folder / "hooks", folder / "keys"
    hooks.write_text(f"minio {SECRETS['hook']}\n", encoding="utf-8")
    secret, key = api_keys.make("alice")
    keys.write_text(key.line, encoding="utf-8")
    return {
        **s3_server.ENVIRONMENT,
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_SECRET_ACCESS_KEY": SECRETS["AWS_SECRET_ACCESS_KEY"],
        "AWS_SESSION_TOKEN": SECRETS["AWS_SESSION_TOKEN"],
        "OCR_INBOX": "s3://inbox",
        "OCR_RESULTS": "s3://results",
        "OCR_LOG_LEVEL": "debug",
        "OCR_LOG_FORMAT": "json",
        "OCR_HOOK_TOKENS_FILE": str(hooks),
        "OCR_API_KEYS_FILE": str(keys),
        "OCR_CACHE": f"redis://:{SECRETS['redis']}@{NOWHERE}/0",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{NOWHERE}",
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer {SECRETS['otlp']}",
        "TEST_KEY": secret,
    }


def _leaked(logs: str, *more: str) -> list[str]:
    """What must not stand there, but does; also as it is written in base64, hexadecimal or with blanks between."""
    found = []
    for word in (WORD, *SECRETS.values(), *more):
        shapes = {word, base64.b64encode(word.encode()).decode().rstrip("=")[:-1], word.encode().hex()}
        found += [shape for shape in shapes if shape in logs]
    return found


def _through_every_door(server: Server, s3: S3Server, key: str) -> dict[str, int]:
    """The last status that each door answered with."""
    page, shown = stamped_png(WORD), {"Authorization": f"Bearer {key}"}
    s3.s3.put_object(Bucket="inbox", Key="a.png", Body=page)
    s3.s3.put_object(Bucket="inbox", Key="broken.pdf", Body=b"%PDF-1.7 " + WORD.encode())
    notification = {
        "EventName": "s3:ObjectCreated:Put",
        "Key": "inbox/a.png",
        "Records": [
            {
                "eventName": "s3:ObjectCreated:Put", "eventSource": "minio:s3",
                "s3": {"bucket": {"name": "inbox"}, "object": {"key": "a.png", "size": len(page)}},
            }
        ],
    }  # fmt: skip
    said: dict[str, int] = {}

    def post(door: str, path: str, **asked: object) -> requests.Response:
        answer = requests.post(f"{server.url}{path}", timeout=60, **asked)  # type: ignore[arg-type]
        said[door] = answer.status_code
        return answer

    for body in (b"no document: " + WORD.encode(), b"%PDF-1.7 " + WORD.encode(), page[:-40], page):
        post("parse", "/v1/parse", data=body, headers=shown)
    for form in ("markdown", "text", "ndjson", "sse"):
        assert post("parse", f"/v1/parse?format={form}", data=page, headers=shown).status_code == 200
    post("parse", f"/v1/parse?tier={WORD}", data=page, headers=shown)
    post("parse", "/v1/parse", data=page, headers=shown)
    file = base64.b64encode(page).decode()
    assert WORD in post("paddlex", "/ocr", json={"file": file, "fileType": 1}, headers=shown).text
    for key_of in ("broken.pdf", "a.png"):
        headers, told = writing.to_binary(ours.to_event(DocumentUploaded("inbox", key_of)))
        post("events", "/", data=told, headers=headers)
    for token in ("wrong", SECRETS["hook"]):
        post("hooks", "/hooks/minio", json=notification, headers={"Authorization": f"Bearer {token}"})
    headers, told = writing.to_binary(ours.to_event(DocumentUploaded("inbox", "a.png")))
    post("deadletter", "/deadletter", data=told, headers=headers)
    job = post("jobs", "/v1/jobs", data=page, headers=shown).json()["id"]
    until = time.monotonic() + 60
    while (answer := requests.get(f"{server.url}/v1/jobs/{job}/result", headers=shown, timeout=60)).status_code == 404:
        assert time.monotonic() < until, server.logs
    assert WORD in answer.text
    return said


def test_no_door_logs_what_a_document_says_or_what_opens_something(s3: S3Server, tmp_path: Path) -> None:
    """Documents that are read and such that fail, callers with keys and without."""
    settings = _settings(s3, tmp_path)
    key = settings.pop("TEST_KEY")
    with stub_server(**settings) as server:
        said = _through_every_door(server, s3, key)
        assert server.stop() == 0, server.logs

    assert set(said) == set(roles.DOORS)
    assert {door: status for door, status in said.items() if status >= 400} == {}
    assert server.logs.count('"logger": "function.access"') >= 15
    assert '"level": "debug"' in server.logs
    assert _leaked(server.logs, key) == []


def test_a_queue_that_cannot_be_reached_is_told_without_its_password(s3: S3Server, tmp_path: Path) -> None:
    """`consume` says where to, since that is what is wrong; not with what."""
    settings = _settings(s3, tmp_path) | {"OCR_QUEUE_URL": f"amqp://zeropage:{SECRETS['queue']}@{NOWHERE}/"}
    key = settings.pop("TEST_KEY")
    command = (sys.executable, "-m", "function", "consume")
    server = Server({"OCR_FAST_ENGINE": "stub", **settings}, command=command, wait_until_ready=False)
    with server:
        until = time.monotonic() + 60
        while "OCR_QUEUE_URL" not in server.logs:
            assert server.is_alive(), server.logs
            assert time.monotonic() < until, server.logs
        server.kill()

    assert _leaked(server.logs, key) == []


def test_the_terminal_shows_a_documents_text_and_logs_none(s3: S3Server, tmp_path: Path) -> None:
    """What was asked for goes to stdout; stderr is for the rest."""
    settings = _settings(s3, tmp_path)
    key = settings.pop("TEST_KEY")
    (tmp_path / "a.png").write_bytes(stamped_png(WORD))
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 " + WORD.encode())
    done = subprocess.run(
        [sys.executable, "-m", "function", "parse", str(tmp_path / "a.png"), str(tmp_path / "b.pdf")],
        cwd=ROOT, env={**os.environ, "OCR_FAST_ENGINE": "stub", **settings}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip

    assert WORD in done.stdout
    assert "b.pdf" in done.stderr
    assert _leaked(done.stderr, key) == []
