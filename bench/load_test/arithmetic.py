"""How many documents a second one GPU can read, by the share of pages that climb to the accurate engine.

A page costs the GPU 1/accurate seconds where that engine reads it and 1/fast where the fast one does; one from a text
layer or from the cache costs it nothing. So with share v of accurate pages and f of fast ones among those not cached,
hit rate h and n pages a document, a GPU reads 1 / (n (1 - h) (v/accurate + f/fast)) documents a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Pages a second that one GPU is published to read: PaddleOCR-VL behind FastDeploy on an A100, whole pages at 72 DPI.
ACCURATE = 2.43
#: The order of what PP-OCR is published to read on one, with batches of everybody's pages.
FAST = 100.0


@dataclass(frozen=True)
class Traffic:
    """What was asked of the engines.

    Attributes:
        accurate, fast: shares of all pages that were read by each of these rungs, 0..1; the rest is text layers.
        hits: share of the answers that came from the cache.
        pages: a document, on average.
    """

    accurate: float
    fast: float
    hits: float
    pages: float


def traffic(rungs: Mapping[str, int], hits: float, answers: int) -> Traffic:
    """Out of counted pages."""
    pages = sum(rungs.values())
    if not pages or not answers:
        return Traffic(0.0, 0.0, hits, 0.0)
    return Traffic(rungs.get("accurate", 0) / pages, rungs.get("fast", 0) / pages, hits, pages / answers)


def documents_a_second(of: Traffic, accurate: float = ACCURATE, fast: float = FAST) -> float:
    """What one GPU can do at most; infinite where nothing needs it."""
    seconds = of.pages * (1 - of.hits) * (of.accurate / accurate + of.fast / fast)
    return 1 / seconds if seconds > 0 else float("inf")


def most_accurate(
    qps: float, *, hits: float = 0.0, pages: float = 1.0, accurate: float = ACCURATE, fast: float = FAST
) -> float:
    """The largest share of accurate pages, the others fast, with which a GPU still reads `qps` documents a second.

    From v/accurate + (1 - v)/fast <= 1 / (qps n (1 - h)); negative where even fast pages alone are too many, cut at 1.
    """
    if hits >= 1 or pages <= 0:
        return 1.0
    budget = 1 / (qps * pages * (1 - hits))
    return min(1.0, (budget - 1 / fast) / (1 / accurate - 1 / fast))
