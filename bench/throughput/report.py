"""The figures as one Markdown table, and which targets they meet."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles

from bench import processes
from bench.throughput.measure import BORN_DIGITAL, Run

_COLUMNS = (
    "way", "pages/s", "ratio to the raw loop (range)", "CPU s/page", "P50 s", "P95 s", "P99 s", "failed",
    "peak RSS MiB", "F1",
)  # fmt: skip
#: The ratio to the raw loop that the server is to reach with several callers.
TARGET = 0.95
#: The ratios to other people's services, with one caller and with several.
PEER_TARGETS = {"PaddleX serving": (1.0, 3.0), "RapidOCR API": (1.0, 2.5)}
#: The same of PDFs that have a text layer.
DIGITAL_TARGET = 50.0


def ratios(rounds: Sequence[Sequence[Run]], way: str, base: str = "raw loop") -> list[float]:
    """Pages a second of one way over another's, round by round; infinite where the other read nothing."""
    by_name = [{run.way: run.pages_a_second for run in runs} for runs in rounds]
    return [names[way] / names[base] if names[base] else float("inf") for names in by_name]


def ways_of(rounds: Sequence[Sequence[Run]]) -> list[str]:
    """Every way, ours first after the raw loops, born-digital documents last, callers in order."""

    def place(way: str) -> tuple[bool, bool, bool, str, int]:
        name, _, count = way.rpartition(", ")
        digits = "".join(filter(str.isdigit, count))
        return BORN_DIGITAL in way, not way.startswith("raw"), not way.startswith("server"), name, int(digits or 0)

    return sorted({run.way for runs in rounds for run in runs}, key=place)


def table(rounds: Sequence[Sequence[Run]]) -> str:
    """The figures as Markdown, each way's median over the rounds."""
    rows = [f"| {' | '.join(_COLUMNS)} |", "| --- " * len(_COLUMNS) + "|"]
    for way in ways_of(rounds):
        runs = [run for chosen in rounds for run in chosen if run.way == way]
        rows.append(f"| {' | '.join([way, *_cells(runs, ratios(rounds, way))])} |")
    return "\n".join(rows)


def verdicts(rounds: Sequence[Sequence[Run]], callers: Sequence[int]) -> list[str]:
    """Each target that this run can tell of, met or missed."""
    names = {run.way for runs in rounds for run in runs}
    asked = []
    for count in callers:
        ours = f"server, {count} caller{'s' * (count > 1)}"
        if count > 1:
            asked += [(ours, base, TARGET) for base in sorted(names) if base.startswith("raw loop")]
        asked += [(ours, ours.replace("server", peer), least[count > 1]) for peer, least in PEER_TARGETS.items()]
        digital = f"server {BORN_DIGITAL}, {count} caller{'s' * (count > 1)}"
        asked += [(digital, digital.replace("server", peer), DIGITAL_TARGET) for peer in PEER_TARGETS]
    return [_verdict(rounds, *one) for one in asked if {one[0], one[1]} <= names]


def _verdict(rounds: Sequence[Sequence[Run]], ours: str, base: str, target: float) -> str:
    found = ratios(rounds, ours, base)
    reached = median(found)
    verdict = "met" if reached >= target else "MISSED"
    spread = f"{min(found):.2f}-{max(found):.2f}"
    return f"- {ours}: {reached:.3f} ({spread}) of {base}; target {target:g}: {verdict}"


def _cells(runs: Sequence[Run], ratio: Sequence[float]) -> list[str]:
    latencies = [seconds for run in runs for seconds in run.latencies]
    spread = quantiles(latencies, n=100, method="inclusive") if len(latencies) > 1 else []
    documents = sum(len(run.latencies) for run in runs)
    f1 = [run.word_f1 for run in runs if run.word_f1 is not None]
    return [
        f"{median(run.pages_a_second for run in runs):.3f}",
        f"{median(ratio):.3f} ({min(ratio):.3f}-{max(ratio):.3f})",
        f"{median(run.cpu_seconds / max(1, run.pages) for run in runs):.3f}",
        f"{median(latencies):.2f}" if latencies else "-",
        f"{spread[94]:.2f}" if spread else "-",
        f"{spread[98]:.2f}" if spread else "-",
        f"{sum(run.failed for run in runs)}/{documents}" if documents else "-",
        f"{max(run.peak_rss for run in runs) / processes.MIB:.0f}",
        f"{min(f1):.3f}" if f1 else "-",
    ]
