"""`python -m warmup report [FILE…]`: where the seconds of a cold start went, drawn in the terminal and as SVG."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from warmup.errors import WarmupError
from warmup.report_chart import chart
from warmup.report_starts import ColdStart, fetched, starts
from warmup.report_svg import svg


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code: 0, 2 for a wrong call, 70 where there is nothing to draw."""
    options = _parser().parse_args(arguments)
    try:
        found = _found(options.files, options.url, options.last)
        if not found:
            raise WarmupError(
                'there is no cold start here. It is the log line with "event": "cold_start" (OCR_LOG_FORMAT=json), and '
                "part of what GET /readyz answers."
            )
        sys.stdout.write(_drawn(found, options.width or shutil.get_terminal_size((100, 24)).columns))
        if options.svg:
            _write(options.svg, svg(found[-2:]))
    except WarmupError as problem:
        sys.stderr.write(f"{problem}\n")
        return 70
    except OSError as problem:
        sys.stderr.write(f"{problem.filename}: {problem.strerror}. Name a file that is there and may be used.\n")
        return 70
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m warmup report", description="Draw cold starts; two of them side by side, with the differences."
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="logs as JSON lines; - or none is standard input")
    parser.add_argument("--url", action="append", default=[], help="of a running function's /readyz")
    parser.add_argument("--last", type=int, default=1, metavar="N", help="how many starts of each FILE (default: 1)")
    parser.add_argument("--svg", metavar="OUT.svg", type=Path, help="draw it there, too: the last two starts at most")
    parser.add_argument("--width", type=int, default=0, help="of the chart in characters (default: the terminal's)")
    return parser


def _found(files: Sequence[str], urls: Sequence[str], last: int) -> list[ColdStart]:
    found: list[ColdStart] = []
    for name in files or ([] if urls else ["-"]):
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8", errors="replace")
        source = "standard input" if name == "-" else name
        here = starts(text, source)[-max(1, last) :]
        if not here and len(files) + len(urls) > 1:
            sys.stderr.write(f"{source}: skipped, for there is no cold start in it.\n")
        found += here
    for url in urls:
        found += fetched(url)
    return found


def _drawn(found: Sequence[ColdStart], width: int) -> str:
    plain = "utf" not in (sys.stdout.encoding or "").lower()
    if len(found) == 2:
        return chart(found, width=width, plain=plain)
    return "\n".join(chart([start], width=width, plain=plain) for start in found)


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    sys.stderr.write(f"{path} written\n")
