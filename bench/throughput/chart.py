"""The ways as a picture: a bar a way, as long as its median of pages a second, with a dot for each round."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles
from xml.sax.saxutils import escape

from bench.throughput.measure import BORN_DIGITAL, Run
from bench.throughput.report import ways_of

_LEFT, _WIDTH, _RIGHT, _ROW, _BAR, _TOP = 260, 520, 240, 34, 18, 34
_OURS, _LIMIT, _OTHERS, _DOT, _GRID, _GREY = "#2a6f97", "#8a9aa5", "#e0a458", "#1b1f24", "#d8dee4", "#57606a"


def chart(rounds: Sequence[Sequence[Run]]) -> str:
    """An SVG: pictures above, born-digital PDFs below, each on a scale of its own."""
    ways = ways_of(rounds)
    groups = (
        ("Pages a second, pictures", [way for way in ways if BORN_DIGITAL not in way]),
        ("Pages a second, PDFs with their own text", [way for way in ways if BORN_DIGITAL in way]),
    )
    parts: list[str] = []
    y = 8
    for title, chosen in groups:
        if chosen:
            parts += _group(title, chosen, rounds, y)
            y += _TOP + len(chosen) * _ROW + 36
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {y}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f"{chr(10).join(parts)}\n</svg>\n"
    )


def _group(title: str, ways: Sequence[str], rounds: Sequence[Sequence[Run]], top: int) -> list[str]:
    found = {way: [run for runs in rounds for run in runs if run.way == way] for way in ways}
    most = max(run.pages_a_second for runs in found.values() for run in runs) or 1.0
    scale = _WIDTH / most
    parts = [f'<text x="8" y="{top + 14}" font-weight="bold">{escape(title)}</text>']
    parts += _grid(most, scale, top + _TOP - 6, top + _TOP + len(ways) * _ROW)
    for index, way in enumerate(ways):
        parts += _bar(way, found[way], top + _TOP + index * _ROW, scale)
    return parts


def _grid(most: float, scale: float, top: int, bottom: int) -> list[str]:
    step = next(step for step in (0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 1000, 10_000) if most / step <= 10)
    parts = []
    for tick in range(int(most / step) + 1):
        x = _LEFT + tick * step * scale
        parts.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="{_GRID}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" fill="{_GREY}">{tick * step:g}</text>')
    return parts


def _bar(way: str, runs: Sequence[Run], y: int, scale: float) -> list[str]:
    reached = median(run.pages_a_second for run in runs)
    colour = _OURS if way.startswith("server") else _LIMIT if way.startswith("raw") else _OTHERS
    end = _LEFT + max(run.pages_a_second for run in runs) * scale
    dots = [
        f'<circle cx="{_LEFT + run.pages_a_second * scale:.1f}" cy="{y + _BAR / 2}" r="2.5" fill="{_DOT}"/>'
        for run in runs
    ]
    return [
        f'<text x="{_LEFT - 8}" y="{y + _BAR - 4}" text-anchor="end">{escape(way)}</text>',
        f'<rect x="{_LEFT}" y="{y}" width="{reached * scale:.1f}" height="{_BAR}" fill="{colour}"/>',
        *dots,
        f'<text x="{end + 8:.1f}" y="{y + _BAR - 4}">{reached:.2f}{_waits(runs)}</text>',
    ]


def _waits(runs: Sequence[Run]) -> str:
    latencies = [seconds for run in runs for seconds in run.latencies]
    if len(latencies) < 2:
        return ""
    spread = quantiles(latencies, n=100, method="inclusive")
    return f", P50 {spread[49]:.1f} s, P95 {spread[94]:.1f} s"
