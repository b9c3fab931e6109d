"""The demo itself: start an S3, start the function, upload samples as any S3 client would, show what comes out."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from function.doors.ports import why_not
from function.errors import EXIT_DONE, EXIT_FAILED

INBOX, RESULTS = "inbox", "results"
#: The embedded store takes any; these keep boto3 from looking for real ones.
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo", "AWS_REGION": "us-east-1"}
_READY_SECONDS, _RESULT_SECONDS = 120.0, 300.0


def run(files: Sequence[Path], *, port: int, store_port: int, stay: bool) -> int:
    """Show the main job, and stay up until interrupted.

    Args:
        files: samples to upload.
        port: where the function serves.
        store_port: where the embedded S3 serves; 0 takes a free one.
        stay: False ends after the samples.
    """
    # Whoever listens there already would be taken for the server that is started below.
    if reason := why_not("127.0.0.1", port):
        sys.stderr.write(f"{reason}\n")
        return EXIT_FAILED
    # So that a terminated demo takes its servers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_FAILED))
    with ExitStack() as running:
        _say("==> starting an S3 in memory, and the function beside it")
        store = running.enter_context(_store(store_port))
        s3 = _client(store, "s3")
        _prepare(s3, _client(store, "sns"), f"http://127.0.0.1:{port}/hooks/sns")
        function = running.enter_context(_function(port, store))
        _wait_until_ready(function, port)
        for file in files:
            s3.put_object(Bucket=INBOX, Key=file.name, Body=file.read_bytes())
            _say(f"==> {file} -> s3://{INBOX}/{file.name} -> s3://{RESULTS}/{file.name}.md")
            _say(_result(s3, f"{file.name}.md"))
        if not stay:
            return EXIT_DONE
        _say(
            "The function stays up until Ctrl-C.\n"
            f"Open in a browser:       http://localhost:{port}/\n"
            f"The same over HTTP:      curl -F file=@scan.pdf localhost:{port}/v1/parse\n"
            f"Upload a file of yours:  curl -fT scan.pdf {store}/{INBOX}/scan.pdf && "
            f"curl -f {store}/{RESULTS}/scan.pdf.md\n"
            f"(why, if it was refused: curl -f {store}/{RESULTS}/scan.pdf.error.json)"
        )
        # It was told to stay until it is ended: then that is no failure.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_DONE))
        return EXIT_DONE if function.wait() == 0 else EXIT_FAILED


@contextmanager
def _store(port: int) -> Iterator[str]:
    command = [sys.executable, "-W", "ignore", "-m", "function.doors.demo.store", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise SystemExit(
                    f"the embedded S3 did not start on port {port}: is it taken? Choose another: make run STORE_PORT=0"
                )
            yield url
        finally:
            process.kill()


@contextmanager
def _function(port: int, store: str) -> Iterator[subprocess.Popen[bytes]]:
    variables = {
        **_CREDENTIALS,
        "PORT": str(port),
        "OCR_HOST": "127.0.0.1",  # nobody shows a key here
        "AWS_ENDPOINT_URL": store,
        "OCR_INBOX": f"s3://{INBOX}",
        "OCR_RESULTS": f"s3://{RESULTS}",
        "OCR_SNS_VERIFY": "false",  # nobody signs here
        "OCR_LOG_LEVEL": "warning",
    }
    # `env` adds to the inherited environment, which settings/ alone reads, and then becomes the server.
    command = ["/usr/bin/env", *(f"{name}={value}" for name, value in variables.items())]
    with subprocess.Popen([*command, sys.executable, "-m", "function", "serve"]) as process:
        try:
            yield process
        finally:
            process.terminate()


def _client(store: str, service: str) -> Any:
    from boto3.session import Session
    from botocore.config import Config

    session = Session(aws_access_key_id="demo", aws_secret_access_key="demo", region_name="us-east-1")  # noqa: S106
    # An upload is answered when its event was: with no broker here, when the document has been read.
    patient = Config(s3={"addressing_style": "path"}, read_timeout=_RESULT_SECONDS, retries={"total_max_attempts": 1})
    return session.client(service, endpoint_url=store, config=patient)


def _prepare(s3: Any, sns: Any, endpoint: str) -> None:
    """Buckets, and the way from an upload to the function: notification → topic → HTTP subscription."""
    for bucket in (INBOX, RESULTS):
        s3.create_bucket(Bucket=bucket)
        # So that the line which we print, a curl without credentials, may fetch what it made.
        anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [anyone]})
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    topic = sns.create_topic(Name="uploads")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)
    told = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=INBOX, NotificationConfiguration=told)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(EXIT_FAILED)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the function was not ready within {_READY_SECONDS:g} s; its log stands above")


def _result(s3: Any, key: str) -> str:
    deadline = time.monotonic() + _RESULT_SECONDS
    while time.monotonic() < deadline:
        try:
            return bytes(s3.get_object(Bucket=RESULTS, Key=key)["Body"].read()).decode()
        except s3.exceptions.NoSuchKey:
            time.sleep(0.1)
    raise RuntimeError(f"s3://{RESULTS}/{key} did not appear within {_RESULT_SECONDS:g} s; the log stands above")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
