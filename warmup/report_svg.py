"""A cold start as SVG: the terminal's chart for documents. Legible on light and on dark paper, without any script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from warmup.phases import Phase
from warmup.report_chart import facts, names
from warmup.report_starts import ColdStart

_LABEL, _NUMBER, _CHART, _MARGIN = 170, 60, 560, 16
_BAR, _ROW, _HEAD = 14, 26, 20
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .number { text-anchor: end; font-variant-numeric: tabular-nums }
  .axis { stroke: #8c959f; stroke-width: 1 }
  .bar0 { fill: #2f6fb3 } .bar1 { fill: #c4701b }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .axis { stroke: #6e7681 } .bar0 { fill: #6cb0f5 } .bar1 { fill: #f0a35e }
  }
"""


def svg(starts: Sequence[ColdStart]) -> str:
    """One start, or two one above the other in each row, at one scale."""
    return "\n".join(_Drawing(starts).lines()) + "\n"


class _Drawing:
    def __init__(self, starts: Sequence[ColdStart]) -> None:
        self._starts = starts
        self._names = names(starts)
        self._first = min(start.first for start in starts)
        self._span = max(max(start.last for start in starts) - self._first, 0.001)
        self._left = _MARGIN + _LABEL + _NUMBER * len(starts) + 12
        self._row = _ROW + _BAR * (len(starts) - 1)
        self._top = _MARGIN + _HEAD * (len(starts) + 1)
        self._width = self._left + _CHART + _MARGIN

    def lines(self) -> Iterator[str]:
        """The whole file."""
        bottom = self._top + self._row * len(self._names)
        height = bottom + _HEAD + _MARGIN
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{height}" '
            f'viewBox="0 0 {self._width} {height}" role="img">'
        )
        titles = [start.title for start in self._starts]
        yield f"<title>{escape('Cold start: ' + ' | '.join(titles))}</title>"
        yield f"<style>{_STYLE}</style>"
        for index, title in enumerate(titles):
            y = _MARGIN + _HEAD * index
            yield f'<rect class="bar{index}" x="{_MARGIN}" y="{y + 2}" width="12" height="12"/>'
            yield _text(_MARGIN + 20, y + 13, title)
        yield f'<line class="axis" x1="{self._left}" y1="{self._top}" x2="{self._left}" y2="{bottom}"/>'
        for row, name in enumerate(self._names):
            yield from self._phase(name, self._top + self._row * row)
        yield _text(self._left, bottom + 16, f"{self._first:.2f} s")
        yield _text(self._left + _CHART, bottom + 16, f"{self._first + self._span:.2f} s", "number")
        yield "</svg>"

    def _phase(self, name: str, top: float) -> Iterator[str]:
        yield _text(_MARGIN, top + self._row / 2 + 5, name)
        for index, start in enumerate(self._starts):
            right = _MARGIN + _LABEL + _NUMBER * (index + 1)
            phase = next((phase for phase in start.phases if phase.name == name), None)
            yield _text(right, top + self._row / 2 + 5, "-" if phase is None else f"{phase.seconds:.2f}", "number")
            if phase is not None and phase.state != "waiting":
                yield self._bar(phase, index, top + 6 + _BAR * index)

    def _bar(self, phase: Phase, index: int, top: float) -> str:
        scale = _CHART / self._span
        x = self._left + (phase.start - self._first) * scale
        words = f"{phase.name}: {phase.seconds:.3f} s from {phase.start:.3f} s on, {phase.state}"
        told = ", ".join(filter(None, [words, facts(phase)]))
        size = f'width="{max(1.0, phase.seconds * scale):.1f}" height="{_BAR - 2}"'
        return f'<rect class="bar{index}" x="{x:.1f}" y="{top:.1f}" {size}><title>{escape(told)}</title></rect>'


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{style}>{escape(words)}</text>'
