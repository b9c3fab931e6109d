"""`python -m bench.ladder [FOLDER …]`: cost against accuracy as the ladder's thresholds move."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.accuracy import corpus
from bench.ladder.pages import NEVER, asking, collect, oracle
from bench.ladder.report import markdown, write
from bench.ladder.sweep import sweep
from bench.server import Server, ServerEnded
from function.reading.accurate.need import Thresholds
from function.settings import Settings, SettingsError
from function.wiring import thresholds_of

_ROOT = Path(__file__).resolve().parents[2]
#: Documents with ground truth that are no part of the project; its own samples serve where they are absent.
_FOLDERS = (_ROOT.parent / "shared" / "documents" / "good", _ROOT / "warmup" / "pages")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0, 2 where there is nothing to measure or a setting is wrong, 70 where our server does not start."""
    options = _parser().parse_args(arguments)
    try:
        folders = options.folder or [next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[-1])]
        samples = [sample for folder in folders for sample in corpus.load(folder) if options.only in sample.name]
        return _report(options, samples, thresholds_of(Settings.from_environment()))
    except (FileNotFoundError, SettingsError) as problem:
        print(f"bench.ladder: {problem}", file=sys.stderr)
        return 2
    except ServerEnded as problem:
        print(f"bench.ladder: {problem}", file=sys.stderr)
        return 70


def _report(options: argparse.Namespace, samples: Sequence[corpus.Sample], thresholds: Thresholds) -> int:
    with ExitStack() as stack:
        url = options.fast or stack.enter_context(Server(NEVER)).url
        fast = asking(url, tier="auto", ocr="always")
        accurate = asking(options.accurate, tier="accurate", ocr="always") if options.accurate else None
        named = (
            f"tier=accurate of {options.accurate}"
            if accurate
            else f"an oracle (the truth), {options.seconds:g} s a page"
        )
        pages = collect(samples, fast, accurate or oracle(options.seconds), pages=options.pages, tell=_tell)
    if not pages:
        print("bench.ladder: no page could be read and compared", file=sys.stderr)
        return 2
    points = sweep(pages, thresholds, bad=options.bad)
    text = markdown(pages, points, named, options.bad, thresholds)
    print(text)
    write(options.out, text, pages, points, f"The ladder on {len(pages)} pages; accurate rung: {named}")
    _tell(f"written: {options.out}/ladder.md, ladder.json, ladder.svg")
    return 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.ladder", description=__doc__)
    parser.add_argument("folder", nargs="*", type=Path, help="documents NAME.EXT with NAME.txt")
    parser.add_argument(
        "--accurate",
        default="",
        metavar="URL",
        help="of a server whose tier=accurate is compared; without it the truth stands in",
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="that the oracle takes for a page (1)")
    parser.add_argument(
        "--fast",
        default="",
        metavar="URL",
        help="of a running server with the environment that bench/README.md tells; by default one is started",
    )
    parser.add_argument("--pages", type=int, default=4, help="at most so many of each document (4)")
    parser.add_argument(
        "--bad", type=float, default=0.05, help="errors a character above which a page was read badly (0.05)"
    )
    parser.add_argument("--only", default="", help="documents whose name contains this")
    parser.add_argument("--out", type=Path, default=Path("out/ladder"), help="where the report is written")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
