"""An S3 over HTTP, for the whole way from an upload to its result."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import s3_server as server
from tests.s3_server import S3Server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One for each worker."""
    with server.running() as running:
        yield running


@pytest.fixture
def aws(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and endpoint in the environment, which the server inherits."""
    server.set_environment(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
