"""`python -m bench.accuracy [FOLDER]`: measure, print the table, write the reports."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.accuracy import corpus, differences, report
from bench.accuracy.cache import Cache
from bench.accuracy.measure import Result, measure
from bench.accuracy.readers.base import Reader, Unavailable
from bench.accuracy.readers.ours import OurReader
from bench.accuracy.readers.rapidocr import RapidOcrReader
from bench.accuracy.readers.tesseract import TesseractReader
from bench.server import ServerEnded

_ROOT = Path(__file__).resolve().parents[2]
#: Documents with ground truth that are no part of the project; its own samples serve where they are absent.
_FOLDERS = (_ROOT.parent / "shared" / "documents" / "good", _ROOT / "warmup" / "pages")

_READERS = "ours, ours-always (ocr=always), rapidocr, rapidocr-nocls (without its line classifier), tesseract"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0, 2 where there is nothing to measure, 70 where our own server does not start."""
    options = _parser().parse_args(arguments)
    try:
        samples = [s for s in corpus.load(options.folder) if options.only in s.name]
        readers = _readers(options)
    except (FileNotFoundError, Unavailable) as problem:
        print(f"bench.accuracy: {problem}", file=sys.stderr)
        return 2
    cache = None if options.fresh else Cache(options.out / "cache")
    versions = {reader.name: reader.version for reader in readers}
    try:
        results = measure(samples, readers, pages=options.pages, cache=cache, tell=_tell)
    except ServerEnded as problem:
        print(f"bench.accuracy: {problem}", file=sys.stderr)
        return 70
    print(report.markdown(results, versions, options.pages))
    _write(options, results, versions)
    return 0


def _write(options: argparse.Namespace, results: list[Result], versions: dict[str, str]) -> None:
    report.write(options.out, results, versions, options.pages)
    differences.write(options.out / "differences.html", results, dpi=options.dpi / 2)
    _tell(f"written: {options.out}/accuracy.md, accuracy.json, differences.html")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _readers(options: argparse.Namespace) -> list[Reader]:
    """Those asked for, as far as they can run here."""
    makers: dict[str, Callable[[], Reader]] = {
        "ours": lambda: OurReader(url=options.url),
        "ours-always": lambda: OurReader(url=options.url, ocr="always"),
        "rapidocr": lambda: RapidOcrReader(dpi=options.dpi),
        "rapidocr-nocls": lambda: RapidOcrReader(dpi=options.dpi, classifier=False),
        "tesseract": lambda: TesseractReader(dpi=options.dpi),
    }
    readers = []
    for name in options.readers.split(","):
        if name not in makers:
            raise Unavailable(f"--readers: there is no {name!r}; known: {', '.join(makers)}")
        reader = makers[name]()
        try:
            reader.version  # noqa: B018 - asks whether it is installed
        except Unavailable as problem:
            _tell(f"{name} is left out: {problem}")
            continue
        readers.append(reader)
    return readers


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    default = next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[-1])
    parser.add_argument("folder", nargs="?", type=Path, default=default, help="documents NAME.EXT with NAME.txt")
    parser.add_argument("--readers", default="ours,rapidocr,tesseract", help=_READERS)
    parser.add_argument("--pages", type=int, default=10, help="at most so many of each document (10)")
    parser.add_argument("--dpi", type=float, default=200.0, help="at which the others draw PDFs (200)")
    parser.add_argument("--only", default="", help="documents whose name contains this")
    parser.add_argument("--url", default="", help="of a running server for ours; by default one is started")
    parser.add_argument("--fresh", action="store_true", help="read everything anew, also what others read before")
    parser.add_argument("--out", type=Path, default=Path("out/accuracy"), help="where reports and readings are kept")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
