"""The report: a table in Markdown, the same with charts as one HTML file, everything as JSON."""

from __future__ import annotations

import html
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from bench.load_test import arithmetic, verdict
from bench.load_test.chart import charts
from bench.load_test.kpi import Figures, figures, recovered_after
from bench.load_test.run import Recorded
from bench.load_test.verdict import Verdict

_HEAD = ("stage", "right/s", "P50 s", "P95 s", "P99 s", "sent", "429", "errors", "read when back", "from cache",
         "pages by rung", "CPU", "MiB", "GPU %", "GPU MiB")  # fmt: skip


def cells(row: Figures) -> list[str]:
    """One line of the table."""
    rungs = ", ".join(f"{rung} {count / row.rungs.total():.0%}" for rung, count in row.rungs.most_common())
    return [
        row.stage.name, f"{row.qps:.2f}", _seconds(row.p50), _seconds(row.p95), _seconds(row.p99), str(row.sent),
        f"{row.shed_rate:.0%}", f"{row.error_rate:.2%}", f"{row.served}/{row.came_back}", f"{row.cached:.0%}",
        rungs or "none", _number(row.cpu, 2), _mebibytes(row.rss), _number(row.gpu, 0), _mebibytes(row.gpu_memory),
    ]  # fmt: skip


def _seconds(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.2f}"


def _number(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:.{digits}f}"


def _mebibytes(value: float | None) -> str:
    return "none" if value is None else f"{value / (1 << 20):.0f}"


def _word(of: Verdict) -> str:
    return "not to be told here" if of.met is None else "met" if of.met else "MISSED"


class Report:
    """What is told of one run.

    Args:
        of: the run.
        title: what was sent where, in one line.
        gpus: how many the server has; 0 without.
        accurate, fast: pages a second of one GPU, for the arithmetic of the mix.
    """

    def __init__(
        self, of: Recorded, title: str, gpus: int, accurate: float = arithmetic.ACCURATE, fast: float = arithmetic.FAST
    ) -> None:
        self._of, self._title = of, title
        self.rows = figures(of.plan, of.samples, of.watched)
        self.goals = verdict.goals(self.rows, gpus)
        self.overload = verdict.overload(self.rows, recovered_after(of.plan, of.samples))
        self.mix = verdict.mix(self.rows, accurate, fast)

    def markdown(self) -> str:
        """The table, the verdicts, what they rest on."""
        table = [_line(_HEAD), _line(["---"] * len(_HEAD)), *(_line(cells(row)) for row in self.rows)]
        return "\n".join([
            "# Load", "", self._title, "", *table, "", "## Goals", "", *_listed(self.goals), "", self.mix, "",
            "## Overload", "", *_listed(self.overload), "", *self._reasons(),
        ])  # fmt: skip

    def html(self) -> str:
        """One file that needs nothing else."""
        head = "".join(f"<th>{html.escape(each)}</th>" for each in _HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells(row)) + "</tr>" for row in self.rows
        )
        drawn = "".join(charts(self._of.plan, self._of.samples, self._of.watched))
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Load</title><style>'
            "body{font:15px sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}table{border-collapse:collapse}"
            "td,th{border:1px solid #d8dee4;padding:.3em .6em;text-align:right}td:first-child{text-align:left}"
            "svg{width:100%;margin:1em 0}.wide{overflow-x:auto}</style><h1>Load</h1>"
            f"<p>{html.escape(self._title)}</p>"
            f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>{drawn}'
            f"<h2>Goals</h2><ul>{_items(self.goals)}</ul><p>{html.escape(self.mix)}</p>"
            f"<h2>Overload</h2><ul>{_items(self.overload)}</ul></html>\n"
        )

    def write(self, folder: Path) -> None:
        """`load.md`, `load.html`, `load.json`; and `run.json`, from which the report can be made again."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "load.md").write_text(self.markdown(), encoding="utf-8")
        (folder / "load.html").write_text(self.html(), encoding="utf-8")
        told = {
            "title": self._title,
            "stages": [_plain(row) for row in self.rows],
            "goals": [asdict(each) for each in self.goals],
            "overload": [asdict(each) for each in self.overload],
            "mix": self.mix,
            "service_seconds": self.service_seconds(),
        }
        (folder / "load.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        (folder / "run.json").write_text(json.dumps({"title": self._title, **self._of.told()}), encoding="utf-8")

    def service_seconds(self) -> list[float]:
        """What documents took that were read while few others were, as `bench.autoscaling --seconds` takes them."""
        ends, quiet = 0.0, []
        for stage in self._of.plan:
            if not stage.counts:
                quiet.append((ends, ends + stage.seconds))
            ends += stage.seconds
        return [
            each["service"]
            for each in self._of.samples
            if each.get("service")
            and not each.get("cached")
            and any(first <= each["at"] < last for first, last in quiet)
        ]

    def _reasons(self) -> Sequence[str]:
        reasons = sum((row.reasons for row in self.rows), Counter[str]())
        return (
            ["Errors:", "", *(f"- {count} x {reason}" for reason, count in reasons.most_common(8)), ""]
            if reasons
            else []
        )


def _plain(row: Figures) -> dict[str, object]:
    """NaN is no JSON."""
    told = {field.name: getattr(row, field.name) for field in fields(row)}
    plain = {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in told.items()}
    return {**plain, "stage": asdict(row.stage)}


def _line(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def _listed(verdicts: Sequence[Verdict]) -> list[str]:
    return [f"- {each.goal}: {each.measured}: {_word(each)}" for each in verdicts]


def _items(verdicts: Sequence[Verdict]) -> str:
    return "".join(f"<li>{html.escape(line[2:])}</li>" for line in _listed(verdicts))
