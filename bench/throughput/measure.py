"""Every way of reading the same documents, round by round."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench import load, processes, synthetic
from bench.accuracy import metrics
from bench.client import Answer, Client
from bench.server import Server, ServerEnded
from bench.throughput.loops import Loop
from bench.throughput.peers import Talk

_RAW_LOOP = (sys.executable, "-m", "bench.throughput.raw_loop")
_SERVER = {"OCR_SLOTS": "32", "OCR_ADMISSION_SECONDS": "600", "OCR_REQUEST_SECONDS": "3600"}
#: What the ways are called that read PDFs by their text layers, beside the others' drawing and reading of them.
BORN_DIGITAL = "born-digital"


#: Documents of each way before anything counts.
_WARMING = 4


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


#: Measures one way over the first documents, at most so many.
Way = Callable[[int], Run]


@dataclass(frozen=True)
class Work:
    """What is read.

    Attributes:
        documents: read with the engines.
        digital: PDFs with a text layer, for those that take PDFs; may be empty.
        callers: at once, of the servers.
    """

    documents: Sequence[synthetic.Synthetic]
    digital: Sequence[synthetic.Synthetic] = ()
    callers: Sequence[int] = (1, 8)


@dataclass(frozen=True)
class Bounds:
    """When to stop.

    Attributes:
        rounds: counted, at most.
        minutes: no round is begun that would end later, if it takes as long as the longest before; one is in any case.
    """

    rounds: int
    minutes: float = 60.0


def _parse(client: Client, document: synthetic.Synthetic) -> Answer:
    return client.parse(document.content, name=document.name, format="json", ocr="always")


def _parse_by_layer(client: Client, document: synthetic.Synthetic) -> Answer:
    return client.parse(document.content, name=document.name, format="json")


def _texts(answer: Answer) -> list[str]:
    return ["\n".join(block["text"] for block in page["blocks"]) for page in answer.json()["pages"]]


OURS = Talk(_parse, _texts, most_callers=1_000, digital=_parse_by_layer)


def over_http(
    server: Server, documents: Sequence[synthetic.Synthetic], way: str, callers: int, talk: Talk = OURS
) -> Run:
    """Send every document, again and again until there is one for each caller."""
    sent_documents = list(documents) * -(-callers // len(documents))
    cpu = processes.cpu_seconds(server.pid)
    with processes.PeakRss(server.pid) as peak:
        sent = load.send(server.url, sent_documents, callers=callers, call=talk.call)
    used = processes.cpu_seconds(server.pid) - cpu
    read = [talk.texts(answer) if answer.status == 200 else [] for answer in sent.answers]
    f1 = [metrics.score(document.pages, pages).f1_free for document, pages in zip(sent_documents, read, strict=True)]
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


def by_loop(loop: Loop, documents: Sequence[synthetic.Synthetic], way: str, at_once: int) -> Run:
    """Have a child read every document once."""
    cpu = processes.cpu_seconds(loop.pid)
    with processes.PeakRss(loop.pid) as peak:
        answer = loop.ask(at_once, [document.name for document in documents])
    used = processes.cpu_seconds(loop.pid) - cpu
    texts: dict[str, str] = answer.get("texts", {})
    f1 = [metrics.score(document.pages, [texts[document.name]]).f1_free for document in documents] if texts else []
    latencies = answer.get("latencies", [])
    return Run(
        way, answer["pages"], answer["seconds"], used, peak.bytes, latencies, 0, sum(f1) / len(f1) if f1 else None
    )


def measure(
    work: Work,
    bounds: Bounds,
    *,
    settings: dict[str, str] | None = None,
    peers: Sequence[tuple[str, Server, Talk]] = (),
    loops: Sequence[tuple[str, Sequence[str], Sequence[int]]] = (),
    done: Callable[[list[list[Run]]], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[list[Run]]:
    """Every way once a round, each round beginning with another way; a short one before, uncounted, warms all of them.

    Args:
        work: what is read.
        bounds: when to stop.
        settings: of our server.
        peers: other people's services: name, server, how it is spoken to; one that does not start is left out.
        loops: readers without a server: name, command, how many pages at once.
        done: told all rounds so far, after each.
        tell: told how it goes.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        for document in work.documents:
            (folder / document.name).write_bytes(document.content)
        began, longest, found = time.monotonic(), 0.0, []
        ways = _ways(work, folder, stack, settings or {}, peers, loops)
        for number in range(bounds.rounds + 1):
            round_began = time.monotonic()
            if number > 1 and round_began - began + longest > bounds.minutes * 60:
                tell(f"round {number} would not end within {bounds.minutes:g} minutes")
                break
            first = number % len(ways)
            runs = []
            for way in [*ways[first:], *ways[:first]]:
                runs.append(way(len(work.documents) if number else _WARMING))
                told = f"{runs[-1].way}: {runs[-1].pages_a_second:.2f} pages/s"
                tell(f"round {number}/{bounds.rounds}{' (warming)' if not number else ''}, {told}")
            if number:
                longest = max(longest, time.monotonic() - round_began)
                found.append(runs)
                done(found)
        return found


def _ways(
    work: Work,
    folder: Path,
    stack: ExitStack,
    settings: dict[str, str],
    peers: Sequence[tuple[str, Server, Talk]],
    loops: Sequence[tuple[str, Sequence[str], Sequence[int]]],
) -> list[Way]:
    raw = stack.enter_context(Loop(_RAW_LOOP, folder))
    most = int(raw.hello["max_batch"])
    ways = [_looping(raw, work, "raw loop", 1), _looping(raw, work, f"raw loop, batches of {most}", most)]
    for name, command, counts in loops:
        loop = stack.enter_context(Loop(command, folder))
        ways += [_looping(loop, work, f"{name}, {count} at once", count) for count in counts]
    ours = ("server", Server({**_SERVER, **settings}), OURS)
    for name, server, talk in (ours, *peers):
        try:
            stack.enter_context(server)
        except ServerEnded as problem:
            if talk is OURS:
                raise
            print(f"{name} is left out: {problem}", file=sys.stderr)
            continue
        ways += _asking(name, server, talk, work)
    return ways


def _looping(loop: Loop, work: Work, way: str, at_once: int) -> Way:
    return lambda most: by_loop(loop, work.documents[:most], way, at_once)


def _asking(name: str, server: Server, talk: Talk, work: Work) -> list[Way]:
    """The ways of one server."""

    def way(documents: Sequence[synthetic.Synthetic], kind: str, callers: int, talk: Talk) -> Way:
        title = f"{name}{kind}, {callers} caller{'s' * (callers > 1)}"
        return lambda most: over_http(server, documents[:most], title, callers, talk)

    chosen = [count for count in work.callers if count <= talk.most_callers]
    ways = [way(work.documents, "", count, talk) for count in chosen]
    if talk.digital is not None and work.digital:
        layered = Talk(talk.digital, talk.texts)
        # What takes a twentieth of the time is sent more often, or chance would tell.
        digital = list(work.digital) * (8 if talk is OURS else 1)
        ways += [way(digital, f" {BORN_DIGITAL}", count, layered) for count in chosen if count in (8, max(chosen))][:1]
    return ways
