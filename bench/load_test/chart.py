"""The run as pictures: answers a second and users, seconds of those accepted, what the server took. SVG by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from bench.load_test.kpi import Sample, Watched, is_error, percentiles
from bench.load_test.stages import Stage

_LEFT, _WIDTH, _HEIGHT, _TOP = 60, 820, 190, 46
_GRID, _WORDS = "#d8dee4", "#57606a"
_STEP = 2.0
Line = tuple[str, str, list[tuple[float, float]]]


def charts(plan: Sequence[Stage], samples: Sequence[Sample], watched: Sequence[Watched]) -> list[str]:
    """Three drawings, or four where there is a GPU."""
    drawn = [
        _chart("Answers a second", plan, [
            ("read right", "#2a6f97", _rate(plan, samples, lambda each: bool(each.get("right")))),
            ("turned away, 429", "#e9a03b", _rate(plan, samples, lambda each: each["status"] == 429)),
            ("errors", "#c1121f", _rate(plan, samples, is_error)),
        ]),
        _chart("Seconds of accepted requests", plan, [
            ("P95", "#01497c", _latency(plan, samples, 1)), ("P50", "#7fb7d1", _latency(plan, samples, 0)),
        ]),
        _chart("Processors busy, and GiB of memory", plan, [
            ("processors", "#2a6f97", [(each.at, each.cpu) for each in watched if each.cpu is not None]),
            ("GiB", "#6a4c93", [(each.at, each.rss / (1 << 30)) for each in watched if each.rss is not None]),
        ]),
    ]  # fmt: skip
    gpu = [(each.at, each.gpu) for each in watched if each.gpu is not None]
    return [*drawn, _chart("GPU busy, %", plan, [("GPU", "#2a6f97", gpu)])] if gpu else drawn


def _length(plan: Sequence[Stage]) -> float:
    return sum(stage.seconds for stage in plan)


def _buckets(plan: Sequence[Stage]) -> list[float]:
    return [index * _STEP for index in range(int(_length(plan) / _STEP))]


def _rate(
    plan: Sequence[Stage], samples: Sequence[Sample], chosen: Callable[[Sample], bool]
) -> list[tuple[float, float]]:
    ends = [sample["at"] + sample["seconds"] for sample in samples if chosen(sample)]
    return [(at + _STEP / 2, sum(at <= end < at + _STEP for end in ends) / _STEP) for at in _buckets(plan)]


def _latency(plan: Sequence[Stage], samples: Sequence[Sample], which: int) -> list[tuple[float, float]]:
    found = []
    for at in _buckets(plan):
        seconds = [each["seconds"] for each in samples if each["status"] == 200 and at <= each["at"] < at + _STEP]
        if seconds:
            found.append((at + _STEP / 2, percentiles(seconds)[which]))
    return found


def _chart(title: str, plan: Sequence[Stage], lines: Sequence[Line]) -> str:
    most = max((y for _, _, points in lines for _, y in points), default=1.0) or 1.0
    across, up = _WIDTH / max(_length(plan), 1e-9), _HEIGHT / most
    bottom = _TOP + _HEIGHT
    parts = [*_stages(plan, across, bottom), *_scale(most, up, bottom)]
    for index, (name, colour, points) in enumerate(lines):
        path = " ".join(f"{_LEFT + x * across:.1f},{bottom - y * up:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        x = _LEFT + 330 + index * 170
        parts.append(f'<rect x="{x}" y="7" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="18">{escape(name)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 20} {bottom + 28}" '
        f'font-family="sans-serif" font-size="13" role="img" aria-label="{escape(title)}">\n'
        f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>\n{chr(10).join(parts)}\n</svg>'
    )


def _stages(plan: Sequence[Stage], across: float, bottom: float) -> list[str]:
    parts, x = [], float(_LEFT)
    for index, stage in enumerate(plan):
        wide = stage.seconds * across
        fill = "#f6f8fa" if index % 2 else "#ffffff"
        parts.append(f'<rect x="{x:.1f}" y="{_TOP}" width="{wide:.1f}" height="{bottom - _TOP}" fill="{fill}"/>')
        parts.append(f'<text x="{x + wide / 2:.1f}" y="{_TOP - 8}" text-anchor="middle" fill="{_WORDS}" '
                     f'font-size="11">{escape(stage.name)}</text>')  # fmt: skip
        x += wide
    last = f"{_length(plan):.0f} s"
    parts.append(f'<text x="{_LEFT}" y="{bottom + 18}" fill="{_WORDS}">0 s</text>')
    parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="end" fill="{_WORDS}">{last}</text>')
    return parts


def _scale(most: float, up: float, bottom: float) -> list[str]:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    step = next((step for step in steps if most / step <= 5), most)
    parts = []
    for tick in range(int(most / step) + 1):
        y = bottom - tick * step * up
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _WIDTH}" y2="{y:.1f}" stroke="{_GRID}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{_WORDS}">{tick * step:g}</text>')
    return parts
