"""What came of each way: waits, pods, hours, money, as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.autoscaling.world import Conditions, Outcome

_HEAD = (
    "way", "wait P50 s", "P95 s", "P99 s", "longest s", "504s", "most pods", "starts", "pod hours", "in use", "cost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """One way's outcome in numbers; waits in seconds, `late` are answers after the Service's timeout."""

    name: str
    p50: float
    p95: float
    p99: float
    longest: float
    late: int
    most_pods: int
    starts: int
    hours: float
    use: float
    cost: float


def figures(name: str, outcome: Outcome, conditions: Conditions, timeout: float) -> Figures:
    """Sum an outcome up.

    Args:
        name: of the way.
        outcome: of playing it.
        conditions: for the price.
        timeout: seconds after which Knative answers 504 in our place.
    """
    waits = sorted(outcome.waits)
    hours = outcome.paid_seconds / 3600
    return Figures(
        name=name,
        p50=percentile(waits, 50),
        p95=percentile(waits, 95),
        p99=percentile(waits, 99),
        longest=waits[-1] if waits else 0.0,
        late=sum(seconds > timeout for seconds in outcome.answers),
        most_pods=max((ready + starting for _, ready, starting in outcome.pods), default=0),
        starts=outcome.cold_starts,
        hours=hours,
        use=outcome.busy_seconds / outcome.paid_seconds if outcome.paid_seconds else 0.0,
        cost=hours * conditions.price,
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest rank; 0 of nothing."""
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)] if ordered else 0.0


def table(rows: Sequence[Figures]) -> str:
    """Markdown."""
    lines = [f"| {' | '.join(_HEAD)} |", "|---" * len(_HEAD) + "|"]
    for row in rows:
        cells = [f"{value:.1f}" for value in (row.p50, row.p95, row.p99, row.longest)]
        cells += [str(row.late), str(row.most_pods), str(row.starts), f"{row.hours:.1f}"]
        cells += [f"{100 * row.use:.0f} %", f"{row.cost:.2f}"]
        lines.append(f"| {' | '.join([row.name, *cells])} |")
    return "\n".join(lines)
