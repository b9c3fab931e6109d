"""Every server asked for the same page, in turn, round by round; and the table of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from bench import load, processes
from bench.overhead.ways import Way
from bench.server import ServerEnded
from bench.synthetic import Synthetic


@dataclass(frozen=True)
class Run:
    """One server, one round, so many callers.

    Attributes:
        way: its name.
        callers: at once.
        seconds: for all requests.
        cpu_seconds: of its processes, for all requests.
        latencies: a request each.
        failed: answers other than 200, or with another text than expected.
    """

    way: str
    callers: int
    seconds: float
    cpu_seconds: float
    latencies: tuple[float, ...]
    failed: int

    @property
    def a_second(self) -> float:
        """Requests."""
        return len(self.latencies) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds a request."""
        return self.cpu_seconds * 1e3 / len(self.latencies)


def measure(
    ways: Sequence[Way],
    document: Synthetic,
    *,
    callers: Sequence[int],
    rounds: int,
    requests: int,
    done: Callable[[list[list[Run]]], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[list[Run]]:
    """All of them once a round, each round beginning with another; one round more, uncounted, warms them.

    One that does not start is left out; `done` is told all rounds so far, after each.
    """
    with ExitStack() as stack:
        started = [way for way in ways if _is_up(way, stack, tell)]
        found: list[list[Run]] = []
        for number in range(rounds + 1):
            first = number % len(started)
            turn = [*started[first:], *started[:first]]
            runs = [_run(way, document, count, requests) for count in callers for way in turn]
            told = ", ".join(f"{run.way} x{run.callers} {run.cpu_ms:.1f}" for run in runs)
            tell(f"round {number}/{rounds}{' (warming)' if not number else ''}, CPU ms a request: {told}")
            if number:
                found.append(runs)
                done(found)
        return found


def _is_up(way: Way, stack: ExitStack, tell: Callable[[str], None]) -> bool:
    try:
        stack.enter_context(way.server)
    except ServerEnded as problem:
        tell(f"{way.name} is left out: {problem}")
        return False
    return True


def _run(way: Way, document: Synthetic, callers: int, requests: int) -> Run:
    cpu = processes.cpu_seconds(way.server.pid)
    sent = load.send(way.server.url, [document] * requests, callers=callers, call=way.ask)
    used = processes.cpu_seconds(way.server.pid) - cpu
    wrong = sum(answer.status != 200 or way.expected.encode() not in answer.body for answer in sent.answers)
    latencies = tuple(answer.seconds for answer in sent.answers)
    return Run(way.name, callers, sent.seconds, used, latencies, wrong)


def table(rounds: Sequence[Sequence[Run]], does: dict[str, str], base: str) -> str:
    """Medians over the rounds; ratios to `base` within each round, medians with their spread."""
    head = ("server", "callers", "requests/s", f"x {base}", "P50 ms", "P99 ms", "CPU ms", "CPU of " + base, "failed",
            "beside answering")  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for callers in sorted({run.callers for runs in rounds for run in runs}):
        for name, what in does.items():
            chosen = [run for runs in rounds for run in runs if (run.way, run.callers) == (name, callers)]
            if chosen:
                lines.append(_row(name, callers, chosen, rounds, what, base))
    return "\n".join(lines)


def _row(name: str, callers: int, chosen: Sequence[Run], rounds: Sequence[Sequence[Run]], does: str, base: str) -> str:
    seconds = [second * 1e3 for run in chosen for second in run.latencies]
    p99 = quantiles(seconds, n=100, method="inclusive")[98] if len(seconds) > 1 else seconds[0]
    fast, cost = (_ratios(rounds, name, base, callers, which) for which in ("a_second", "cpu_ms"))
    failed = sum(run.failed for run in chosen)
    cells = [
        name, str(callers), f"{median(run.a_second for run in chosen):.0f}", _spread(fast), f"{median(seconds):.1f}",
        f"{p99:.1f}", f"{median(run.cpu_ms for run in chosen):.2f}", _spread(cost), f"{failed}/{len(seconds)}", does,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _ratios(rounds: Sequence[Sequence[Run]], name: str, base: str, callers: int, which: str) -> list[float]:
    found = []
    for runs in rounds:
        values = {run.way: getattr(run, which) for run in runs if run.callers == callers}
        if values.get(base):
            found.append(values[name] / values[base])
    return found


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})" if ratios else "none"
