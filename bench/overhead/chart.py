"""Processor time a request as a picture: a bar a server and a number of callers, a dot for each round."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from xml.sax.saxutils import escape

from bench.overhead.measure import Run

_LEFT, _WIDTH, _RIGHT, _ROW, _BAR, _TOP = 200, 520, 220, 32, 18, 36
_OURS, _OTHERS, _DOT = "#2a6f97", "#e0a458", "#1b1f24"


def chart(rounds: Sequence[Sequence[Run]]) -> str:
    """An SVG; beside each bar its milliseconds and the requests a second."""
    runs = [run for found in rounds for run in found]
    rows = sorted({(run.callers, run.way) for run in runs}, key=lambda row: (row[0], row[1] != "ours", row[1]))
    scale = _WIDTH / max(run.cpu_ms for run in runs)
    parts = ['<text x="8" y="20" font-weight="bold">Processor milliseconds a request</text>']
    for index, (callers, way) in enumerate(rows):
        chosen = [run for run in runs if (run.callers, run.way) == (callers, way)]
        parts += _bar(f"{way}, {callers} caller{'s' * (callers > 1)}", chosen, _TOP + index * _ROW, scale)
    height = _TOP + len(rows) * _ROW + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {height}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f"{chr(10).join(parts)}\n</svg>\n"
    )


def _bar(name: str, runs: Sequence[Run], y: int, scale: float) -> list[str]:
    cost, middle = median(run.cpu_ms for run in runs), y + _BAR / 2
    end = _LEFT + max(run.cpu_ms for run in runs) * scale
    colour = _OURS if runs[0].way == "ours" else _OTHERS
    dots = [f'<circle cx="{_LEFT + run.cpu_ms * scale:.1f}" cy="{middle}" r="2.5" fill="{_DOT}"/>' for run in runs]
    told = f"{cost:.1f} ms, {median(run.a_second for run in runs):.0f} requests/s"
    return [
        f'<text x="{_LEFT - 8}" y="{y + _BAR - 4}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{_LEFT}" y="{y}" width="{cost * scale:.1f}" height="{_BAR}" fill="{colour}"/>',
        *dots,
        f'<text x="{end + 8:.1f}" y="{y + _BAR - 4}">{told}</text>',
    ]
