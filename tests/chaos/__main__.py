"""`make chaos SEED= MINUTES=`: the whole system, and disasters; exit code 1 where anything is not as it must be."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import time
from contextlib import ExitStack

from tests import rabbitmq_server, redis_server, s3_server
from tests.chaos.run import Report, chaos
from tests.chaos.world import World
from tests.delivery.pod import _runs


def play(seed: int, *, seconds: float, every: float = 0.25, pods: int = 3, queue: bool = True) -> Report:
    """A system of its own for one run."""
    with ExitStack() as stack:
        s3 = stack.enter_context(s3_server.running())
        redis = stack.enter_context(redis_server.running())
        rabbitmq = stack.enter_context(rabbitmq_server.running()) if queue else None
        world = World(s3, redis, rabbitmq, pods=pods)
        with world:
            report = chaos(world, seed, seconds=seconds, every=every, tell=lambda line: print(line, flush=True))
            pids = {pid for pod in (*world.pods, world.consumer) if pod for pid in (*pod.remember(), *pod.pids)}
        report.findings += left(pids)
    return report


def left(pids: set[int]) -> list[str]:
    """Processes that outlived their servers."""
    deadline = time.monotonic() + 30
    while (running := sorted(filter(_runs, pids))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [f"processes {running} outlived their servers"] if running else []


def main() -> int:
    """0: all is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31), help="repeats a run's choices")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long uploads come")
    options = parser.parse_args()
    queue = rabbitmq_server.PROGRAM.exists()
    for there, what in ((queue, "rabbitmq-server"), (shutil.which("redis-server"), "redis-server")):
        if not there:
            print(f"{what} is missing: apt-get install {what}", flush=True)
    print(f"seed {options.seed}", flush=True)
    report = play(options.seed, seconds=options.minutes * 60, queue=queue)
    print(report)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
