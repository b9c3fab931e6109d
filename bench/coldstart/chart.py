"""The starts as a picture: a bar a way, as long as its median, with a dot for each start."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from xml.sax.saxutils import escape

from bench.coldstart.starts import Start

_LEFT, _WIDTH, _ROW, _BAR, _TOP = 230, 640, 44, 20, 40
_READY, _FIRST, _DOT, _GRID = "#2a6f97", "#a9d6e5", "#01497c", "#d8dee4"


def chart(starts: Sequence[Start]) -> str:
    """An SVG: dark to ready, light from there to the first answer, a dot at each start's ready."""
    rows = list(dict.fromkeys((start.way, start.cache) for start in sorted(starts, key=_order)))
    longest = max((start.answered or start.ready for start in starts), default=1.0)
    scale = _WIDTH / longest
    parts = [*_grid(longest, scale, len(rows))]
    for index, (way, cache) in enumerate(rows):
        chosen = [start for start in starts if (start.way, start.cache) == (way, cache)]
        parts += _bar(f"{way} ({cache})", chosen, _TOP + index * _ROW, scale)
    height = _TOP + len(rows) * _ROW + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 60} {height}" '
        f'font-family="sans-serif" font-size="13">\n'
        f'<text x="8" y="20">Seconds from the birth of the process: ready (dark), first answer (light)</text>\n'
        f"{chr(10).join(parts)}\n</svg>\n"
    )


def _order(start: Start) -> tuple[bool, str]:
    return start.cache != "warm", start.way


def _grid(longest: float, scale: float, rows: int) -> list[str]:
    step = next(step for step in (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 600) if longest / step <= 12)
    bottom = _TOP + rows * _ROW
    parts = []
    for tick in range(int(longest / step) + 1):
        x = _LEFT + tick * step * scale
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{bottom}" stroke="{_GRID}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" fill="#57606a">{tick * step:g}</text>')
    return parts


def _bar(name: str, starts: Sequence[Start], y: float, scale: float) -> list[str]:
    ready = median(start.ready for start in starts)
    answered = [start.answered for start in starts if start.answered is not None]
    end = median(answered) if answered else ready
    dots = [
        f'<circle cx="{_LEFT + start.ready * scale:.1f}" cy="{y + _BAR + 6}" r="2.5" fill="{_DOT}"/>'
        for start in starts
    ]
    return [
        f'<text x="{_LEFT - 8}" y="{y + _BAR - 5}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{_LEFT}" y="{y}" width="{end * scale:.1f}" height="{_BAR}" fill="{_FIRST}"/>',
        f'<rect x="{_LEFT}" y="{y}" width="{ready * scale:.1f}" height="{_BAR}" fill="{_READY}"/>',
        f'<text x="{_LEFT + end * scale + 6:.1f}" y="{y + _BAR - 5}">{ready:.2f} s</text>',
        *dots,
    ]
