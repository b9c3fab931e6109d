"""What the walls around render children cost: `python -m bench.walls`, the same documents with and without, in turn.

A round opens each document and draws its first page, in a child with both walls and in one without any; then it starts
a child of either kind. Told are medians of ratios within a round, of the clock and of the children's processor time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.processes import cpu_seconds
from function.documents.base import Limits
from function.documents.pool import Pool
from function.documents.sources import from_path

_PAGES = Path(__file__).resolve().parents[1] / "warmup" / "pages"
_DPI = 150
Cost = tuple[float, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.walls", description=__doc__)
    parser.add_argument("documents", nargs="*", type=Path, help="PDFs and images; our warm-up pages")
    parser.add_argument("--rounds", type=int, default=30)
    told = parser.parse_args(arguments)
    documents = told.documents or sorted(path for path in _PAGES.iterdir() if path.suffix in {".pdf", ".png", ".jpg"})
    pools = {name: _pool(name) for name in ("required", "off")}
    for pool in pools.values():
        pool.start(wait=True)
        _drawn(pool, documents)
    work: list[Cost] = []
    starts: list[Cost] = []
    for number in range(told.rounds):
        order = sorted(pools, reverse=bool(number % 2))
        work.append(_ratio({name: _cost(partial(_drawn, pools[name], documents)) for name in order}))
        if number % 3 == 0:
            starts.append(_ratio({name: _cost(partial(_started, name)) for name in order}))
    for pool in pools.values():
        pool.close()
    print(f"{told.rounds} rounds over {len(documents)} documents, with walls to without, medians of ratios:")
    for name, ratios in (("open and draw", work), ("start of a child", starts)):
        clock, cpu = (statistics.median(each[which] for each in ratios) for which in (0, 1))
        print(f"{name}: {clock:.2f} of the time, {cpu:.2f} of the processor time")
    return 0


def _pool(sandbox: str) -> Pool:
    limits = Limits(
        max_pages=2000, max_pixels=64_000_000, page_seconds=60.0, child_memory_bytes=2 << 30, sandbox=sandbox
    )
    return Pool(limits, size=1)


def _drawn(pool: Pool, documents: Sequence[Path]) -> None:
    for path in documents:
        with from_path(path, max_bytes=1 << 30) as source, pool.open(source) as document:
            document.draw(1, _DPI)


def _started(sandbox: str) -> None:
    pool = _pool(sandbox)
    pool.start(wait=True)
    pool.close()


def _cost(act: Callable[[], None]) -> Cost:
    """Seconds by the clock, and of the processor: ours, of children that live, and of those that have ended."""
    clock, cpu = time.perf_counter(), cpu_seconds(os.getpid())
    act()
    return time.perf_counter() - clock, cpu_seconds(os.getpid()) - cpu


def _ratio(costs: dict[str, Cost]) -> Cost:
    (walled_clock, walled_cpu), (clock, cpu) = costs["required"], costs["off"]
    return walled_clock / clock, walled_cpu / max(cpu, 0.01)


if __name__ == "__main__":
    sys.exit(main())
