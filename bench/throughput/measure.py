"""Every way of reading the same documents, round by round."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import load, processes, synthetic
from bench.accuracy import metrics
from bench.client import Answer, Client
from bench.server import Server
from bench.throughput.peers import Talk

_ROOT = Path(__file__).resolve().parents[2]
_RAW_LOOP = (sys.executable, "-m", "bench.throughput.raw_loop")
_SERVER = {"OCR_SLOTS": "8", "OCR_ADMISSION_SECONDS": "600", "OCR_REQUEST_SECONDS": "3600"}


@dataclass(frozen=True)
class Run:
    """One way, one round.

    Attributes:
        way: its name.
        pages: read.
        seconds: wall clock.
        cpu_seconds: of the process and its descendants.
        peak_rss: the same, bytes.
        latencies: a document each, seconds.
        failed: documents without an answer 200.
        word_f1: of what was read against what was drawn, any order; None where the way gives no text.
    """

    way: str
    pages: int
    seconds: float
    cpu_seconds: float
    peak_rss: int
    latencies: list[float] = field(default_factory=list)
    failed: int = 0
    word_f1: float | None = None

    @property
    def pages_a_second(self) -> float:
        """Throughput."""
        return self.pages / self.seconds


class RawLoop:
    """The child of `raw_loop`, loaded once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child = subprocess.Popen(
            _RAW_LOOP,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.max_batch = int(self._answer()["max_batch"])

    def run(self, way: str, batch: int) -> Run:
        """Read every document once."""
        cpu = processes.cpu_seconds(self._child.pid)
        with processes.PeakRss(self._child.pid) as peak:
            assert self._child.stdin
            print(json.dumps({"folder": str(self._folder), "batch": batch}), file=self._child.stdin, flush=True)
            answer = self._answer()
        used = processes.cpu_seconds(self._child.pid) - cpu
        return Run(way, answer["pages"], answer["seconds"], used, peak.bytes)

    def close(self) -> None:
        """End the child."""
        assert self._child.stdin
        self._child.stdin.close()
        self._child.wait(60)
        assert self._child.stdout
        self._child.stdout.close()

    def _answer(self) -> dict[str, Any]:
        assert self._child.stdout
        line = self._child.stdout.readline()
        if not line:
            code = self._child.wait()
            self.close()
            raise RuntimeError(f"the raw loop ended with {code}; its error stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer


def _parse(client: Client, document: synthetic.Synthetic) -> Answer:
    return client.parse(document.content, name=document.name, format="json", ocr="always")


def _texts(answer: Answer) -> list[str]:
    return ["\n".join(block["text"] for block in page["blocks"]) for page in answer.json()["pages"]]


OURS = Talk(_parse, _texts)


def over_http(
    server: Server, documents: Sequence[synthetic.Synthetic], way: str, callers: int, talk: Talk = OURS
) -> Run:
    """Send every document once."""
    cpu = processes.cpu_seconds(server.pid)
    with processes.PeakRss(server.pid) as peak:
        sent = load.send(server.url, documents, callers=callers, call=talk.call)
    used = processes.cpu_seconds(server.pid) - cpu
    read = [talk.texts(answer) if answer.status == 200 else [] for answer in sent.answers]
    f1 = [metrics.score(document.pages, pages).f1_free for document, pages in zip(documents, read, strict=True)]
    return Run(
        way,
        sum(map(len, read)),
        sent.seconds,
        used,
        peak.bytes,
        [answer.seconds for answer in sent.answers],
        sent.failed,
        sum(f1) / len(f1),
    )


def measure(
    documents: Sequence[synthetic.Synthetic],
    *,
    rounds: int,
    callers: Sequence[int] = (1, 8),
    settings: dict[str, str] | None = None,
    peers: Sequence[tuple[str, Server, Talk]] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> list[list[Run]]:
    """Every way once a round, each round beginning with another way; one round more, uncounted, warms all of them."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        for document in documents:
            (folder / document.name).write_bytes(document.content)
        raw = RawLoop(folder)
        stack.callback(raw.close)
        server = stack.enter_context(Server({**_SERVER, **(settings or {})}))
        ways: list[Callable[[], Run]] = [
            lambda: raw.run("raw loop", 1),
            lambda: raw.run(f"raw loop, batches of {raw.max_batch}", raw.max_batch),
            *(_way("server", server, documents, count, OURS) for count in callers),
        ]
        for peer, theirs, talk in peers:
            stack.enter_context(theirs)
            ways += [_way(peer, theirs, documents, count, talk) for count in callers]
        found = []
        for number in range(rounds + 1):
            first = number % len(ways)
            runs = [way() for way in [*ways[first:], *ways[:first]]]
            told = ", ".join(f"{run.way} {run.pages_a_second:.2f}" for run in runs)
            tell(f"round {number}/{rounds}{' (warming)' if not number else ''}, pages/s: {told}")
            found.append(runs)
        return found[1:]


def _way(
    name: str, server: Server, documents: Sequence[synthetic.Synthetic], callers: int, talk: Talk
) -> Callable[[], Run]:
    return lambda: over_http(server, documents, f"{name}, {callers} caller{'s' * (callers > 1)}", callers, talk)
