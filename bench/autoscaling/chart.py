"""What each way costs against how long it lets wait, and its pods over time, as one SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from bench.autoscaling.report import Figures
from bench.autoscaling.world import Outcome

_WIDTH, _LEFT, _TOP, _PLOT, _LANE = 900, 230, 40, 240, 46
_COLOURS = ("#2a6f97", "#d1495b", "#edae49", "#00798c", "#6a4c93", "#8a8d91", "#3d5a3c", "#b5651d", "#56445d")
_GRID, _TEXT = "#d8dee4", "#57606a"
#: Waits below this many seconds are drawn as this.
_SHORTEST = 0.1


def chart(rows: Sequence[Figures], outcomes: Sequence[Outcome], duration: float) -> str:
    """An SVG: above, pod hours (right) and the P99 wait (up, logarithmic); below, pods over time, a lane a way."""
    height = _TOP + _PLOT + 60 + len(rows) * _LANE + 20
    parts = [*_scatter(rows), *_lanes(rows, outcomes, duration, _TOP + _PLOT + 60)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n{chr(10).join(parts)}\n</svg>\n'
    )


def _scatter(rows: Sequence[Figures]) -> list[str]:
    most = max(row.hours for row in rows) * 1.05 or 1.0
    waits = [max(_SHORTEST, row.p99) for row in rows]
    low, high = math.floor(math.log10(min(waits))), math.ceil(math.log10(max(waits)) + 0.01)
    parts = [_label(_LEFT, 20, "P99 wait, s (up), by pod hours that are paid for (to the right)", "start", "#000")]
    for power in range(low, high + 1):
        y = _height(10.0**power, low, high)
        parts.append(_line(_LEFT, y, _WIDTH - 30, y))
        parts.append(_label(_LEFT - 8, y + 4, f"{10.0**power:g}", "end"))
    for part in range(5):
        x = _LEFT + (_WIDTH - 30 - _LEFT) * part / 4
        parts.append(_label(x, _TOP + _PLOT + 16, f"{most * part / 4:.0f}", "middle"))
    for index, (row, wait) in enumerate(zip(rows, waits, strict=True)):
        x, y = _LEFT + (_WIDTH - 30 - _LEFT) * row.hours / most, _height(wait, low, high)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill-opacity="0.85" fill="{_colour(index)}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{y + 3.5:.1f}" text-anchor="middle" fill="#fff" font-size="10">{index + 1}</text>'
        )
    return parts


def _height(wait: float, low: int, high: int) -> float:
    return _TOP + _PLOT * (1 - (math.log10(wait) - low) / (high - low))


def _lanes(rows: Sequence[Figures], outcomes: Sequence[Outcome], duration: float, top: float) -> list[str]:
    parts = [_label(_LEFT, top - 10, f"pods over {duration / 86400:.1f} days; pale: starting", "start", "#000")]
    width = _WIDTH - 30 - _LEFT
    for index, (row, outcome) in enumerate(zip(rows, outcomes, strict=True)):
        base = top + (index + 1) * _LANE - 8
        unit = (_LANE - 14) / max(1, row.most_pods)
        parts.append(_label(_LEFT - 8, base - 8, f"{index + 1} {row.name}", "end", _colour(index)))
        parts.append(_label(_WIDTH - 26, base - _LANE + 24, str(row.most_pods), "start"))
        for which, opacity in ((1, "0.3"), (0, "1")):
            points = _steps(outcome, duration, width, which=which)
            path = " ".join(f"{_LEFT + x:.1f},{base - pods * unit:.1f}" for x, pods in points)
            end = f"{_LEFT + width},{base} {_LEFT},{base}"
            parts.append(f'<polygon points="{path} {end}" fill="{_colour(index)}" fill-opacity="{opacity}"/>')
        parts.append(_line(_LEFT, base, _WIDTH - 30, base))
    return parts


def _steps(outcome: Outcome, duration: float, width: float, *, which: int) -> list[tuple[float, int]]:
    """Highest count a pixel column: `which` 0 of the ready, 1 of the ready and starting."""
    columns = [0] * (int(width) + 1)
    ahead = [*outcome.pods[1:], (duration, 0, 0)]
    for (begin, ready, starting), (end, _, _) in zip(outcome.pods, ahead, strict=True):
        pods = ready + which * starting
        for column in range(int(begin / duration * width), min(int(width), int(end / duration * width)) + 1):
            columns[column] = max(columns[column], pods)
    return [
        point for column, pods in enumerate(columns) for point in ((column, pods), (min(column + 1, int(width)), pods))
    ]


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]


def _line(x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{_GRID}"/>'


def _label(x: float, y: float, text: str, anchor: str, colour: str = _TEXT) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
