"""The figures as Markdown, and whether the targets are met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from bench.coldstart.starts import Start
from bench.coldstart.ways import SCRIPT

#: Our start to ready against the script's, and a first answer against the warm ones.
READY_TARGET, FIRST_TARGET = 1.15, 1.10

_COLUMNS = (
    "start", "page cache", "n", "ready s (range)", "CPU s", "ratio to the script (range)", "first answer at s",
    "first answer s", "warm answer s", "first / warm (range)",
)  # fmt: skip
Rounds = Sequence[Sequence[Start]]


def ratios(rounds: Rounds, way: str, cache: str, base: str = SCRIPT, of: str = "ready") -> list[float]:
    """Seconds until ready, or `cpu`, of one way over another's, taken within each round, where both were started."""
    found = []
    for starts in rounds:
        seconds = {start.way: float(getattr(start, of)) for start in starts if start.cache == cache}
        if way in seconds and base in seconds:
            found.append(seconds[way] / seconds[base])
    return found


def table(rounds: Rounds) -> str:
    """A row for each way and state of the page cache, medians over the rounds."""
    starts = [start for found in rounds for start in found]
    rows = [f"| {' | '.join(_COLUMNS)} |", "| --- " * len(_COLUMNS) + "|"]
    for way, cache in dict.fromkeys((start.way, start.cache) for start in sorted(starts, key=_order)):
        chosen = [start for start in starts if (start.way, start.cache) == (way, cache)]
        rows.append(f"| {' | '.join([way, cache, str(len(chosen)), *_cells(chosen, ratios(rounds, way, cache))])} |")
    return "\n".join(rows)


def verdicts(rounds: Rounds) -> str:
    """The targets, and what was reached."""
    lines = []
    ours = sorted({start.way for found in rounds for start in found if start.way.startswith("ours")})
    for cache in ("warm", "cold"):
        over, cpu = ([one for way in ours for one in ratios(rounds, way, cache, of=of)] for of in ("ready", "cpu"))
        if over:
            what = f"start to ready over the script's, page cache {cache}"
            lines.append(_verdict(what, over, cpu, READY_TARGET))
    for way in ours:
        starts = [start for found in rounds for start in found if (start.way, start.cache) == (way, "warm")]
        over = [start.first_over_warm for start in starts if start.first_over_warm is not None]
        cpu = [start.first_over_warm_cpu for start in starts if start.first_over_warm_cpu is not None]
        if over:
            lines.append(_verdict(f"first answer over the warm ones, {way}", over, cpu, FIRST_TARGET))
    return "\n".join(lines)


def _verdict(what: str, over: Sequence[float], cpu: Sequence[float], target: float) -> str:
    reached, within = median(over), sum(one <= target for one in over)
    spent = f"; in CPU seconds {median(cpu):.3f}" if cpu else ""
    return (
        f"- {what}: median {reached:.3f} ({_spread(over)}), {within} of {len(over)} starts within the target{spent}; "
        f"target {target}: {'met' if reached <= target else 'MISSED'}"
    )


def _order(start: Start) -> tuple[bool, bool, str]:
    return start.cache != "warm", start.way.startswith("ours"), start.way


def _cells(starts: Sequence[Start], over: Sequence[float]) -> list[str]:
    ready = [start.ready for start in starts]
    first_over_warm = [start.first_over_warm for start in starts if start.first_over_warm is not None]
    return [
        f"{median(ready):.2f} ({_spread(ready)})",
        f"{median(start.cpu for start in starts):.2f}",
        f"{median(over):.3f} ({_spread(over)})" if over else "-",
        _median(start.answered for start in starts),
        _median(start.first for start in starts),
        _median(seconds for start in starts for seconds in start.following),
        f"{median(first_over_warm):.3f} ({_spread(first_over_warm)})" if first_over_warm else "-",
    ]


def _median(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{median(known):.2f}" if known else "-"


def _spread(values: Sequence[float]) -> str:
    return f"{min(values):.2f}-{max(values):.2f}"
