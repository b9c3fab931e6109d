"""The command line of `python -m events`: `samples`, `send`, `replay`, `reconcile`.

Exit codes: 0 done, 2 usage, 65 refused, 75 try again later (or overdue), 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from function.errors import BadRequest, OcrError
from function.settings import Settings, SettingsError

EXIT_USAGE = 2
ENDS = "Exit status: 0 done, 2 usage, 65 refused, 75 try again later (or overdue), 130 interrupted."


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "samples": _samples, "send": _send, "replay": _replay, "reconcile": _reconcile,
    }  # fmt: skip
    try:
        return commands[options.command](options)
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_USAGE
    except OcrError as problem:
        sys.stderr.write(f"{problem.title}: {problem.detail}. {problem.remedy}\n")
        return problem.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our list has read enough
        return 0


def _samples(options: argparse.Namespace) -> int:
    from function.doors.event_tools import samples

    sys.stdout.write(samples.shown(options.name) if options.name else samples.listed())
    return 0


def _send(options: argparse.Namespace) -> int:
    from events.posting import address_problem
    from function.doors.event_tools import samples

    if problem := address_problem(options.to):
        raise BadRequest(f"--to: {problem}", remedy="Give --to as http://HOST:PORT/PATH.")
    request = samples.request_of(options.message, mode=options.mode, hook=options.hook)
    ca_certs = Settings.from_environment().ca_certs
    return samples.print_reply(
        samples.posted(request, options.to, options.header, seconds=options.timeout, ca_certs=ca_certs)
    )


def _replay(options: argparse.Namespace) -> int:
    from function.doors.event_tools import runs

    return runs.replay(options)


def _reconcile(options: argparse.Namespace) -> int:
    from function.doors.event_tools import runs

    return runs.reconcile(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m events", description="Send, replay and reconcile events.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, short: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=short, description=f"{short[0].upper()}{short[1:]}.", epilog=ENDS)

    samples = add("samples", "list the samples, one a sender's shape, or print one")
    samples.add_argument("name", nargs="?", metavar="NAME", help="of the one to print; without it all are listed")
    _add_send(add("send", "post one message as its sender would, and print the reply"))
    _add_replay(add("replay", "send archived events, such as dead letters, again"))
    _add_reconcile(add("reconcile", "find uploads without a result, and send their events"))
    return parser


def _add_send(send: argparse.ArgumentParser) -> None:
    send.add_argument("message", metavar="FILE|SAMPLE", help="a sample's name, or a file: CloudEvent, batch, webhook")
    send.add_argument("--to", required=True, metavar="URL", help="of the function; its path follows from the sender")
    send.add_argument(
        "--mode", default="", choices=["hook", "binary", "structured", "batched"],
        help="as its sender's webhook, or as a CloudEvent of this mode (default: as it would come by itself)",
    )  # fmt: skip
    send.add_argument("--hook", default="", metavar="SENDER", help="FILE is the body of this sender's webhook")
    send.add_argument(
        "--header", action="append", default=[], type=_header, metavar="'NAME: VALUE'", help="may be repeated"
    )  # fmt: skip
    send.add_argument("--timeout", type=_positive, default=330.0, metavar="SECONDS", help="of the reply (330)")


def _add_replay(replay: argparse.ArgumentParser) -> None:
    replay.add_argument(
        "source", metavar="SOURCE", help="a file, - (standard input), a folder, s3://bucket/prefix, file:///folder, or "
        "`deadletters`: those below OCR_RESULTS",
    )  # fmt: skip
    _add_sending(replay, concurrency=4)
    replay.add_argument("--since", type=_when, metavar="TIME", help="not older; 2026-03-01T08:00Z, 2026-03-01, 12h, 7d")
    replay.add_argument("--until", type=_when, metavar="TIME", help="older than this")
    replay.add_argument("--type", action="append", default=[], metavar="GLOB", help="of the event; may be repeated")
    replay.add_argument("--subject", action="append", default=[], metavar="GLOB", help="likewise; `scans/*.pdf`")
    replay.add_argument("--state", type=Path, metavar="FILE", help="remembers what was accepted, to go on later")
    replay.add_argument("--dry-run", action="store_true", help="only list what would be sent")


def _add_reconcile(reconcile: argparse.ArgumentParser) -> None:
    reconcile.add_argument("--inbox", default="", metavar="PLACES", help="as the function's OCR_INBOX (default: it)")
    reconcile.add_argument("--results", default="", metavar="PLACE", help="as the function's OCR_RESULTS (default: it)")
    _add_sending(reconcile, concurrency=8)
    reconcile.add_argument("--refused", action="store_true", help="send what was refused again, too")
    reconcile.add_argument(
        "--grace", type=_seconds, default=0.0, metavar="SECONDS", help="leave younger uploads to their own events (0)"
    )
    reconcile.add_argument(
        "--overdue", type=_seconds, metavar="SECONDS", help="exit with 75 if an upload is unanswered for longer"
    )
    reconcile.add_argument("--thorough", action="store_true", help="ask every result which version it is about")
    reconcile.add_argument(
        "--clean",
        action="store_true",
        help="then remove leftover parts of split documents, and ended jobs",
    )
    reconcile.add_argument(
        "--older", type=_seconds, default=604_800.0, metavar="SECONDS", help="of what --clean removes (604800: a week)"
    )
    reconcile.add_argument("--metrics", type=Path, metavar="FILE", help="write Prometheus metrics (FILE.prom)")
    reconcile.add_argument("--dry-run", action="store_true", help="only list, even where a sink is set")


def _add_sending(parser: argparse.ArgumentParser, *, concurrency: int) -> None:
    parser.add_argument("--to", default="", metavar="URL", help="where events go (default: K_SINK)")
    parser.add_argument(
        "--token-file", default="", metavar="FILE", help="token to show there (default: OCR_SINK_TOKEN_FILE for K_SINK)"
    )
    parser.add_argument("--rate", type=_seconds, default=0.0, metavar="N", help="events a second (0: no limit)")
    parser.add_argument(
        "--concurrency", type=_count, default=concurrency, metavar="N", help=f"events at once ({concurrency})"
    )
    parser.add_argument("--tries", type=_count, default=5, metavar="N", help="of an event, with growing pauses (5)")
    parser.add_argument("--timeout", type=_positive, default=330.0, metavar="SECONDS", help="of one try (330)")


def _when(text: str) -> object:
    from function.doors.event_tools.choice import when

    try:
        return when(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write 2026-03-01, 2026-03-01T08:00:00Z, or how long ago: 90s, 30m, 12h, 7d"
        ) from None


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is no header; write 'Name: value'")
    return name.strip(), value.strip()


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 0 or more")
    return value


def _positive(text: str) -> float:
    if value := _seconds(text):
        return value
    raise argparse.ArgumentTypeError("0 leaves no time at all; give seconds")
