"""`python -m function parse`: what can be said to it, and what it does then."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from function.errors import EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, EXIT_TRY_AGAIN, EXIT_USAGE, BadRequest, OcrError
from function.settings import Settings

if TYPE_CHECKING:
    from function.doors.terminal import Terminal
    from function.reading.options import Options
    from function.wiring import Function

#: Of several files the gravest end is the command's: ours before later, later before refused.
_GRAVITY = (EXIT_FAILED, EXIT_TRY_AGAIN, EXIT_REFUSED, EXIT_USAGE, EXIT_DONE)
FORMATS = ("text", "markdown", "json", "html", "hocr", "alto", "zip", "docx", "pdf")

ABOUT = """\
Read PDFs and images, and print what stands on them.

FILE is a PDF, PNG, JPEG, JPEG 2000, TIFF, WebP, BMP, GIF or PNM, whatever its name; a folder, which stands for all
documents below it; a pattern in quotes, as 'scans/**/*.pdf'; or - for standard input. Results go to stdout, in the
order of the FILEs, or with --output into a folder; problems to stderr, and progress where that is a terminal. A FILE
that fails does not keep the others from being read, and one that is named twice is read once."""
MORE = """\
results:
  With --output a result is called after its document: scan.pdf.txt, scan.pdf.md, scan.pdf.json. Of a folder they keep
  the structure below it, of a pattern that below its part without wildcards: 'scans/**/*.pdf' puts scans/1901/a.pdf at
  1901/a.pdf.txt. Where two FILEs would meet, as 1901/a.pdf and 1902/a.pdf named one by one, all keep their structure
  below the folder they have in common. A result is written whole or not at all, and replaces one of the same name.
  On stdout the text of several FILEs is headed by their names; JSON is one object a line, whose document.name is the
  FILE's path.

watching:
  --watch FOLDER reads every document that is in FOLDER or comes into it, each once, as soon as its size and time stay
  the same for a second. Results stand beside the documents, or below --output. What was refused leaves
  scan.pdf.error.json with the reason; what failed for our reasons is tried again after 30 s. A document that
  changes is read again. Ended by Ctrl-C or SIGTERM, and started again, it goes on where it was.

environment:
  OCR_* variables choose engines, limits and the endings of documents in folders (OCR_SUFFIXES):
  python -m function settings

exit status:
  0   every FILE was read; pages that could not be are told on stderr
  2   a wrong argument, or a FILE that cannot be opened
  65  a FILE was refused: damaged, encrypted, too large, or no document
  70  our failure
  75  try again later
  130 interrupted
  Of several FILEs the gravest counts: 70, then 75, 65, 2.

examples:
  python -m function parse scan.pdf
  python -m function parse scans 'more/*.tif' --format markdown --output out
  python -m function parse --format pdf - < scan.png > searchable.pdf
  python -m function parse --pages 1-3 --ocr always --format json scan.pdf | jq .pages[0].rung
  python -m function parse --watch inbox --format markdown --output outbox"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe it."""
    parse = commands.add_parser(
        "parse",
        help="read files, folders or what comes into a folder, and print their text",
        description=ABOUT,
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="python -m function parse [OPTIONS] FILE...\n       python -m function parse [OPTIONS] --watch FOLDER",
    )
    parse.add_argument("files", nargs="*", metavar="FILE", help="a document, a folder, a pattern, or - for stdin")
    parse.add_argument("--watch", metavar="FOLDER", type=Path, help="read whatever comes into this folder, until ended")
    parse.add_argument(
        "--output", metavar="FOLDER", type=Path, help="write there (scan.pdf.txt, .md and so on) instead of to stdout"
    )
    parse.add_argument(
        "--format",
        default="text",
        choices=FORMATS,
        help="text (default; a form feed parts the pages), markdown, html, hocr, alto (XML), zip (Markdown and its "
        "figures), docx, pdf (searchable: the FILE's own pages with their text), or json: of one FILE an indented "
        "object, of several one object a line (NDJSON), whose document.name is the path; a FILE that fails prints "
        "nothing there, only its reason on stderr",
    )
    parse.add_argument("--pages", default="", help="which, as 1-3,7,9- (default: all)")
    parse.add_argument("--tier", default="auto", help="what may be spent: auto (default), fast or accurate")
    parse.add_argument("--ocr", default="auto", help="whether a text layer is trusted: auto (default), always or never")
    parse.add_argument("--language", default="", help="a tag such as en or zh-Hant; changes nothing yet")


def parse(settings: Settings, options: argparse.Namespace) -> int:
    """Read what was named; returns the exit code."""
    from function.doors.inputs import expanded
    from function.doors.terminal import Terminal
    from function.reading.options import Options
    from function.telemetry import logs

    logs.configure("error" if settings.log_level == "info" else settings.log_level, settings.log_format)
    terminal = Terminal(options.format, options.output, several=False)
    try:
        _require_one_of_both(options)
        wanted = Options.parse({name: getattr(options, name) for name in ("tier", "ocr", "pages", "language")})
        if options.watch is not None:
            return _watch(settings, options, wanted)
        places = expanded(options.files, _suffixes(settings))
        terminal = Terminal(options.format, options.output, several=len(places) > 1, places=places)
        terminal.check()
        return _read(settings, terminal, list(places), wanted)
    except OcrError as problem:
        terminal.complain("", problem)
        return problem.exit_code


def _require_one_of_both(options: argparse.Namespace) -> None:
    if bool(options.files) == (options.watch is not None):
        raise BadRequest("parse takes either FILEs or --watch FOLDER", remedy="See python -m function parse --help.")
    if options.watch is not None and not options.watch.is_dir():
        raise BadRequest(f"--watch {options.watch} is no folder", remedy="Name one that exists.")


def _suffixes(settings: Settings) -> tuple[str, ...]:
    from function.event_settings import listed

    return tuple(suffix.lower() for suffix in listed(settings.suffixes))


def _read(settings: Settings, terminal: Terminal, names: list[str], wanted: Options) -> int:
    with _ready(settings) as function:
        ends = {terminal.read(function, name, wanted) for name in names}
    return next(code for code in _GRAVITY if code in ends)


def _watch(settings: Settings, options: argparse.Namespace, wanted: Options) -> int:
    from function.doors.terminal import Terminal
    from function.doors.watching import Watch
    from function.results.writers import WRITERS

    output = options.output or options.watch

    def read(path: Path, place: str) -> int:
        places: Mapping[str, str] = {str(path): place}
        terminal = Terminal(options.format, output, several=True, places=places, failed=watch.refused)
        return terminal.read(function, str(path), wanted)

    ending = WRITERS[options.format].ending
    Terminal(options.format, output, several=True).check()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _ready(settings) as function:
        watch = Watch(options.watch, output, ending, _suffixes(settings), read)
        try:
            watch.forever()
        except KeyboardInterrupt:
            return EXIT_DONE
    raise AssertionError("a watch is interrupted, or fails")


@contextmanager
def _ready(settings: Settings) -> Iterator[Function]:
    """A function that can read, stopped at the end."""
    from function.wiring import build

    function = build(settings)
    function.start()
    try:
        function.wait_until_ready()
        yield function
    finally:
        function.stop()
