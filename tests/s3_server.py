"""A real S3 over HTTP for tests: moto's server in a process of its own, on a free port of this machine.

    def test_something(s3_server: S3Server) -> None:          # the fixture stands in tests/stores/conftest.py
        bucket = s3_server.bucket(versioned=True)

`python -m tests.s3_server` starts one, writes its address on stdout and ends with its stdin, so that it never outlives
whoever started it, SIGKILL included. Moto checks a condition and writes in two steps; here they are made one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: What a client needs in its environment; moto takes any credentials.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}
_numbers = count(1)


@dataclass(frozen=True)
class S3Server:
    """One that runs.

    Attributes:
        url: for AWS_ENDPOINT_URL.
        pid: of its process.
    """

    url: str
    pid: int = 0

    @cached_property
    def s3(self) -> Any:
        """One client of S3 for all: making one takes longer than most tests."""
        return self.client()

    def client(self, service: str = "s3") -> Any:
        """A client as any uploader has one; also `sns`, `sqs` and what else moto knows."""
        import boto3.session
        from botocore.config import Config

        session = boto3.session.Session(
            aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
        )
        options = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2})
        return session.client(service, endpoint_url=self.url, config=options)

    def bucket(self, *, versioned: bool = False, name: str = "") -> str:
        """A new, empty bucket, under a name that no other test has."""
        name = name or f"bucket-{next(_numbers)}"
        self.s3.create_bucket(Bucket=name)
        if versioned:
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name


def set_environment(patch: pytest.MonkeyPatch) -> None:
    """Credentials that moto takes, and nothing of the developer's own."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in ENVIRONMENT.items():
        patch.setenv(name, value)


@contextmanager
def running() -> Iterator[S3Server]:
    """Start one, wait until it answers, end it."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.s3_server"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("moto's server did not start; run `python -m tests.s3_server` to see why")
            server = S3Server(url, process.pid)
            yield server
            server.s3.close()
        finally:
            process.kill()


_Answer = Iterable[bytes]


def _one_at_a_time(app: Callable[[dict[str, Any], Any], _Answer]) -> Callable[[dict[str, Any], Any], _Answer]:
    """Conditional writes and deletions wait for each other."""
    lock = threading.Lock()

    def serve(environ: dict[str, Any], start: Any) -> _Answer:
        if environ["REQUEST_METHOD"] in {"PUT", "DELETE"} and {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"} & set(environ):
            with lock:
                return list(app(environ, start))
        return app(environ, start)

    return serve


def _serve() -> None:
    """Until stdin ends."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    app = _one_at_a_time(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
