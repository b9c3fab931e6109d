"""Ten different seeds of disasters on the whole system, RabbitMQ among it."""

from __future__ import annotations

import shutil

import pytest

from tests import rabbitmq_server
from tests.chaos.__main__ import play
from tests.conftest import missing

pytestmark = pytest.mark.long


@pytest.mark.parametrize("seed", range(1, 11))
def test_uploads_survive_disasters(seed: int) -> None:
    """Every upload has one right result or one refusal, nothing else stands, and nothing leaks."""
    for there, name in ((rabbitmq_server.PROGRAM.exists(), "rabbitmq-server"), (shutil.which("redis-server"), "redis")):
        if not there:
            missing(name, f"apt-get install {name}")
    report = play(seed, seconds=20)
    print(report)

    assert report.findings == [], str(report)
