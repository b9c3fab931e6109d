"""The sweep as a table, as JSON and as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.ladder.chart import chart
from bench.ladder.halves import HALVES, LEGIBILITY, half_of, legible, score, tuned
from bench.ladder.pages import Page
from bench.ladder.sweep import VARIABLES, Point
from function.reading.accurate.need import Thresholds

_HEAD = ["thresholds", "escalated", "CER any order", "s/page", "precision", "recall"]


def markdown(pages: Sequence[Page], points: Sequence[Point], accurate: str, bad: float, thresholds: Thresholds) -> str:
    """Everything that was measured.

    Args:
        pages: read by both rungs.
        points: of the sweep.
        accurate: what stood on the accurate rung, in words.
        bad: a page with a higher error rate was read badly.
        thresholds: as they are set.
    """
    about = (
        f"{len(pages)} pages of {len({page.document for page in pages})} documents, their text layers left out "
        f"(ocr=always). Accurate rung: {accurate}. Badly read: above {bad:g} errors a character, wherever text stands; "
        "precision and recall are about that alone, so a table or formula that was read well in letters counts "
        "against precision."
    )
    rows = [
        [
            point.name,
            f"{point.escalated:.0%}",
            f"{point.cer:.4f}",
            f"{point.seconds:.2f}",
            f"{point.precision:.2f}",
            f"{point.recall:.2f}",
        ]
        for point in points
    ]
    halves = ["## One half teaches, the other judges", *_halves(pages, thresholds, bad)]
    by_page = ["## Page by page", _pages(pages, thresholds)]
    return "\n\n".join(["# The ladder's thresholds", about, _table(_HEAD, rows), *halves, *by_page])


def _halves(pages: Sequence[Page], thresholds: Thresholds, bad: float) -> list[str]:
    """What the thresholds find on each half, as they are set and as the first half would set them."""
    parts = {
        (half, folder): [page for page in pages if half_of(page.document) == half and page.folder == folder]
        for half in HALVES
        for folder in sorted({page.folder for page in pages})
    }
    taught = tuned([page for (half, _), part in parts.items() if half == HALVES[0] for page in part], thresholds, bad)
    chosen = ", ".join(f"{VARIABLES[name]}={getattr(taught, name):g}" for name in LEGIBILITY)
    about = (
        f"By the hash of each document's name. Best on the half `{HALVES[0]}` (F1, without tables and formulas): "
        f"{chosen}. What counts is the other half."
    )
    kinds = {
        "as set, legibility alone": legible(thresholds),
        "as set, any sign": thresholds,
        "tuned, legibility alone": legible(taught),
    }
    rows = [
        [half, folder, name, *map(str, (found.pages, found.bad, found.climbed))]
        + [f"{share:.2f}" if found.pages else "-" for share in (found.precision, found.recall)]
        for name, kind in kinds.items()
        for (half, folder), part in parts.items()
        for found in [score(part, kind, bad)]
    ]
    head = ["half", "folder", "thresholds", "pages", "read badly", "climb", "precision", "recall"]
    return [about, _table(head, rows)]


def write(folder: Path, text: str, pages: Sequence[Page], points: Sequence[Point], title: str) -> None:
    """`ladder.md`, `ladder.json` and `ladder.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ladder.md").write_text(text + "\n", encoding="utf-8")
    told = {"pages": [asdict(page) for page in pages], "points": [asdict(point) for point in points]}
    (folder / "ladder.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "ladder.svg").write_text(chart(points, title), encoding="utf-8")


def _pages(pages: Sequence[Page], thresholds: Thresholds) -> str:
    rows = [
        [
            f"{page.document} {page.number}",
            f"{page.fast:.3f}",
            f"{page.accurate:.3f}",
            ", ".join(thresholds.reasons(page.signs).values()) or "-",
        ]
        for page in sorted(pages, key=lambda page: -page.fast)
    ]
    return _table(["page", "CER fast", "CER accurate", "escalated because"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *escaped, strict=True)]
    lines = [head, ["-" * width for width in widths], *escaped]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
