"""The key figures out of recorded answers, and the verdicts. Reads lists only, so recorded runs can be judged again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from bench.load_test.stages import Stage

#: What is asked of a deployment with a GPU.
QPS, P95, GPU, ERRORS = 8.0, 1.5, (60.0, 85.0), 0.005
#: Accepted callers may wait so many times as long under overload as in the first stage.
KEPT = 2.0
#: Of those who come back when they were told to, so many should be read.
HONEST = 0.8
#: Seconds of the recovery stage after which nobody is turned away any more.
RECOVERED = 5.0

Sample = dict[str, Any]


@dataclass(frozen=True)
class Watched:
    """What was seen beside the requests, at one moment.

    Attributes:
        at: seconds since the beginning.
        cpu: processors kept busy since the moment before; None where nobody tells.
        rss: bytes; None where nobody tells.
        gpu: per cent busy, the mean of all; None without one.
        gpu_memory: bytes in use on all; None without one.
        lookups: of the document cache so far, and how many were hits.
        pages: page lookups of the cache so far, and how many were hits.
    """

    at: float
    cpu: float | None = None
    rss: float | None = None
    gpu: float | None = None
    gpu_memory: float | None = None
    lookups: tuple[float, float] = (0.0, 0.0)
    pages: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Figures:
    """Of one stage.

    Attributes:
        stage: which.
        qps: answers a second that were right.
        p50, p95, p99: seconds of accepted requests; NaN where there was none.
        sent: requests.
        shed: answered 429.
        errors: neither read right nor turned away with 429: other statuses, no answer, wrong text.
        reasons: of the errors, with how often.
        rungs: pages by the rung that read them.
        cached: share of the accepted answers that came from the cache.
        came_back, served: who came when Retry-After had passed, and how many of them were read.
        unhinted: 429 without Retry-After.
        cpu, rss, gpu, gpu_memory: means, but the most of both memories; None where nobody tells.
        page_hits: share of pages that the cache knew; None where none was asked for.
    """

    stage: Stage
    qps: float
    p50: float
    p95: float
    p99: float
    sent: int
    shed: int
    errors: int
    reasons: Counter[str] = field(default_factory=Counter)
    rungs: Counter[str] = field(default_factory=Counter)
    cached: float = 0.0
    came_back: int = 0
    served: int = 0
    unhinted: int = 0
    cpu: float | None = None
    rss: float | None = None
    gpu: float | None = None
    gpu_memory: float | None = None
    page_hits: float | None = None

    @property
    def error_rate(self) -> float:
        """Errors among all requests."""
        return self.errors / self.sent if self.sent else 0.0

    @property
    def shed_rate(self) -> float:
        """429 among all requests."""
        return self.shed / self.sent if self.sent else 0.0


def is_error(sample: Sample) -> bool:
    """Neither a right answer nor an honest refusal."""
    return sample["status"] != 429 and not (sample["status"] == 200 and sample.get("right"))


def figures(plan: Sequence[Stage], samples: Sequence[Sample], watched: Sequence[Watched]) -> list[Figures]:
    """Each stage's, in order; a request counts in the stage that it began in.

    Args:
        plan: the stages.
        samples: answers, `at` in seconds since the beginning.
        watched: in the order of time.
    """
    found, begin = [], 0.0
    for stage in plan:
        end = begin + stage.seconds
        within = [sample for sample in samples if begin <= sample["at"] < end]
        found.append(_of(stage, within, [each for each in watched if begin <= each.at <= end]))
        begin = end
    return found


def _of(stage: Stage, samples: Sequence[Sample], watched: Sequence[Watched]) -> Figures:
    accepted = [sample for sample in samples if sample["status"] == 200]
    wrong = [sample for sample in samples if is_error(sample)]
    back = [sample for sample in samples if sample.get("tries")]
    shed = [sample for sample in samples if sample["status"] == 429]
    p50, p95, p99 = percentiles([sample["seconds"] for sample in accepted])
    return Figures(
        stage, sum(bool(sample.get("right")) for sample in accepted) / stage.seconds, p50, p95, p99,
        sent=len(samples), shed=len(shed), errors=len(wrong),
        reasons=Counter(f"{sample['status'] or 'no answer'}: {str(sample.get('why', ''))[:120]}" for sample in wrong),
        rungs=Counter(rung for sample in accepted for rung in sample.get("rungs", ())),
        cached=sum(bool(sample.get("cached")) for sample in accepted) / len(accepted) if accepted else 0.0,
        came_back=len(back), served=sum(sample["status"] == 200 for sample in back),
        unhinted=sum(sample.get("retry_after") is None for sample in shed),
        cpu=_mean([each.cpu for each in watched]), rss=_most([each.rss for each in watched]),
        gpu=_mean([each.gpu for each in watched]), gpu_memory=_most([each.gpu_memory for each in watched]),
        page_hits=_hits(watched),
    )  # fmt: skip


def percentiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    """P50, P95 and P99; NaN where there is nothing."""
    if len(seconds) < 2:
        alone = seconds[0] if seconds else float("nan")
        return alone, alone, alone
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _most(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _hits(watched: Sequence[Watched]) -> float | None:
    if len(watched) < 2:
        return None
    asked = watched[-1].pages[0] - watched[0].pages[0]
    return (watched[-1].pages[1] - watched[0].pages[1]) / asked if asked > 0 else None


def recovered_after(plan: Sequence[Stage], samples: Sequence[Sample]) -> float | None:
    """Seconds into the last stage until the last newcomer was turned away or failed; None where none was read."""
    begin = sum(stage.seconds for stage in plan[:-1])
    newcomers = [sample for sample in samples if sample["at"] >= begin]
    if not any(sample["status"] == 200 for sample in newcomers):
        return None
    late = [sample["at"] + sample["seconds"] - begin for sample in newcomers if sample["status"] != 200]
    return max(late, default=0.0)
