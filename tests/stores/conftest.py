"""Every kind of store, for tests that all must pass, and the S3 server that some of them need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from function.stores.base import Store
from function.stores.disk import DiskStore
from function.stores.memory import MemoryStore
from function.stores.s3 import Connection, S3Store
from tests import s3_server as server
from tests.s3_server import S3Server
from tests.stores.scripted import ScriptedStore
from tests.stores.scripted import answering as running_script


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One for each worker."""
    with server.running() as running:
        yield running


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in the environment, and nothing of the developer's own."""
    server.set_environment(monkeypatch)


@pytest.fixture(scope="session")
def s3_store(s3_server: S3Server) -> Iterator[S3Store]:
    """One for all tests of a worker, as making a client takes longer than most of them."""
    # Pages of two, so that listings turn them.
    store = S3Store(Connection(endpoint=s3_server.url, attempts=2), page_size=2)
    with pytest.MonkeyPatch.context() as patch:
        server.set_environment(patch)
        store.head(s3_server.bucket(), "credentials are found at the first request")
        store.presign_put("bucket", "and at the first signature", metadata={}, seconds=1)
    yield store
    store.close()


@pytest.fixture(scope="session")
def answering() -> Iterator[tuple[ScriptedStore, Connection]]:
    """A store that answers as told, one for each worker."""
    with running_script() as made:
        yield made


@pytest.fixture
def scripted(answering: tuple[ScriptedStore, Connection], aws: None) -> Iterator[ScriptedStore]:
    """The same, with nothing told yet."""
    told, _ = answering
    told.script, told.asked = [], []
    told.over.clear()
    yield told
    told.over.set()


@pytest.fixture(params=["memory", "memory-versioned", "disk", "s3", "s3-versioned"])
def kind(request: pytest.FixtureRequest) -> str:
    """What store the test runs on."""
    return str(request.param)


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty one that has the bucket `bucket`."""
    name, _, versioned = kind.partition("-")
    if name == "memory":
        yield MemoryStore([request.getfixturevalue("bucket")], versioned=bool(versioned))
    elif name == "disk":
        (tmp_path / request.getfixturevalue("bucket")).mkdir()
        yield DiskStore(tmp_path)
    else:
        yield request.getfixturevalue("s3_store")


@pytest.fixture
def bucket(kind: str, request: pytest.FixtureRequest) -> str:
    """A bucket of the test's own."""
    if not kind.startswith("s3"):
        return "bucket"
    running: S3Server = request.getfixturevalue("s3_server")
    return running.bucket(versioned=kind.endswith("versioned"))
