"""The command line: `serve`, `consume`, `job [FILE]`, `parse FILE…`, `settings`, `key NAME`.

Results go to stdout, progress to stderr where it is a terminal.

Exit codes: 0 done, 2 usage, 65 refused document, 70 our failure, 75 try again later.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from function.doors import parse_command
from function.doors.arguments import parser
from function.errors import EXIT_DONE, EXIT_USAGE
from function.settings import Settings, SettingsError, describe, unknown_variables


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has seen enough (`… | head`). What is left must go nowhere, or Python complains at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(options: argparse.Namespace) -> int:
    if options.command == "settings":
        return _print_settings()
    if options.command == "key":
        return _make_key(options)
    settings = Settings.from_environment()
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
    return parse_command.parse(settings, options)


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
