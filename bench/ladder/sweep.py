"""`auto` replayed on pages that were read already, with one threshold moved at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from bench.ladder.pages import Page
from function.reading.accurate.need import Thresholds

#: Values that are tried, by the field of `Thresholds`; the last of each never wakes the accurate engine for that sign.
TRIED: dict[str, Sequence[float]] = {
    "doubtful": (0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.3, 1.0),
    "unread": (0.02, 0.05, 0.1, 0.2, 0.4, 1.0),
    "cells": (1, 4, 9, 16, 32, 0),
    "formulas": (1, 2, 3, 5, 0),
    "height": (12, 10, 9, 8, 0),
}
#: The variables behind the fields.
VARIABLES = {
    "doubtful": "OCR_LADDER_DOUBT",
    "unread": "OCR_LADDER_INK",
    "cells": "OCR_LADDER_CELLS",
    "formulas": "OCR_LADDER_FORMULAS",
    "height": "OCR_LADDER_HEIGHT",
}


@dataclass(frozen=True)
class Point:
    """What some thresholds cost and bring.

    Attributes:
        name: which thresholds.
        series: which one was moved.
        escalated: share of pages that the accurate engine reads, 0..1.
        cer: mean character error rate of what callers get.
        seconds: a page, both rungs together.
        precision: share of the pages escalated that the fast rung read badly.
        recall: share of the pages that the fast rung read badly that were escalated.
    """

    name: str
    series: str
    escalated: float
    cer: float
    seconds: float
    precision: float
    recall: float


def sweep(pages: Sequence[Page], base: Thresholds, *, bad: float) -> list[Point]:
    """One point for the thresholds as they are, for never, for always, and for each value that is tried.

    Args:
        pages: read by both rungs.
        base: the thresholds as they are set.
        bad: a page with a higher error rate was read badly.
    """
    points = [_point("never", "ends", pages, [False] * len(pages), bad)]
    points.append(_of("as set", "ends", pages, base, bad))
    points.append(_point("always", "ends", pages, [True] * len(pages), bad))
    return points + list(_moved(pages, base, bad))


def _moved(pages: Sequence[Page], base: Thresholds, bad: float) -> Iterator[Point]:
    for name, values in TRIED.items():
        for value in values:
            moved = replace(base, **{name: value})  # type: ignore[arg-type]
            yield _of(f"{VARIABLES[name]}={value:g}", name, pages, moved, bad)


def _of(name: str, series: str, pages: Sequence[Page], thresholds: Thresholds, bad: float) -> Point:
    return _point(name, series, pages, [bool(thresholds.reasons(page.signs)) for page in pages], bad)


def _point(name: str, series: str, pages: Sequence[Page], chosen: Sequence[bool], bad: float) -> Point:
    both = list(zip(pages, chosen, strict=True))
    badly = [page.fast > bad for page in pages]
    right = sum(up and was_bad for up, was_bad in zip(chosen, badly, strict=True))
    return Point(
        name=name,
        series=series,
        escalated=fmean(chosen),
        cer=fmean(page.accurate if up else page.fast for page, up in both),
        seconds=fmean(page.fast_seconds + page.accurate_seconds * up for page, up in both),
        precision=right / sum(chosen) if any(chosen) else 1.0,
        recall=right / sum(badly) if any(badly) else 1.0,
    )
