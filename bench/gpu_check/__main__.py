"""`make gpu-check`: load the accurate tier, read sample pages, compare, measure, print what to paste into a report.

Settings come from the environment, as ever: OCR_WEIGHTS, OCR_VL_BACKEND, OCR_VL_SERVER_URL; without OCR_ACCURATE_ENGINE
it is paddle_vl that is checked. Exit codes: 0 all was read right, 70 something was not, 75 something is missing here, 2
a setting or an option is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from bench.gpu_check import gpu, run
from bench.gpu_check.missing import missing
from bench.gpu_check.report import block, wrong
from bench.server import ServerEnded
from function.settings import Settings, SettingsError
from function.wiring import check

RIGHT, USAGE, FAILED, ABSENT = 0, 2, 70, 75
PAGES = Path(__file__).resolve().parents[2] / "warmup" / "pages"
#: Print, a table, Chinese, a photograph; upright all of them, for a model that does not turn pages.
NAMES = ("chinese.png", "english.pdf", "photo.jpg", "table.png")


def main(words: Sequence[str] | None = None) -> int:
    """Check; the report goes to standard output, everything else to standard error."""
    told = _arguments(words)
    try:
        settings = Settings.from_environment()
        if settings.accurate_engine == "none":
            settings = replace(settings, accurate_engine="paddle_vl")
        check(settings)
        documents = run.samples(told.documents or PAGES, () if told.documents else NAMES)
    except (SettingsError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return USAGE
    lacking = list(missing(settings, on_cpu=told.cpu))
    if lacking:
        print(
            "gpu-check cannot run here. Missing:", *(f"- {sentence}" for sentence in lacking), sep="\n", file=sys.stderr
        )
        return ABSENT
    try:
        seen = run.check(settings, documents, callers=told.callers, rounds=told.rounds, tell=_tell)
    except ServerEnded as problem:
        print(problem, file=sys.stderr)
        return FAILED
    print(block(seen, settings, gpu.first(), told.most_errors))
    return FAILED if wrong(seen, told.most_errors) else RIGHT


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.gpu_check", description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=Path, help="a folder of documents with NAME.txt beside each (our samples)")
    parser.add_argument("--callers", type=int, default=8, help="documents at once in the last stretch (8)")
    parser.add_argument("--rounds", type=int, default=8, help="how often each is sent in each stretch (8)")
    parser.add_argument("--most-errors", type=float, default=0.1, help="characters that may be wrong, of 1 (0.1)")
    parser.add_argument("--cpu", action="store_true", help="no GPU is wanted: tiny models, or patience")
    return parser.parse_args(words)


if __name__ == "__main__":
    raise SystemExit(main())
