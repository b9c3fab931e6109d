"""`python -m bench.probes`: how fast /readyz answers behind Knative's queue-proxy, idle and with every slot reading.

queue-proxy may probe every 50 ms, each time on a new connection, and gives up after 100 ms. Here the same is done while
nothing is read, and while as many callers as there are slots keep the engine and all processors busy, in turn within
one run.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench import processes, synthetic
from bench.client import Client
from bench.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY, LIMIT = 0.050, 0.100
#: What the slowest one of a hundred may take while everything is busy.
TARGET = 0.050
_GIVEN_UP = 10.0


@dataclass(frozen=True)
class Probes:
    """What one stretch of probing found.

    Attributes:
        state: `idle` or `busy`.
        seconds: of each probe, from connecting to the last byte.
        failed: answers other than 200, or none.
        busy: processors kept busy by the server meanwhile.
        answered: documents since the load began.
    """

    state: str
    seconds: tuple[float, ...]
    failed: int
    busy: float
    answered: int


def probe(server: Server, state: str, *, count: int, answered: Sequence[float] = ()) -> Probes:
    """Ask /readyz every 50 ms, or as soon as the one before has come back."""
    seconds, failed = [], 0
    cpu, began = processes.cpu_seconds(server.pid), time.perf_counter()
    for number in range(count):
        time.sleep(max(0.0, began + number * EVERY - time.perf_counter()))
        taken, ok = _one(server.port)
        seconds.append(taken)
        failed += not ok
    whole = time.perf_counter() - began
    used = (processes.cpu_seconds(server.pid) - cpu) / whole
    return Probes(state, tuple(seconds), failed, used, len(answered))


@contextmanager
def load(server: Server, *, callers: int, documents: Sequence[synthetic.Synthetic]) -> Iterator[list[float]]:
    """Callers that send one document after another; yields the growing list of their answers' seconds.

    Raises:
        RuntimeError: a document was answered with anything but 200.
    """
    stop = threading.Event()
    answered: list[float] = []
    wrong: list[str] = []
    numbers = itertools.count()

    def call() -> None:
        with Client(server.url) as client:
            while not stop.is_set() and not wrong:
                document = documents[next(numbers) % len(documents)]
                answer = client.parse(document.content, name=document.name, ocr="always", format="json")
                answered.append(answer.seconds)
                if answer.status != 200:
                    wrong.append(f"{document.name}: {answer.status} {answer.body[:300]!r}")

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if wrong:
        raise RuntimeError(f"the load was no load: {wrong[0]}")


def measure(
    documents: Sequence[synthetic.Synthetic],
    *,
    slots: int,
    rounds: int,
    count: int,
    settings: dict[str, str] | None = None,
) -> list[Probes]:
    """Idle and busy in turn.

    Args:
        documents: sent again and again while it is busy.
        slots: of the server, and callers.
        rounds: of each.
        count: of probes a stretch.
        settings: variables of the server besides.
    """
    given = {"OCR_SLOTS": str(slots), "OCR_ADMISSION_SECONDS": "600", "OCR_REQUEST_SECONDS": "3600"}
    found = []
    with Server({**given, **(settings or {})}) as server:
        for _ in range(rounds):
            found.append(probe(server, "idle", count=count))
            with load(server, callers=slots, documents=documents) as answered:
                while len(answered) < slots and server.is_alive():
                    time.sleep(EVERY)  # until every slot has read once
                found.append(probe(server, "busy", count=count, answered=answered))
    return found


def report(found: Sequence[Probes]) -> str:
    """The figures as Markdown, all stretches of a state together."""
    columns = ("state", "probes", "P50 ms", "P99 ms", "slowest ms", "over 100 ms", "failed", "CPUs busy", "documents")
    rows = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    for state in dict.fromkeys(one.state for one in found):
        chosen = [one for one in found if one.state == state]
        seconds = [value for one in chosen for value in one.seconds]
        cells = [
            state, str(len(seconds)), f"{median(seconds) * 1e3:.1f}", f"{p99(seconds) * 1e3:.1f}",
            f"{max(seconds) * 1e3:.1f}", str(sum(value > LIMIT for value in seconds)),
            str(sum(one.failed for one in chosen)), f"{median(one.busy for one in chosen):.2f}",
            str(sum(one.answered for one in chosen)),
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    reached = p99([value for one in found if one.state == "busy" for value in one.seconds])
    verdict = f"P99 while busy: {reached * 1e3:.1f} ms; target {TARGET * 1e3:.0f} ms: "
    return "\n".join([*rows, "", verdict + ("met" if reached < TARGET else "MISSED")])


def p99(seconds: Sequence[float]) -> float:
    """The ninety-ninth percentile."""
    return quantiles(seconds, n=100, method="inclusive")[98]


def _one(port: int) -> tuple[float, bool]:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_GIVEN_UP)
    try:
        connection.request("GET", "/readyz", headers={"User-Agent": "Knative-Queue-Proxy-Probe", "Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        ok = answer.status == 200
    except (OSError, http.client.HTTPException):
        ok = False
    finally:
        connection.close()
    return time.perf_counter() - began, ok


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write `probes.json`."""
    parser = argparse.ArgumentParser(prog="python -m bench.probes", description=__doc__)
    parser.add_argument("--slots", type=int, default=8, help="documents read at once (8)")
    parser.add_argument("--rounds", type=int, default=3, help="stretches of each state (3)")
    parser.add_argument("--count", type=int, default=400, help="probes a stretch, one every 50 ms (400)")
    parser.add_argument("--engine", default="rapid", choices=("rapid", "stub"))
    parser.add_argument("--out", type=Path, default=Path("out/probes"))
    options = parser.parse_args(arguments)
    found = measure(
        list(islice(synthetic.documents(3), 16)),
        slots=options.slots,
        rounds=options.rounds,
        count=options.count,
        settings={"OCR_FAST_ENGINE": options.engine},
    )
    print(report(found))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "probes.md").write_text(f"# Probes\n\n{report(found)}\n", encoding="utf-8")
    (options.out / "probes.json").write_text(json.dumps([asdict(one) for one in found]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
