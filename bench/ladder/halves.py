"""Thresholds chosen on one half of the documents and judged on the other, so that no page judges what it taught.

Halves are by document, never by page, and by a rule that nobody can bend: the SHA-256 of its name, up to the first dot,
so that a document's degraded versions (`degraded.py`) are in its half, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from bench.ladder.pages import Page
from bench.ladder.sweep import TRIED
from function.reading.accurate.need import Thresholds

HALVES = ("tuning", "judging")
#: What says that a page could not be read; tables and formulas climb for their structure, which letters do not judge.
LEGIBILITY = ("doubtful", "unread", "height")


@dataclass(frozen=True)
class Score:
    """What some thresholds find of the pages that were read badly.

    Attributes:
        pages, bad, climbed, right: numbers of pages; `right` were read badly and climb.
    """

    pages: int
    bad: int
    climbed: int
    right: int

    @property
    def precision(self) -> float:
        """Share of those that climb that were read badly."""
        return self.right / self.climbed if self.climbed else 1.0

    @property
    def recall(self) -> float:
        """Share of those that were read badly that climb."""
        return self.right / self.bad if self.bad else 1.0

    @property
    def f1(self) -> float:
        """Of both; 1 at best."""
        return 2 * self.right / (self.bad + self.climbed) if self.bad + self.climbed else 1.0


def half_of(document: str) -> str:
    """One of HALVES."""
    return HALVES[hashlib.sha256(document.partition(".")[0].encode()).digest()[0] % 2]


def legible(thresholds: Thresholds) -> Thresholds:
    """The same, without tables and formulas."""
    return replace(thresholds, cells=0, formulas=0)


def score(pages: Sequence[Page], thresholds: Thresholds, bad: float) -> Score:
    """Count, by every sign that is not switched off.

    Args:
        pages: that were read.
        thresholds: that decide who climbs.
        bad: a page with a higher error rate was read badly.
    """
    told = [(page.fast > bad, bool(thresholds.reasons(page.signs))) for page in pages]
    return Score(len(told), sum(was for was, _ in told), sum(up for _, up in told), sum(was and up for was, up in told))


def tuned(pages: Sequence[Page], base: Thresholds, bad: float) -> Thresholds:
    """The best F1 of all values that the sweep tries; of equal ones the fewest climb, and then those nearest to `base`.

    Args:
        pages: of the half that teaches.
        base: as they are set; tables and formulas stay as they are.
        bad: as for `score`.
    """

    def worth(one: Thresholds) -> tuple[float, int, int]:
        found = score(pages, legible(one), bad)
        kept = sum(getattr(one, name) == getattr(base, name) for name in LEGIBILITY)
        return found.f1, -found.climbed, kept

    return max(_all(base), key=worth)


def _all(base: Thresholds) -> Iterator[Thresholds]:
    for values in product(*(TRIED[name] for name in LEGIBILITY)):
        yield replace(base, **dict(zip(LEGIBILITY, values, strict=True)))  # type: ignore[arg-type]
