"""The figures as Markdown tables (to print and to keep) and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bench.accuracy.measure import Mean, Result, means

_COLUMNS = ["CER", "CER any order", "word F1 any order", "word F1", "facts", "s/page"]
_MEANING = (
    "CER: character error rate in reading order, 0 is perfect, at most 1; any order: wherever a line stands on its "
    "page. Word F1: 1 is perfect. White space, full-width forms, dot leaders and words broken at line ends do not "
    "count. facts: statements that hold. Best of each measure in bold. Seconds of readings kept from an earlier run "
    "(all but ours) are of that run: --fresh measures all anew."
)


def markdown(results: Sequence[Result], versions: dict[str, str], pages: int) -> str:
    """Everything: what was run, means by class, document by document."""
    told = "\n".join(f"- {name}: {version}" for name, version in versions.items())
    return "\n\n".join(
        [
            "# Accuracy",
            f"At most the first {pages} pages of each document.\n{told}",
            _MEANING,
            "## Means by class",
            _by_class(means(results)),
            "## Document by document",
            _by_document(results),
        ]
    )


def as_json(results: Sequence[Result], versions: dict[str, str], pages: int) -> str:
    """The same figures for programs."""
    told = {
        "versions": versions,
        "pages_at_most": pages,
        "means": [mean.to_json() for mean in means(results)],
        "documents": [result.to_json() for result in results],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def write(folder: Path, results: Sequence[Result], versions: dict[str, str], pages: int) -> None:
    """`accuracy.md` and `accuracy.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "accuracy.md").write_text(markdown(results, versions, pages) + "\n", encoding="utf-8")
    (folder / "accuracy.json").write_text(as_json(results, versions, pages), encoding="utf-8")


def _by_class(rows: Sequence[Mean]) -> str:
    header = ["class", "documents", "reader", *_COLUMNS]
    best = _best([(row.name, row) for row in rows])
    body = [[row.name, str(row.documents), row.reader, *_cells(row, best[row.name])] for row in rows]
    return _table(header, body)


def _by_document(results: Sequence[Result]) -> str:
    names = list(dict.fromkeys(result.sample.name for result in results))
    ordered = [result for name in names for result in results if result.sample.name == name]
    best = _best([(result.sample.name, result) for result in ordered])
    body = [
        [
            result.sample.name,
            str(len(result.reading.pages)),
            result.reader,
            *_cells(result, best[result.sample.name]),
            "-" if result.table is None else f"{result.table:.3f}",
            "+".join(sorted(set(result.reading.rungs))) or "-",
            result.reading.error[:60] or "-",
        ]
        for result in ordered
    ]
    return _table(["document", "pages", "reader", *_COLUMNS, "table F1", "rungs", "error"], body)


def _best(rows: Sequence[tuple[str, Mean | Result]]) -> dict[str, tuple[float, ...]]:
    """The best figure of each measure among the readers of a document or class."""
    found: dict[str, tuple[float, ...]] = {}
    for key, row in rows:
        figures = _figures(row)
        known = found.get(key, figures)
        smaller = [min(a, b) for a, b in zip(known[:2], figures[:2], strict=True)]
        larger = [max(a, b) for a, b in zip(known[2:], figures[2:], strict=True)]
        found[key] = (*smaller, *larger)
    return found


def _figures(row: Mean | Result) -> tuple[float, ...]:
    scores = row.scores
    return tuple(round(figure, 3) for figure in (scores.cer, scores.cer_free, scores.f1_free, scores.f1_ordered))


def _cells(row: Mean | Result, best: tuple[float, ...]) -> list[str]:
    figures = [
        f"**{figure:.3f}**" if figure == top else f"{figure:.3f}"
        for figure, top in zip(_figures(row), best, strict=True)
    ]
    judged = f"{row.facts.passed}/{row.facts.judged}" if row.facts.judged else "-"
    return [*figures, judged, f"{row.seconds_a_page:.2f}"]


def _table(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    escaped = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in body]
    widths = [max(map(len, column)) for column in zip(header, *escaped, strict=True)]
    lines = [header, ["-" * width for width in widths], *escaped]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
