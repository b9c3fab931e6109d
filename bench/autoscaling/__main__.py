"""`python -m bench.autoscaling`: what waiting and what money each way of scaling costs, for a trace of uploads."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from bench.autoscaling import traces
from bench.autoscaling.annotations import Annotations, of_service, patch
from bench.autoscaling.chart import chart
from bench.autoscaling.play import play
from bench.autoscaling.report import Figures, figures, table
from bench.autoscaling.search import search
from bench.autoscaling.traces import Trace
from bench.autoscaling.ways import Way, all_ways, knative
from bench.autoscaling.world import Conditions, Outcome

_SERVICE = Path(__file__).resolve().parents[2] / "knative" / "service-gpu.yaml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Play every way, print the table, write `autoscaling.md`, `.json` and `.svg`."""
    told = _options(arguments)
    try:
        ours = of_service(told.service)
        trace, conditions = _trace(told), _conditions(told, ours)
    except (OSError, ValueError, KeyError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    print(_title(trace, conditions), file=sys.stderr)
    ways = all_ways(ours, told.most)
    outcomes = _played(ways, trace, conditions, told.seed)
    rows = [figures(way.name, outcome, conditions, ours.timeout) for way, outcome in zip(ways, outcomes, strict=True)]
    text = f"# Autoscaling\n\n{_title(trace, conditions)}\n\n{table(rows)}\n"
    if told.p95 is not None:
        text += _searched(ours, trace, conditions, told)
    _write(told.out, text, rows, outcomes, trace)
    return 0


def _played(ways: Sequence[Way], trace: Trace, conditions: Conditions, seed: int) -> list[Outcome]:
    """Side by side, as many as there are processors: a month of a million documents takes seconds each."""
    with ProcessPoolExecutor() as processes:
        begun = [processes.submit(play, trace, conditions, way.scaler(), seed=seed) for way in ways]
        outcomes = []
        for way, future in zip(ways, begun, strict=True):
            outcomes.append(future.result())
            print(f"played: {way.name}", file=sys.stderr)
    return outcomes


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.autoscaling", description=__doc__)
    parser.add_argument("--service", type=Path, default=_SERVICE, help="whose annotations")
    parser.add_argument("--trace", default="office", help=f"one of {', '.join(traces.GENERATORS)}, or a file of times")
    parser.add_argument("--documents", type=float, default=10_000, help="a day, of generated traces (10000)")
    parser.add_argument("--days", type=float, default=7, help="of generated traces (7)")
    parser.add_argument("--seconds", default="2,3,4,6,12", help="that documents take: numbers, or a .json or .csv file")
    parser.add_argument("--cold-start", type=float, default=60, metavar="S", help="pod on its node to ready (60)")
    parser.add_argument("--node", type=float, default=120, metavar="S", help="until a new node is there (120)")
    parser.add_argument("--node-idle", type=float, default=600, metavar="S", help="a node without pods stays (600)")
    parser.add_argument("--slowdown", type=float, default=0.5, help="how much longer with all slots held (0.5)")
    parser.add_argument("--price", type=float, default=2.0, help="of a pod an hour (2.0)")
    parser.add_argument("--most", type=int, default=4, help="pods that there are machines for (4)")
    parser.add_argument("--p95", type=float, metavar="S", help="search annotations with which 95 %% wait no longer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/autoscaling"))
    return parser.parse_args(arguments)


def _trace(told: argparse.Namespace) -> Trace:
    given = Path(told.seconds)
    if given.suffix in {".json", ".csv"}:
        services = traces.services_of(given)
    else:
        services = [float(value) for value in told.seconds.split(",")]
    if told.trace in traces.GENERATORS:
        return traces.generated(told.trace, documents=told.documents, days=told.days, services=services, seed=told.seed)
    return traces.of_file(Path(told.trace), services, told.seed)


def _conditions(told: argparse.Namespace, ours: Annotations) -> Conditions:
    return Conditions(
        cold_start=told.cold_start,
        node_seconds=told.node,
        node_idle_seconds=told.node_idle,
        slots=ours.container_concurrency or 100,
        slowdown=told.slowdown,
        price=told.price,
    )


def _title(trace: Trace, conditions: Conditions) -> str:
    days = (trace.arrivals[-1] if trace.arrivals else 0.0) / traces.DAY
    return (
        f"{len(trace.arrivals)} documents in {days:.1f} days ({trace.name}); a start {conditions.cold_start:g} s, a "
        f"new node {conditions.node_seconds:g} s and kept {conditions.node_idle_seconds:g} s, "
        f"{conditions.slots} slots, {conditions.price:g} an hour. A simulation, not a measurement."
    )


def _searched(ours: Annotations, trace: Trace, conditions: Conditions, told: argparse.Namespace) -> str:
    def measure(annotations: Annotations) -> Figures:
        outcome = play(trace, conditions, knative("", annotations).scaler(), seed=told.seed)
        return figures("", outcome, conditions, ours.timeout)

    found = search(replace(ours, max_scale=ours.max_scale or told.most), told.most, told.p95, measure)
    row = replace(measure(found), name="found")
    verdict = "met" if row.p95 <= told.p95 else "not met by any that was tried; this one misses it least"
    change = patch(ours, found) or "# nothing to change\n"
    return f"\nP95 of at most {told.p95:g} s: {verdict}.\n\n{table([row])}\n\n```yaml\n{change}```\n"


def _write(out: Path, text: str, rows: Sequence[Figures], outcomes: Sequence[Outcome], trace: Trace) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "autoscaling.md").write_text(text, encoding="utf-8")
    (out / "autoscaling.json").write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    duration = (trace.arrivals[-1] if trace.arrivals else 0.0) + trace.rest
    (out / "autoscaling.svg").write_text(chart(rows, outcomes, duration), encoding="utf-8")
    print(text)
    print(f"drawn: {out / 'autoscaling.svg'}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
