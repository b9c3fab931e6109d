"""The command line: `serve`, `consume`, `job [FILE]`, `parse FILE…`, `settings`, `key NAME`.

Results go to stdout, progress to stderr where it is a terminal.

Exit codes: 0 done, 2 usage, 65 refused document, 70 our failure, 75 try again later.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from function.errors import EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, EXIT_TRY_AGAIN, EXIT_USAGE, OcrError
from function.settings import Settings, SettingsError, describe, unknown_variables

#: Of several files the gravest end is the command's: ours before later, later before refused.
_GRAVITY = (EXIT_FAILED, EXIT_TRY_AGAIN, EXIT_REFUSED, EXIT_USAGE, EXIT_DONE)
_FORMATS = ("text", "markdown", "json", "html", "hocr", "alto", "zip", "docx", "pdf")


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "settings":
            return _print_settings()
        if options.command == "key":
            return _make_key(options)
        return _run(Settings.from_environment(), options)
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return 130


def _run(settings: Settings, options: argparse.Namespace) -> int:
    if options.command == "serve":
        from function.doors.serve import serve
        from function.wiring import check

        check(settings)
        return serve(settings)
    if options.command == "consume":
        return _consume(settings)
    if options.command == "job":
        from function.doors.job_command import job

        return job(settings, options.event)
    if options.command == "demo":
        from function.doors.demo.run import run

        return run(options.files, port=settings.port, store_port=options.store_port, stay=not options.once)
    return _parse(settings, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m function", description="Read documents: PDF or image in, text out."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="serve HTTP on PORT until SIGTERM")
    commands.add_parser("consume", help="read uploads told of by a queue of RabbitMQ (OCR_QUEUE_URL) until SIGTERM")
    job = commands.add_parser(
        "job",
        help="read the upload that one CloudEvent tells of, as Knative's JobSink starts it",
        description="Read the upload that one CloudEvent tells of. Exit codes: 0 done, 65 refused, 70 our failure, "
        "75 try again later.",
    )
    job.add_argument(
        "event", nargs="?", default="", metavar="FILE", help="the event in the JSON format (default: K_EVENT_PATH)"
    )
    commands.add_parser("settings", help="every setting with its value, default, unit and meaning")
    key = commands.add_parser(
        "key",
        help="make an API key: its line for OCR_API_KEYS_FILE on stdout, the key itself, once, on stderr",
        description="Make an API key. Its line goes to stdout (>> keys), the key itself, once, to stderr.",
    )
    key.add_argument("name", metavar="NAME", help="of the caller; stands in log lines")
    key.add_argument("--rate", type=int, default=0, help="requests a minute, counted by each instance; 0: no limit")
    key.add_argument("--tenant", default="", help="whom the caller belongs to; stands in log lines")
    demo = commands.add_parser("demo", help="an embedded S3, the function beside it, FILEs uploaded and their results")
    demo.add_argument("files", nargs="*", metavar="FILE", type=Path)
    demo.add_argument("--store-port", type=int, default=9000, help="of the embedded S3; 0 takes a free one")
    demo.add_argument("--once", action="store_true", help="end after the FILEs instead of staying up")
    _add_parse(commands.add_parser("parse", help="read files and print their text"))
    return parser


def _add_parse(parse: argparse.ArgumentParser) -> None:
    parse.add_argument("files", nargs="+", metavar="FILE", help="a PDF or an image; - is standard input")
    parse.add_argument("--tier", default="auto", help="auto (default), fast or accurate")
    parse.add_argument("--ocr", default="auto", help="auto (default), always or never")
    parse.add_argument("--pages", default="", help="which, as 1-3,7,9- (default: all)")
    parse.add_argument("--language", default="", help="a tag such as en or zh-Hant; changes nothing yet")
    parse.add_argument(
        "--format",
        default="text",
        choices=_FORMATS,
        help="text (default; a form feed parts the pages), markdown, html, hocr, alto (XML), zip (Markdown and its "
        "figures), docx, pdf (searchable: the FILE's own pages with their text), or json: of one FILE an indented object, "
        "of several one object a line (NDJSON); a FILE that fails prints nothing there, only its reason on stderr",
    )
    parse.add_argument(
        "--output", metavar="FOLDER", type=Path, help="write there (scan.pdf.txt, .md and so on) instead of to stdout"
    )


def _make_key(options: argparse.Namespace) -> int:
    from function import api_keys

    try:
        secret, key = api_keys.make(options.name, rate=options.rate, tenant=options.tenant)
    except ValueError as problem:
        print(f"no key was made: {problem}", file=sys.stderr)
        return EXIT_USAGE
    print(key.line)
    print(f"The key of {key.name}, shown this once: {secret}", file=sys.stderr)
    print("The line on stdout belongs into the file that OCR_API_KEYS_FILE names.", file=sys.stderr)
    return EXIT_DONE


def _print_settings() -> int:
    from function.cache_settings import without_password

    settings = Settings.from_environment()
    for entry in describe():
        value = without_password(str(getattr(settings, entry.field)))
        if entry.secret and value:
            value = "(set, not shown)"
        unit = f" {entry.unit}" if entry.unit else ""
        print(f"{entry.variable}={value}  (default {entry.default!r}{unit}) {entry.meaning}")
    for warning in unknown_variables():
        print(f"warning: {warning}", file=sys.stderr)
    return EXIT_DONE


def _consume(settings: Settings) -> int:
    try:
        from function.doors.consume import consume
    except ModuleNotFoundError as problem:
        if problem.name != "pika":
            raise
        print("consume needs the package pika: install the extra `queue`.", file=sys.stderr)
        return EXIT_USAGE
    return consume(settings)


def _parse(settings: Settings, options: argparse.Namespace) -> int:
    from function.doors.terminal import Terminal
    from function.reading.options import Options
    from function.telemetry import logs
    from function.wiring import build

    logs.configure("error" if settings.log_level == "info" else settings.log_level, settings.log_format)
    terminal = Terminal(options.format, options.output, several=len(options.files) > 1)
    try:
        terminal.check(options.files)
        wanted = Options.parse(
            {"tier": options.tier, "ocr": options.ocr, "pages": options.pages, "language": options.language}
        )
        function = build(settings)
        function.start()
        try:
            function.wait_until_ready()
            ends = {terminal.read(function, name, wanted) for name in options.files}
        finally:
            function.stop()
    except OcrError as problem:
        terminal.complain("", problem)
        return problem.exit_code
    return next(code for code in _GRAVITY if code in ends)
