"""`python -m bench.throughput`: measure, print the table, draw it, keep both after each round."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path

from bench import born_digital, synthetic
from bench.throughput.chart import chart
from bench.throughput.measure import Bounds, Run, Work, measure
from bench.throughput.peers import services
from bench.throughput.report import table, verdicts

_TESSERACT = ("Tesseract", (sys.executable, "-m", "bench.throughput.tesseract_loop"), (1, 8))
_PEERS = ("paddlex", "rapidocr", "tesseract")
_DIGITAL_PAGES = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write `throughput.md`, `throughput.svg` and `throughput.json`."""
    options = _options(arguments)
    # Other people's services take no TIFF, and of PDFs some take none.
    made = synthetic.images if options.peers else synthetic.documents
    work = Work(
        list(islice(made(options.seed), options.documents)),
        list(islice(born_digital.documents(options.seed, pages=_DIGITAL_PAGES), options.digital)),
        options.callers,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    rounds = measure(
        work,
        Bounds(options.rounds, options.minutes),
        peers=services([name for name in options.peers if name != "tesseract"]),
        loops=_loops(options.peers),
        done=partial(_keep, options.out, work),
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(_report(work, rounds))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds at most (5)")
    parser.add_argument("--minutes", type=float, default=18.0, help="begin no round that would end later (18)")
    parser.add_argument("--documents", type=int, default=16, help="how many (16)")
    parser.add_argument("--digital", type=int, default=4, help="PDFs of 3 pages with a text layer (4)")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 8, 32], metavar="N", help="at once (1 8 32)")
    parser.add_argument(
        "--peers", nargs="*", default=list(_PEERS), choices=_PEERS,
        help="others to measure beside (all); with none, documents of several pages are read, too",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/throughput"))
    return parser.parse_args(arguments)


def _loops(peers: Sequence[str]) -> list[tuple[str, Sequence[str], Sequence[int]]]:
    if "tesseract" not in peers:
        return []
    if shutil.which("tesseract") is None:
        print("Tesseract is left out: apt-get install tesseract-ocr", file=sys.stderr)
        return []
    return [_TESSERACT]


def _keep(out: Path, work: Work, rounds: list[list[Run]]) -> None:
    (out / "throughput.md").write_text(_report(work, rounds), encoding="utf-8")
    (out / "throughput.svg").write_text(chart(rounds), encoding="utf-8")
    told = [[asdict(run) for run in runs] for runs in rounds]
    (out / "throughput.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


def _report(work: Work, rounds: list[list[Run]]) -> str:
    pages = sum(len(document.pages) for document in work.documents)
    intro = f"{len(rounds)} interleaved rounds over {len(work.documents)} documents of {pages} pages, `ocr=always`"
    if work.digital:
        intro += f"; and {len(work.digital)} PDFs of {_DIGITAL_PAGES} pages with a text layer, `ocr=auto`"
    verdict = "\n".join(verdicts(rounds, work.callers))
    return f"# Throughput\n\n{intro}.\n\n{table(rounds)}\n\n{verdict}\n"


if __name__ == "__main__":
    raise SystemExit(main())
