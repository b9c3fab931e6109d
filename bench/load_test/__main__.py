"""`python -m bench.load_test`: users in stages against a URL, or against our own server on this machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from bench.load_test import arithmetic, mix
from bench.load_test.report import Report
from bench.load_test.run import Recorded, recorded, run
from bench.load_test.stages import Stage, stages
from bench.server import Server, ServerEnded


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the report, write it; 1 where a goal was missed and `--strict` asks for that."""
    told = _options(arguments)
    try:
        of, title = _again(told.again) if told.again else _measured(told)
    except (RuntimeError, ValueError, OSError, ServerEnded) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    gpus = told.gpus if told.gpus is not None else int(any(each.gpu is not None for each in of.watched))
    report = Report(of, title, gpus, told.accurate_rate, told.fast_rate)
    report.write(told.out)
    print(report.markdown())
    print(f"drawn: {told.out / 'load.html'}", file=sys.stderr)
    missed = [each for each in [*report.goals, *report.overload] if each.met is False]
    return 1 if told.strict and missed else 0


def _measured(told: argparse.Namespace) -> tuple[Recorded, str]:
    of = mix.read(told.mix)
    plan = stages(
        told.users, told.seconds, warm_up=told.warm_up, recovery_users=told.recovery_users, recovery=told.recovery
    )
    with nullcontext() if told.url else Server({"OCR_CACHE": "memory", "OCR_LOG_LEVEL": "warning"}) as server:
        url = told.url.rstrip("/") if told.url else server.url  # type: ignore[union-attr] # there is one where no url is given
        print(f"{_plan(plan)} against {url}", file=sys.stderr)
        found = run(
            url, plan, of, told.mix.resolve().parent, think=tuple(told.think), pid=server.pid if server else None,
            exporter=told.exporter, key=told.key_file.read_text().strip() if told.key_file else "",
            tell=lambda line: print(line, file=sys.stderr),
        )  # fmt: skip
    whose = "a server of our own on this machine, which the users share with it" if server else url
    kinds = ", ".join(f"{kind.name} {kind.share:g}" for kind in of.kind)
    least, most = told.think
    return found, f"{_plan(plan)}; think time {least:g}-{most:g} s; against {whose}. Mix by shares: {kinds}."


def _plan(plan: Sequence[Stage]) -> str:
    return ", ".join(f"{stage.name} {stage.seconds:g} s" for stage in plan)


def _again(path: Path) -> tuple[Recorded, str]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return recorded(told), told["title"]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load_test", description=__doc__)
    parser.add_argument("--url", default="", help="of a server; without it, one of our own is started on loopback")
    parser.add_argument("--users", type=int, nargs="+", default=[50, 200, 500], metavar="N", help="(50 200 500)")
    parser.add_argument("--seconds", type=float, default=60, help="of each number of users (60)")
    parser.add_argument("--think", type=float, nargs=2, default=[1, 3], metavar="S", help="least and most (1 3)")
    parser.add_argument("--mix", type=Path, default=mix.DEFAULT, help="TOML: the documents (bench/load_test/mix.toml)")
    parser.add_argument("--warm-up", type=float, default=15, metavar="S", help="with few users, not counted (15)")
    parser.add_argument("--recovery", type=float, default=20, metavar="S", help="with few newcomers at the end (20)")
    parser.add_argument("--recovery-users", type=int, default=2, metavar="N", help="(2)")
    parser.add_argument("--exporter", default="", metavar="URL", help="of DCGM's exporter, for the GPU's figures")
    parser.add_argument("--key-file", type=Path, help="an API key, in a file")
    parser.add_argument("--gpus", type=int, help="how many serve; else 1 where one is seen, 0 where none is")
    parser.add_argument(
        "--accurate-rate", type=float, default=arithmetic.ACCURATE, metavar="PAGES", help="a second, one GPU"
    )
    parser.add_argument("--fast-rate", type=float, default=arithmetic.FAST, metavar="PAGES", help="a second, one GPU")
    parser.add_argument(
        "--again", type=Path, metavar="RUN.JSON", help="tell of a recorded run once more; sends nothing"
    )
    parser.add_argument("--strict", action="store_true", help="end with 1 where a goal is missed")
    parser.add_argument("--out", type=Path, default=Path("out/load"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
