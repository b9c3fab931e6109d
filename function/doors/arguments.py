"""What can be said to `python -m function`, and what its --help tells of each command."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from function.doors import parse_command

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

SERVE = """\
Serve HTTP on PORT (8080) until SIGTERM. The port opens at once; GET /readyz answers 200 once documents can be read.
After SIGTERM the port is closed, and what was accepted is finished, for OCR_REQUEST_SECONDS at most."""
CONSUME = """\
Read the uploads that messages of RabbitMQ tell of (OCR_QUEUE_URL, OCR_QUEUE_NAME) until SIGTERM, OCR_SLOTS at once,
from OCR_INBOX into OCR_RESULTS. PORT serves /healthz, /readyz and /metrics. What is being read at SIGTERM is finished,
for OCR_REQUEST_SECONDS at most; the rest stays in the queue. Needs the package pika (extra `queue`)."""
JOB = """\
Read the upload that one CloudEvent tells of, from OCR_INBOX into OCR_RESULTS, and end; as Knative's JobSink has it."""
SETTINGS = """\
Print every setting: its variable, its present value, its default, its unit and its meaning. Variables that begin with
OCR_ and are none are told on stderr. Secrets are never shown."""
KEY = """\
Make an API key. Its line, with a hash of it and never the key, goes to stdout, to be appended to the file that
OCR_API_KEYS_FILE names; the key itself, once, to stderr. A running function reads that file again when it changes."""
DEMO = """\
Start an embedded S3 and the function beside it, upload FILEs, print their results, and stay up until Ctrl-C."""


def parser() -> argparse.ArgumentParser:
    """Of the whole command line."""
    whole = argparse.ArgumentParser(prog="python -m function", description="Read documents: PDF or image in, text out.")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serving(commands)
    _add_job(commands)
    _add(
        commands, "settings", "every setting with its value, default, unit and meaning", SETTINGS,
        ["0   printed", "2   a value is wrong: the line on stderr names it"],
        "python -m function settings | grep LADDER",
    )  # fmt: skip
    _add_key(commands)
    _add_demo(commands)
    parse_command.add_to(commands)
    return whole


def _add(
    commands: _Commands, name: str, short: str, about: str, ends: list[str], example: str
) -> argparse.ArgumentParser:
    status = "\n  ".join(["exit status:", *ends])
    others = "environment:\n  OCR_* variables: python -m function settings"
    return commands.add_parser(
        name,
        help=short,
        description=about,
        epilog=f"{others}\n\n{status}\n\nexample:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_serving(commands: _Commands) -> None:
    _add(
        commands, "serve", "serve HTTP on PORT until SIGTERM", SERVE,
        ["0   ended by SIGTERM", "2   a setting is wrong", "3   the start failed", "70  PORT cannot be opened"],
        "OCR_HOST=127.0.0.1 PORT=8080 python -m function serve",
    )  # fmt: skip
    _add(
        commands, "consume", "read uploads told of by a queue of RabbitMQ (OCR_QUEUE_URL) until SIGTERM", CONSUME,
        ["0   ended by SIGTERM", "2   a setting is wrong, or pika is missing", "70  the start failed",
         "75  not all could be finished in time after SIGTERM: it is delivered again"],
        "OCR_QUEUE_URL=amqp://USER:PASSWORD@HOST:5672/VHOST python -m function consume",
    )  # fmt: skip


def _add_job(commands: _Commands) -> None:
    job = _add(
        commands, "job", "read the upload that one CloudEvent tells of, as Knative's JobSink starts it", JOB,
        ["0   the result stands, or nothing was to be done", "2   a setting is wrong, or the file holds no event",
         "65  refused", "70  our failure", "75  try again later"],
        "python -m function job event.json",
    )  # fmt: skip
    job.add_argument(
        "event", nargs="?", default="", metavar="FILE", help="the event in the JSON format (default: K_EVENT_PATH)"
    )


def _add_key(commands: _Commands) -> None:
    key = _add(
        commands, "key", "make an API key: its line for OCR_API_KEYS_FILE on stdout, the key itself, once, on stderr",
        KEY, ["0   made", "2   a wrong name, rate or tenant: nothing was made"],
        "python -m function key alice --rate 60 --tenant acme >> keys",
    )  # fmt: skip
    key.add_argument("name", metavar="NAME", help="of the caller; stands in log lines")
    key.add_argument("--rate", type=int, default=0, metavar="N", help="requests a minute, by instance; 0: no limit")
    key.add_argument("--tenant", default="", metavar="NAME", help="whom the caller belongs to; stands in log lines")


def _add_demo(commands: _Commands) -> None:
    demo = _add(
        commands, "demo", "an embedded S3, the function beside it, FILEs uploaded and their results", DEMO,
        ["0   done", "2   a setting is wrong", "70  our failure, or a port is taken"],
        "python -m function demo --once warmup/pages/english.pdf",
    )  # fmt: skip
    demo.add_argument("files", nargs="*", metavar="FILE", type=Path, help="to be uploaded; none: the store stays empty")
    demo.add_argument("--store-port", type=int, default=9000, metavar="PORT", help="of the S3 (9000); 0: a free one")
    demo.add_argument("--once", action="store_true", help="end after the FILEs instead of staying up")
