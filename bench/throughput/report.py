"""The figures as one Markdown table."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles

from bench import processes
from bench.throughput.measure import Run

_COLUMNS = (
    "way", "pages/s", "ratio to the raw loop (range)", "CPU s/page", "P50 s", "P95 s", "failed", "peak RSS MiB", "F1",
)  # fmt: skip


def ratios(rounds: Sequence[Sequence[Run]], way: str, base: str = "raw loop") -> list[float]:
    """Pages a second of one way over another's, round by round."""
    by_name = [{run.way: run.pages_a_second for run in runs} for runs in rounds]
    return [names[way] / names[base] for names in by_name]


def table(rounds: Sequence[Sequence[Run]]) -> str:
    """The figures as Markdown, each way's median over the rounds."""
    ways = sorted({run.way for runs in rounds for run in runs}, key=lambda way: (not way.startswith("raw"), way))
    rows = [f"| {' | '.join(_COLUMNS)} |", "| --- " * len(_COLUMNS) + "|"]
    for way in ways:
        runs = [run for chosen in rounds for run in chosen if run.way == way]
        rows.append(f"| {' | '.join([way, *_cells(runs, ratios(rounds, way))])} |")
    return "\n".join(rows)


def _cells(runs: Sequence[Run], ratio: Sequence[float]) -> list[str]:
    latencies = [seconds for run in runs for seconds in run.latencies]
    spread = quantiles(latencies, n=20, method="inclusive") if len(latencies) > 1 else []
    documents = sum(len(run.latencies) for run in runs)
    f1 = [run.word_f1 for run in runs if run.word_f1 is not None]
    return [
        f"{median(run.pages_a_second for run in runs):.3f}",
        f"{median(ratio):.3f} ({min(ratio):.3f}-{max(ratio):.3f})",
        f"{median(run.cpu_seconds / max(1, run.pages) for run in runs):.3f}",
        f"{median(latencies):.2f}" if latencies else "-",
        f"{spread[18]:.2f}" if spread else "-",
        f"{sum(run.failed for run in runs)}/{documents}" if documents else "-",
        f"{max(run.peak_rss for run in runs) / processes.MIB:.0f}",
        f"{min(f1):.3f}" if f1 else "-",
    ]
