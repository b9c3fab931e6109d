"""What a run of disasters stands on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import redis_server, s3_server
from tests.chaos.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A system without a queue that does not run, to draw plans for."""
    with s3_server.running() as s3, redis_server.running() as redis:
        made = World(s3, redis, None, pods=2)
        yield made
        made.close()
