"""`python -m bench.throughput`: measure, print the table, keep it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from statistics import median

from bench import synthetic
from bench.throughput.measure import Run, measure
from bench.throughput.report import ratios, table

#: The ratio that the server is to reach with eight callers.
TARGET = 0.95


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write `throughput.md` and `throughput.json`."""
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds (5)")
    parser.add_argument("--documents", type=int, default=16, help="how many; about 2 pages each (16)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/throughput"))
    options = parser.parse_args(arguments)
    documents = list(islice(synthetic.documents(options.seed), options.documents))
    rounds = measure(documents, rounds=options.rounds, tell=lambda line: print(line, file=sys.stderr, flush=True))
    pages = sum(len(document.pages) for document in documents)
    verdict = "\n".join(_verdict(rounds, run.way) for run in rounds[0] if run.way.startswith("raw loop"))
    intro = f"{options.rounds} interleaved rounds over {len(documents)} documents of {pages} pages, `ocr=always`."
    report = f"# Throughput\n\n{intro}\n\n{table(rounds)}\n\n{verdict}\n"
    print(report)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "throughput.md").write_text(report, encoding="utf-8")
    (options.out / "throughput.json").write_text(
        json.dumps([[asdict(run) for run in runs] for runs in rounds], indent=1)
    )
    return 0


def _verdict(rounds: Sequence[Sequence[Run]], base: str) -> str:
    """The busy server against one of the raw loops."""
    busy = next(run.way for run in rounds[0] if "8 callers" in run.way)
    reached = median(ratios(rounds, busy, base))
    return f"- {busy}: {reached:.3f} of the {base}; target {TARGET}: {'met' if reached >= TARGET else 'MISSED'}"


if __name__ == "__main__":
    raise SystemExit(main())
