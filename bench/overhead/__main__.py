"""`python -m bench.overhead`: the request path with an engine that takes no time, next to other servers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench.overhead import ways
from bench.overhead.chart import chart
from bench.overhead.measure import Run, measure, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write `overhead.md`, `overhead.svg` and `overhead.json`, all three after each round."""
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds (5)")
    parser.add_argument("--requests", type=int, default=200, help="a server, a round and a number of callers (200)")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16], metavar="N", help="at once (1 16)")
    known = ["flask", "litserve", "bentoml", "paddlex"]
    parser.add_argument("--peers", nargs="*", default=known, choices=known, help="all")
    parser.add_argument("--out", type=Path, default=Path("out/overhead"))
    options = parser.parse_args(arguments)
    compared = [ways.ours(), *ways.peers(options.peers)]
    does = {way.name: way.does for way in compared}
    options.out.mkdir(parents=True, exist_ok=True)
    rounds = measure(
        compared, ways.page(), callers=options.callers, rounds=options.rounds, requests=options.requests,
        done=partial(_keep, options.out, does), tell=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    print(table(rounds, does, "ours"))
    return 0


def _keep(out: Path, does: dict[str, str], rounds: list[list[Run]]) -> None:
    (out / "overhead.md").write_text(f"# Overhead\n\n{table(rounds, does, 'ours')}\n", encoding="utf-8")
    (out / "overhead.svg").write_text(chart(rounds), encoding="utf-8")
    told = [[asdict(run) for run in runs] for runs in rounds]
    (out / "overhead.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
