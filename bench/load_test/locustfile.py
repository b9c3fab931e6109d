"""What Locust runs, in an environment of its own: users who send documents, think, and come back when they are told.

One line of JSON for each answer goes to `samples.jsonl` in the folder that `--folder` names. Of ours it imports only
files that need the standard library alone.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode

from locust import FastHttpUser, LoadTestShape, constant, events, task  # type: ignore[import-not-found]

from bench.load_test.stages import RECOVERY, Stage, at
from bench.load_test.words import found

_BOUNDARY = "zeropage-load-41c07be2"
_AT_ONCE = 10_000.0  # users a second: Locust lets them go at the rate at which it lets them come
_EMPTY = 1.5  # seconds between the crowd's end and the newcomers; Locust asks once a second
_NO_HINT = 1.0  # seconds before a caller who was turned away without Retry-After comes again


class _Run:
    """What all users share: the plan, the documents, the file of samples."""

    plan: list[Stage]
    kinds: list[dict[str, Any]]
    turns: list[int]
    think: tuple[float, float]
    key: str
    samples: IO[str]
    began: float | None = None


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _arguments(parser: Any) -> None:
    parser.add_argument("--folder", required=True)


@events.init.add_listener  # type: ignore[untyped-decorator]
def _load(environment: Any, **_: Any) -> None:
    folder = Path(environment.parsed_options.folder)
    told = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    _Run.plan = [Stage(**stage) for stage in told["stages"]]
    _Run.think = tuple(told["think"])
    _Run.key = told["key"]
    _Run.kinds = json.loads((folder / "mix.json").read_text(encoding="utf-8"))
    _Run.turns = [0] * len(_Run.kinds)
    for kind in _Run.kinds:
        for document in kind["documents"]:
            document["body"] = _form(Path(document["file"]))
    _Run.samples = (folder / "samples.jsonl").open("w", encoding="utf-8", buffering=1)


def _form(path: Path) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{quote(path.name)}"\r\n\r\n'
    return head.encode() + path.read_bytes() + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _choose() -> tuple[dict[str, Any], dict[str, Any]]:
    """A kind by chance, its next document in turn."""
    index = random.choices(range(len(_Run.kinds)), [kind["share"] for kind in _Run.kinds])[0]
    kind = _Run.kinds[index]
    _Run.turns[index] += 1
    return kind, kind["documents"][(_Run.turns[index] - 1) % len(kind["documents"])]


class _Person(FastHttpUser):  # type: ignore[misc] # Locust is not installed where types are checked
    """Sends, reads the answer, thinks; told to come back later, does so with the same document."""

    abstract = True
    wait_time = constant(0)
    network_timeout = connection_timeout = 600.0
    max_retries = 0

    @task  # type: ignore[untyped-decorator]
    def read_one(self) -> None:
        """One document until it is answered, and the pause behind it."""
        kind, document = _choose()
        tries = 0
        while (wait := self._send(kind, document, tries)) is not None:
            tries += 1
            time.sleep(wait)
        time.sleep(random.uniform(*_Run.think))

    def _send(self, kind: dict[str, Any], document: dict[str, Any], tries: int) -> float | None:
        """Seconds after which to come again; None where it was answered, well or badly."""
        headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        if _Run.key:
            headers["Authorization"] = f"Bearer {_Run.key}"
        path = f"/v1/parse?{urlencode({**kind['options'], 'format': 'json'})}"
        began = time.time()
        with self.client.post(
            path, document["body"], headers=headers, name=kind["name"], catch_response=True
        ) as answer:
            seconds = time.time() - began
            sample = {
                "at": began,
                "seconds": seconds,
                "kind": kind["name"],
                "status": answer.status_code,
                "tries": tries,
            }
            waits = answer.headers.get("Retry-After", "") if answer.headers else ""
            if answer.status_code == 200:
                sample.update(_judged(kind, document, answer.content))
            else:
                sample["why"] = (
                    str(answer.error or "") + " " + (answer.content or b"")[:200].decode(errors="replace")
                ).strip()
            if answer.status_code == 429:
                sample["retry_after"] = float(waits) if waits.isdigit() else None
            answer.success() if answer.status_code in (200, 429) else answer.failure(str(answer.status_code))
        _Run.samples.write(json.dumps(sample) + "\n")
        if answer.status_code != 429:
            return None
        return sample["retry_after"] or _NO_HINT


def _judged(kind: dict[str, Any], document: dict[str, Any], content: bytes) -> dict[str, Any]:
    """What an answer holds, and whether it is right."""
    try:
        told = json.loads(content)
        pages = told["pages"]
        share = found(document["words"], "\n".join(block["text"] for page in pages for block in page["blocks"]))
    except (ValueError, KeyError, TypeError) as problem:
        return {"right": False, "why": f"no result: {type(problem).__name__}: {problem}"}
    right = share >= kind["least"] and not any(page.get("error") for page in pages)
    judged = {
        "right": right,
        "rungs": [page["rung"] for page in pages],
        "cached": bool(told.get("cached")),
        "cpu": told["cost"]["cpu_seconds"],
        "gpu": told["cost"]["gpu_seconds"],
        "service": told["timings"].get("total"),
    }
    return judged if right else {**judged, "why": f"{share:.0%} of the expected words"}


class User(_Person):
    """One of the crowd."""


class Newcomer(_Person):
    """Comes when the crowd has gone: nobody told it to wait."""


class Stages(LoadTestShape):  # type: ignore[misc]
    """As many users as the plan says; those of the crowd leave before the newcomers come."""

    use_common_options = False

    def tick(self) -> tuple[int, float, list[type]] | None:
        """Users, how many may come a second, and of which class; None ends the run."""
        if _Run.began is None:
            _Run.began = time.time()
            _Run.samples.write(json.dumps({"began": _Run.began}) + "\n")
        found_ = at(_Run.plan, time.time() - _Run.began)
        if found_ is None:
            return None
        stage, within = found_
        if stage.name == RECOVERY:
            # Locust would keep some of the crowd, asleep until they may come again, and count them as newcomers.
            return (stage.users, _AT_ONCE, [Newcomer]) if within >= _EMPTY else (0, _AT_ONCE, [User])
        return stage.users, max(1.0, stage.users / stage.ramp) if stage.ramp else _AT_ONCE, [User]
