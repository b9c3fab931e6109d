"""What a run of disasters stands on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.world import World
from tests.redis_server import RedisServer
from tests.s3_server import S3Server


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A system that does not run, to draw plans for."""
    made = World(S3Server("http://127.0.0.1:9"), RedisServer("", tmp_path, 9), None, pods=3)
    yield made
    made.close()
