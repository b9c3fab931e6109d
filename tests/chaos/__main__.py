"""`make chaos SEED= MINUTES=`: the whole system, and disasters; exit code 1 where anything is not as it must be."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.run import Report


def play(seed: int, *, seconds: float, every: float = 0.4, brief: bool = False) -> Report:
    """A system of its own for one run: three servers, and a queue; a brief one has one server."""
    # So late that --help needs nothing of what tests need.
    from tests import rabbitmq_server, redis_server, s3_server
    from tests.chaos.run import chaos
    from tests.chaos.world import World

    queue = not brief and rabbitmq_server.PROGRAM.exists()
    with ExitStack() as stack:
        s3 = stack.enter_context(s3_server.running())
        redis = stack.enter_context(redis_server.running())
        rabbitmq = stack.enter_context(rabbitmq_server.running()) if queue else None
        world = World(s3, redis, rabbitmq, pods=1 if brief else 3)
        with world:
            report = chaos(world, seed, seconds=seconds, every=every, brief=brief, tell=teller())
            pids = {pid for pod in (*world.pods, world.consumer) if pod for pid in (*pod.remember(), *pod.pids)}
        report.findings += left(pids)
    return report


def teller() -> Callable[[str], None]:
    """Tells lines with the seconds since now."""
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)

    return tell


def left(pids: set[int]) -> list[str]:
    """Processes that outlived their servers."""
    from tests.delivery.pod import _runs

    deadline = time.monotonic() + 120
    while (running := sorted(filter(_runs, pids))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [f"processes {running} outlived their servers"] if running else []


def main() -> int:
    """0: all is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31), help="repeats a run's choices")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long uploads come")
    options = parser.parse_args()
    from tests import rabbitmq_server

    if not rabbitmq_server.PROGRAM.exists():
        print("there is no queue in this run: apt-get install rabbitmq-server", flush=True)
    print(f"seed {options.seed}", flush=True)
    report = play(options.seed, seconds=options.minutes * 60)
    print(report)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
