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
from bench.server import Server
from bench.throughput.measure import Run, measure
from bench.throughput.peers import Talk
from bench.throughput.report import ratios, table

#: The ratio to the raw loop that the server is to reach with most callers.
TARGET = 0.95
#: The ratios to other people's services, with one caller and with several.
PEER_TARGETS = {"PaddleX serving": (1.0, 3.0), "RapidOCR API": (1.0, 2.5)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write `throughput.md` and `throughput.json`."""
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds (5)")
    parser.add_argument("--documents", type=int, default=16, help="how many; about 2 pages each (16)")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 8], metavar="N", help="at once (1 8)")
    parser.add_argument(
        "--peers", action="store_true", help="PaddleX serving and RapidOCR's API besides; pictures of one page alone"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/throughput"))
    options = parser.parse_args(arguments)
    made = synthetic.images if options.peers else synthetic.documents
    documents = list(islice(made(options.seed), options.documents))
    rounds = measure(
        documents,
        rounds=options.rounds,
        callers=options.callers,
        peers=_peers() if options.peers else (),
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    pages = sum(len(document.pages) for document in documents)
    verdict = "\n".join(verdicts(rounds, options.callers))
    intro = f"{options.rounds} interleaved rounds over {len(documents)} documents of {pages} pages, `ocr=always`."
    report = f"# Throughput\n\n{intro}\n\n{table(rounds)}\n\n{verdict}\n"
    print(report)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "throughput.md").write_text(report, encoding="utf-8")
    (options.out / "throughput.json").write_text(
        json.dumps([[asdict(run) for run in runs] for runs in rounds], indent=1)
    )
    return 0


def _peers() -> list[tuple[str, Server, Talk]]:
    from bench.throughput.peers import services

    return services()


def verdicts(rounds: Sequence[Sequence[Run]], callers: Sequence[int]) -> list[str]:
    """Each target that this run can tell of, met or missed."""
    names = {run.way for runs in rounds for run in runs}
    told = []
    for count in callers:
        ours = f"server, {count} caller{'s' * (count > 1)}"
        targets = [(base, TARGET) for base in sorted(names) if base.startswith("raw loop") and count == max(callers)]
        theirs = [(ours.replace("server", peer), least[count > 1]) for peer, least in PEER_TARGETS.items()]
        for base, target in targets + [(base, target) for base, target in theirs if base in names]:
            reached = median(ratios(rounds, ours, base))
            verdict = "met" if reached >= target else "MISSED"
            told.append(f"- {ours}: {reached:.3f} of {base}; target {target:g}: {verdict}")
    return told


if __name__ == "__main__":
    raise SystemExit(main())
