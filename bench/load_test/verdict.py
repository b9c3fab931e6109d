"""What the figures say of the goals: those of a deployment with a GPU, and those of any server under too much load."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load_test import arithmetic, kpi
from bench.load_test.kpi import Figures


@dataclass(frozen=True)
class Verdict:
    """One goal.

    Attributes:
        goal: what is asked.
        measured: what was found.
        met: None where this run cannot tell.
    """

    goal: str
    measured: str
    met: bool | None


def goals(rows: Sequence[Figures], gpus: int) -> list[Verdict]:
    """The key figures, of the stage with most right answers a second."""
    counted = [row for row in rows if row.stage.counts and row.sent]
    if not counted:
        return []
    best = max(counted, key=lambda row: row.qps)
    at, per = best.stage.name, best.qps / max(1, gpus)
    low, high = kpi.GPU
    of = f"{per:.2f} a GPU with {at}" if gpus else f"{best.qps:.2f} with {at}, no GPU"
    busy = f"{best.gpu:.0f} % with {at}" if best.gpu is not None else "none seen"
    errors = sum(row.errors for row in counted) / sum(row.sent for row in counted)
    return [
        Verdict(f"at least {kpi.QPS:g} right answers a second a GPU", of, per >= kpi.QPS if gpus else None),
        Verdict(f"P95 of at most {kpi.P95:g} s", f"{best.p95:.2f} s with {at}", best.p95 <= kpi.P95),
        Verdict(f"GPU {low:g}-{high:g} % busy", busy, low <= best.gpu <= high if best.gpu is not None else None),
        Verdict(f"errors below {kpi.ERRORS:.1%}", f"{errors:.2%} of all stages", errors < kpi.ERRORS),
    ]


def overload(rows: Sequence[Figures], recovered: float | None) -> list[Verdict]:
    """How it carries more than it can: accepted ones keep their P95, the rest hear when to come, nothing else fails."""
    counted = [row for row in rows if row.stage.counts and row.sent]
    if not counted:
        return []
    first = counted[0]
    worst = max((row.p95 for row in counted[1:] if not math.isnan(row.p95)), default=first.p95)
    shed, unhinted = sum(row.shed for row in counted), sum(row.unhinted for row in counted)
    back, served = sum(row.came_back for row in counted), sum(row.served for row in counted)
    errors = sum(row.errors for row in counted)
    ratio = worst / first.p95 if first.p95 > 0 else 1.0
    return [
        Verdict(f"accepted requests keep their P95 (at most {kpi.KEPT:g} x the first stage's)", f"{ratio:.2f} x",
                ratio <= kpi.KEPT),
        Verdict("every 429 carries Retry-After", f"{shed - unhinted} of {shed}", unhinted == 0 if shed else None),
        Verdict(f"Retry-After is honest: at least {kpi.HONEST:.0%} of those who come back then are read",
                f"{served} of {back}" + (f" ({served / back:.0%})" if back else ""),
                served / back >= kpi.HONEST if back else None),
        Verdict("nothing else fails", f"{errors} errors", errors == 0),
        Verdict(f"newcomers are served again within {kpi.RECOVERED:g} s",
                "nobody was read" if recovered is None else f"after {recovered:.1f} s",
                recovered is not None and recovered <= kpi.RECOVERED),
    ]  # fmt: skip


def mix(rows: Sequence[Figures], accurate: float, fast: float) -> str:
    """Which mix these figures are of, and what mix the goal needs."""
    counted = [row for row in rows if row.stage.counts and row.sent]
    rungs = sum((row.rungs for row in counted), Counter[str]())
    answers = sum(row.sent - row.shed for row in counted)
    accepted = [row for row in counted if row.rungs]
    read = sum(row.qps * row.stage.seconds for row in accepted)
    hits = sum(row.cached * row.qps * row.stage.seconds for row in accepted) / read if read else 0.0
    of = arithmetic.traffic(rungs, hits, answers)
    if not of.pages:
        return "No page was read, so there is no mix to tell of."
    shares = ", ".join(f"{rung} {count / rungs.total():.0%}" for rung, count in rungs.most_common())
    most = arithmetic.documents_a_second(of, accurate, fast)
    limit = arithmetic.most_accurate(kpi.QPS, hits=of.hits, pages=of.pages, accurate=accurate, fast=fast)
    alone = arithmetic.most_accurate(kpi.QPS, accurate=accurate, fast=fast)
    needs = f"at most {limit:.0%} of the pages" if limit > 0 else "not even fast pages alone, so more GPUs,"
    return (
        f"Pages by rung: {shares}; {of.pages:.2f} pages a document; {of.hits:.0%} of the answers from the cache. "
        f"At {accurate:g} accurate and {fast:g} fast pages a second, one GPU could do "
        f"{'any number of' if math.isinf(most) else f'{most:.1f}'} such documents a second. "
        f"{kpi.QPS:g} a second with this length and hit rate allow {needs} on the accurate engine, "
        f"with single pages and no cache {alone:.1%}: "
        "v/accurate + (1 - v)/fast <= 1/(QPS n (1 - h))."
    )
