"""`python -m bench.soak`: many pages through one running server, and what its memory does meanwhile.

Memory is taken when nothing is in flight, after a first stretch that has met every kind of document, and at the end;
no two documents are alike. It grows with neither pages nor documents if the two figures are within 5 %. The server
keeps no answers (`OCR_CACHE=none`): a cache in memory grows until `OCR_CACHE_BYTES` are full, and is told apart so.
`soak.svg` and `soak.json` tell memory, descriptors, threads and latency on the way.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from statistics import median

from bench import born_digital, load, processes, soak_chart, synthetic
from bench.server import Server

#: How far the end may be from the beginning.
TOLERANCE = 0.05
_SERVER = {"OCR_ADMISSION_SECONDS": "600", "OCR_REQUEST_SECONDS": "3600", "OCR_CACHE": "none"}


@dataclass(frozen=True)
class Sample:
    """The server, its render children included, at a moment without work.

    Attributes:
        pages: read so far.
        rss: bytes.
        descriptors: open.
        threads: of all its processes.
        latency: seconds that half of the documents since the last sample took.
    """

    pages: int
    rss: int
    descriptors: int
    threads: int
    latency: float


@dataclass(frozen=True)
class Soak:
    """What it took.

    Attributes:
        samples: after the first stretch, on the way, and at the end.
        failed: documents without an answer 200.
        seconds: wall clock of all of it.
    """

    samples: tuple[Sample, ...]
    failed: int
    seconds: float

    @property
    def growth(self) -> float:
        """0.02 is 2 % more memory at the end than at the first measurement."""
        return self.samples[-1].rss / self.samples[0].rss - 1


def soak(
    server: Server,
    *,
    first_pages: int = 50,
    pages: float = 1000,
    minutes: float = math.inf,
    every: int = 50,
    callers: int = 4,
    fill: float = 0.4,
    any_size: bool = False,
    digital: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> Soak:
    """Read pages through a running server.

    Args:
        server: is neither started nor stopped here.
        first_pages: after about so many, memory is taken as the base.
        pages: at least so many are read,
        minutes: unless so many have passed, looked at once a sample.
        every: how many pages between samples.
        callers: in flight at once.
        fill: how much of each page is written on.
        any_size: no two pages are of one size.
        digital: pages of the PDF with a text layer, read from that, which follows each scan; 0: none does.
        tell: gets a line a sample, and the reason of each document that failed.
    """
    started = time.perf_counter()
    documents = synthetic.documents(7, fill=fill, any_size=any_size)
    if digital:
        documents = chain.from_iterable(zip(documents, born_digital.documents(7, pages=digital), strict=False))
    samples: list[Sample] = []
    read = failed = 0
    while read < pages and (not samples or time.perf_counter() - started < 60 * minutes):
        goal = first_pages if not samples else min(pages, read + every)
        chosen = list(_until(documents, goal - read))
        try:
            sent = load.send(server.url, chosen, callers=callers, format="text", ocr="auto" if digital else "always")
        except KeyboardInterrupt:
            if not samples:
                raise
            tell(f"stopped after {read} pages: what follows is as far as it came")
            break
        failed += sent.failed
        for index, reason in sent.failures:
            tell(f"{chosen[index].name} failed: {reason}")
        read += sum(len(document.pages) for document in chosen)
        samples.append(_sample(server.pid, read, [answer.seconds for answer in sent.answers]))
        tell(f"{read} pages: {samples[-1].rss / processes.MIB:.0f} MiB, {failed} failed")
    return Soak(tuple(samples), failed, time.perf_counter() - started)


def _sample(pid: int, pages: int, latencies: Sequence[float]) -> Sample:
    rss = settled_rss(pid)
    return Sample(pages, rss, processes.descriptors(pid), processes.threads(pid), round(median(latencies), 3))


def settled_rss(pid: int) -> int:
    """Bytes, the median of some moments without work."""
    taken = []
    for _ in range(5):
        time.sleep(0.2)
        taken.append(processes.rss(pid))
    return int(median(taken))


def _until(documents: Iterator[synthetic.Synthetic], pages: float) -> Iterator[synthetic.Synthetic]:
    while pages > 0:
        document = next(documents)
        pages -= len(document.pages)
        yield document


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak a server of its own; the exit code is 1 where memory moved by more than the tolerance."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--pages", type=int, help="until so many are read (1000)")
    parser.add_argument("--minutes", type=float, help="until so many have passed, and no number of pages unless given")
    parser.add_argument("--first-pages", type=int, default=50, help="when the base is taken (50)")
    parser.add_argument("--callers", type=int, default=4)
    parser.add_argument("--sizes", choices=("few", "random"), default="few", help="of the pages: four, or no two alike")
    parser.add_argument(
        "--digital", type=int, default=4, help="pages of the PDF with text after each scan; 0: none (4)"
    )
    parser.add_argument("--out", type=Path, default=Path("out/soak"))
    options = parser.parse_args(arguments)
    with Server(_SERVER) as server:
        result = soak(
            server,
            first_pages=options.first_pages,
            pages=options.pages or (math.inf if options.minutes else 1000),
            minutes=options.minutes or math.inf,
            callers=options.callers,
            any_size=options.sizes == "random",
            digital=options.digital,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
    print(report(result))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "soak.json").write_text(json.dumps([asdict(sample) for sample in result.samples], indent=1))
    (options.out / "soak.svg").write_text(soak_chart.draw([asdict(sample) for sample in result.samples]))
    return 0 if abs(result.growth) <= TOLERANCE and not result.failed else 1


def report(result: Soak) -> str:
    """The two figures and the way between them."""
    rows = ["| pages | RSS MiB | descriptors | threads | latency s |", "| --- | --- | --- | --- | --- |"]
    rows.extend(
        f"| {each.pages} | {each.rss / processes.MIB:.1f} | {each.descriptors} | {each.threads} | {each.latency:.2f} |"
        for each in result.samples
    )
    first, last = result.samples[0], result.samples[-1]
    verdict = (
        f"RSS after {first.pages} pages {first.rss / processes.MIB:.1f} MiB, after {last.pages} pages "
        f"{last.rss / processes.MIB:.1f} MiB: {result.growth:+.1%} (target within {TOLERANCE:.0%}); "
        f"{result.failed} documents failed; {result.seconds:.0f} s."
    )
    return "\n".join([*rows, "", verdict])


if __name__ == "__main__":
    raise SystemExit(main())
