"""A cold start as a bar chart for the terminal: a row a phase, each bar where and as long as the phase was.

Readable without colour: one start is drawn in full blocks, the other one of two in shaded blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from warmup.phases import Phase
from warmup.report_starts import ColdStart

_BLOCKS, _PLAIN = ("█", "▒"), ("#", "=")
_LETTERS = "AB"
_NARROWEST = 20


def chart(starts: Sequence[ColdStart], *, width: int, plain: bool = False) -> str:
    """One start, or two side by side with what is different.

    Args:
        starts: one or two.
        width: of the terminal, in characters.
        plain: draw with ASCII alone.
    """
    rows = _Rows(starts, width, _PLAIN if plain else _BLOCKS)
    lines = [start.title for start in starts]
    if len(starts) > 1:
        lines = [f"{letter}  {line}" for letter, line in zip(_LETTERS, lines, strict=False)]
    notes = [
        (f"{letter}  {note}" if len(starts) > 1 else note)
        for letter, start in zip(_LETTERS, starts, strict=False)
        for note in _notes(start)
    ]
    return "\n".join([*lines, "", *rows.drawn(), *(["", *notes] if notes else [])]) + "\n"


def names(starts: Sequence[ColdStart]) -> list[str]:
    """Every phase of any of them, in the order of the first that has it."""
    return list(dict.fromkeys(phase.name for start in starts for phase in start.phases))


def facts(phase: Phase) -> str:
    """What was measured beside the time, in words."""
    words = []
    if "bytes" in phase.facts:
        words.append(f"{phase.facts['bytes'] / 1e6:.1f} MB at {phase.facts.get('mb_per_second', 0):,.0f} MB/s")
    if "character_error_rate" in phase.facts:
        words.append(f"{phase.facts['character_error_rate']:.1%} of the characters wrong")
    return ", ".join(words)


class _Rows:
    """All rows share one scale: the earliest beginning to the latest end of any start."""

    def __init__(self, starts: Sequence[ColdStart], width: int, blocks: Sequence[str]) -> None:
        self._starts, self._blocks = starts, blocks
        self._names = names(starts)
        self._first = min(start.first for start in starts)
        self._span = max(max(start.last for start in starts) - self._first, 0.001)
        self._label = max([len(name) for name in self._names] + [len("ready")])
        self._room = max(_NARROWEST, width - self._label - (12 if len(starts) == 1 else 24))

    def drawn(self) -> Iterator[str]:
        """Head, a row (or two) a phase, and the whole."""
        left, right = f"{self._first:.2f} s", f"{self._first + self._span:.2f} s"
        yield self._line("phase", *self._heads(), left + right.rjust(self._room - len(left)))
        for name in self._names:
            found = [next((phase for phase in start.phases if phase.name == name), None) for start in self._starts]
            yield from self._phase(name, found)
        readies = [None if start.ready is None else start.ready - start.first for start in self._starts]
        yield self._line("ready", *self._numbers(readies), "")

    def _phase(self, name: str, found: Sequence[Phase | None]) -> Iterator[str]:
        numbers = self._numbers([None if phase is None else phase.seconds for phase in found])
        for index, phase in enumerate(found):
            bar = "" if phase is None else self._bar(phase, self._blocks[index])
            blank = [""] * len(numbers)
            yield self._line(*([name, *numbers] if index == 0 else ["", *blank]), bar)

    def _bar(self, phase: Phase, block: str) -> str:
        if phase.state == "waiting":
            return "waits"
        scale = self._room / self._span
        begin = round((phase.start - self._first) * scale)
        end = max(begin + 1, round((phase.start + phase.seconds - self._first) * scale))
        return (
            " " * min(begin, self._room - 1)
            + block * (end - begin)
            + ("" if phase.state == "done" else " " + phase.state)
        )

    def _heads(self) -> list[str]:
        return ["seconds"] if len(self._starts) == 1 else ["A", "B", "B - A"]

    def _numbers(self, seconds: Sequence[float | None]) -> list[str]:
        told = ["-" if value is None else f"{value:.2f}" for value in seconds]
        if len(seconds) == 1:
            return told
        one, other = seconds
        return [*told, "" if one is None or other is None else f"{other - one:+.2f}"]

    def _line(self, label: str, *cells: str) -> str:
        *numbers, bar = cells
        width = 9 if len(numbers) == 1 else 7
        return "".join([label.ljust(self._label), *(number.rjust(width) for number in numbers), "  ", bar]).rstrip()


def _notes(start: ColdStart) -> Iterator[str]:
    for phase in start.phases:
        if words := facts(phase):
            yield f"{phase.name}: {words}"
