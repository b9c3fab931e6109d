"""`samples` and `send`: one message a sender's shape, shown, or posted as that sender would."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import responses
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from events import samples
from events.posting import Receiver, Reply
from events.samples import FOLDER, Sample
from function.errors import EXIT_DONE, EXIT_REFUSED, EXIT_TRY_AGAIN, BadRequest

_SHOWN = ("ce-", "content-type", "retry-after", "x-request-id")


@dataclass(frozen=True, slots=True)
class Request:
    """A message, ready to be posted.

    Attributes:
        path: at the function: `/` or `/hooks/SENDER`.
        headers: of it.
        body: of it.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes


def listed() -> str:
    """Every sample with its sender, how it travels and what it comes to, by tabs."""
    rows = [samples.load(name) for name in samples.names()]
    return "".join(
        f"{row.name}\t{row.sender}\t{','.join(row.modes)}\t{', '.join(map(_outcome, row.expect))}\n" for row in rows
    )


def shown(name: str) -> str:
    """A sample's file. Raises BadRequest where there is none."""
    _require(name)
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")


def request_of(name: str, *, mode: str = "", hook: str = "") -> Request:
    """What is to be posted.

    Args:
        name: of a sample; or a file: a sample of one's own, a CloudEvent, a batch of them, or a webhook's body.
        mode: of a sample with several: hook, binary, structured or batched.
        hook: whose webhook a file's body is.

    Raises:
        BadRequest: there is no such sample or file, or it does not travel like that.
    """
    if name in samples.names():
        return _of_sample(samples.load(name), mode)
    path = Path(name)
    try:
        body = path.read_bytes()
    except OSError as problem:
        raise BadRequest(
            f"{name!r} is no sample and no file ({problem.strerror})",
            remedy="`python -m events samples` lists the samples.",
        ) from None
    if hook:
        return Request(f"/hooks/{hook}", {"Content-Type": "application/json"}, body)
    return _of_file(path, body, mode)


def posted(request: Request, url: str, headers: Sequence[tuple[str, str]], *, seconds: float, ca_certs: str) -> Reply:
    """Post it once.

    Args:
        request: what.
        url: where; the request's own path is taken where this has none.
        headers: in place of the request's.
        seconds: how long it may take.
        ca_certs: PEM text, or empty.
    """
    address = url if urlsplit(url).path.strip("/") else url.rstrip("/") + request.path
    given = {name.lower() for name, _ in headers}
    kept = {name: value for name, value in request.headers.items() if name.lower() not in given}
    with Receiver(address, seconds=seconds, ca_certs=ca_certs) as receiver:
        return receiver.post({**kept, **dict(headers)}, request.body)


def print_reply(reply: Reply) -> int:
    """The status, the telling headers and the body, on stdout; the exit code."""
    lines = [f"{reply.status} {responses.get(reply.status, '')}".rstrip() if reply.status else reply.reason]
    lines += [f"{name}: {value}" for name, value in reply.headers.items() if name.lower().startswith(_SHOWN)]
    sys.stdout.write("\n".join(lines) + "\n")
    if reply.body:
        sys.stdout.write(f"\n{reply.body.decode('utf-8', 'replace')}\n")
    if reply.accepted:
        return EXIT_DONE
    return EXIT_TRY_AGAIN if reply.later else EXIT_REFUSED


def _of_sample(sample: Sample, mode: str) -> Request:
    if mode and mode not in sample.modes:
        raise BadRequest(
            f"--mode {mode}: {sample.name} does not travel like that", remedy=f"Choose of: {', '.join(sample.modes)}."
        )
    chosen = mode or sample.modes[0]
    headers, body = sample.message(chosen)
    return Request(f"/hooks/{sample.sender}" if chosen == "hook" else "/", headers, body)


def _of_file(path: Path, body: bytes, mode: str) -> Request:
    try:
        value: Any = json.loads(body)
    except ValueError as problem:
        raise BadRequest(
            f"{str(path)!r} is not JSON ({problem})", remedy="Say whose webhook it is: --hook SENDER."
        ) from None
    if isinstance(value, dict) and {"sender", "modes", "headers", "body"} <= set(value):
        own = Sample(path.stem, value["sender"], tuple(value["modes"]), value["headers"], value["body"], ())
        return _of_sample(own, mode)
    if isinstance(value, dict) and "specversion" in value:
        return Request("/", {"Content-Type": "application/cloudevents+json"}, body)
    if isinstance(value, list):
        return Request("/", {"Content-Type": "application/cloudevents-batch+json"}, body)
    raise BadRequest(
        f"{str(path)!r} is no CloudEvent, batch or sample", remedy="Say whose webhook it is: --hook SENDER."
    )


def _require(name: str) -> None:
    if name not in samples.names():
        raise BadRequest(f"no sample is called {name!r}", remedy="`python -m events samples` lists them.")


def _outcome(expect: Mapping[str, Any]) -> str:
    if "bucket" in expect:
        return "pages" if "first" in expect else "upload"
    return next(f"{word} {expect[word]}" if word != "refused" else word for word in expect)
