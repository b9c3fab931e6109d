"""Cost against accuracy as a picture: a line for each threshold that was moved, a ring where it is set."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bench.ladder.sweep import VARIABLES, Point

_LEFT, _TOP, _WIDTH, _HEIGHT = 70, 40, 520, 320
_COLOURS = {"doubtful": "#2a6f97", "unread": "#bc6c25", "cells": "#588157", "formulas": "#9d4edd", "height": "#6c757d"}
_GRID, _TEXT = "#d8dee4", "#57606a"


def chart(points: Sequence[Point], title: str) -> str:
    """An SVG: to the right more pages escalated, downwards fewer errors; the best place is the lower left.

    Args:
        points: of a sweep.
        title: what was measured.
    """
    worst = max((point.cer for point in points), default=0.0) or 1.0
    series = {name: [point for point in points if point.series == name] for name in VARIABLES}
    parts = [*_grid(worst)]
    for row, (name, moved) in enumerate(series.items()):
        parts += _line(moved, _COLOURS[name], worst)
        level = _TOP + 14 + 20 * row
        parts.append(
            f'<rect x="{_LEFT + _WIDTH + 20}" y="{level - 9}" width="10" height="10" fill="{_COLOURS[name]}"/>'
        )
        parts.append(f'<text x="{_LEFT + _WIDTH + 36}" y="{level}">{escape(VARIABLES[name])}</text>')
    for point in points:
        if point.series == "ends":
            x, y = _place(point, worst)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" stroke="#d00000" stroke-width="2"/>')
            parts.append(f'<text x="{x + 10:.1f}" y="{y - 8:.1f}" fill="#d00000">{escape(point.name)}</text>')
    width, height = _LEFT + _WIDTH + 230, _TOP + _HEIGHT + 50
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="{width}" height="{height}" fill="#fff"/>\n'
        f'<text x="8" y="20">{escape(title)}</text>\n{chr(10).join(parts)}\n</svg>\n'
    )


def _place(point: Point, worst: float) -> tuple[float, float]:
    return _LEFT + point.escalated * _WIDTH, _TOP + _HEIGHT * (1 - point.cer / worst)


def _grid(worst: float) -> list[str]:
    parts = []
    for step in range(6):
        across, down = _LEFT + _WIDTH * step / 5, _TOP + _HEIGHT * (1 - step / 5)
        parts.append(f'<line x1="{across:.1f}" y1="{_TOP}" x2="{across:.1f}" y2="{_TOP + _HEIGHT}" stroke="{_GRID}"/>')
        parts.append(f'<line x1="{_LEFT}" y1="{down:.1f}" x2="{_LEFT + _WIDTH}" y2="{down:.1f}" stroke="{_GRID}"/>')
        below, beside = f'y="{_TOP + _HEIGHT + 18}" text-anchor="middle"', f'x="{_LEFT - 8}" text-anchor="end"'
        parts.append(f'<text x="{across:.1f}" {below} fill="{_TEXT}">{step * 20} %</text>')
        parts.append(f'<text y="{down + 4:.1f}" {beside} fill="{_TEXT}">{worst * step / 5:.3f}</text>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP + _HEIGHT + 40}" fill="{_TEXT}">pages the accurate engine reads</text>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP - 6}" fill="{_TEXT}">character error rate of what callers get</text>')
    return parts


def _line(points: Sequence[Point], colour: str, worst: float) -> list[str]:
    places = [_place(point, worst) for point in sorted(points, key=lambda point: point.escalated)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>', *dots]
