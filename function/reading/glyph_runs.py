"""From marks to line segments: runs as the file draws them, joined along a baseline, split where columns part.

What the file draws one after the other belongs together rather than what merely stands side by side: two columns of a
newspaper share baselines, but never follow each other in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from function.reading.glyph_marks import Mark

# All in font sizes (em).
#: Baselines closer than this are the same.
_LEVEL = 0.15
#: Kerning and italics reach back this far.
_BACKWARDS = 0.6
#: Gaps that stay within a line: where the file goes on drawing, and where it comes back later.
_GAP_CONTINUED, _GAP_REJOINED = 1.6, 0.7
#: Gaps that blanks of the file itself may fill.
_GAP_BLANK = 4.0
#: How far up a superscript and down a subscript may stand, how near, and how much smaller it is.
_RAISED, _LOWERED, _NEAR, _SMALLER = 0.65, 0.4, 0.3, 0.87
#: How much larger the initial of a chapter is than the line that it happens to share a baseline with.
_INITIAL = 2.0


@dataclass(slots=True)
class Run:
    """Marks that follow each other in the file on one baseline."""

    marks: list[Mark]
    u0: float
    u1: float
    v: float
    size: float
    first: int
    last: int


def runs_of(marks: Iterable[Mark]) -> list[Run]:
    """Cut the marks, in the file's order, where the pen leaves the line or jumps."""
    runs: list[Run] = []
    run: Run | None = None
    for mark in marks:
        if run is not None and _continues(run, mark):
            run.marks.append(mark)
            run.u0, run.u1 = min(run.u0, mark.u0), max(run.u1, mark.u1)
            run.last = mark.order
        else:
            run = Run([mark], mark.u0, mark.u1, mark.v, mark.size, mark.order, mark.order)
            runs.append(run)
    return runs


def _continues(run: Run, mark: Mark) -> bool:
    last = run.marks[-1]
    size = max(run.size, mark.size)
    if abs(mark.v - run.v) > _LEVEL * size or not 0.7 < mark.size / (run.size or 1.0) < 1.43:
        return False
    gap = mark.u0 - last.u1 if mark.u0 >= last.u0 else last.u0 - mark.u1
    widest = _GAP_BLANK if mark.spaced else _GAP_CONTINUED
    return -_BACKWARDS * size <= gap <= widest * size


def joined(runs: list[Run]) -> list[list[Run]]:
    """Group runs into lines: those on one baseline that nearly touch, and small ones set high or low beside them."""
    parents = list(range(len(runs)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for one, other in _neighbours(runs):
        parents[root(one)] = root(other)
    groups: dict[int, list[Run]] = {}
    for index, run in enumerate(runs):
        groups.setdefault(root(index), []).append(run)
    return list(groups.values())


def _neighbours(runs: list[Run]) -> Iterator[tuple[int, int]]:
    by_level = sorted(range(len(runs)), key=lambda index: runs[index].v)
    band: list[int] = []
    for index in by_level:
        if band and runs[index].v - runs[band[-1]].v > _LEVEL * runs[index].size:
            yield from _along(runs, band)
            band = []
        band.append(index)
    yield from _along(runs, band)
    yield from _set_beside(runs)


def _along(runs: list[Run], band: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs of one baseline that stand side by side."""
    band = sorted(band, key=lambda index: runs[index].u0)
    for one, other in pairwise(band):
        left, right = runs[one], runs[other]
        size = max(left.size, right.size)
        widest = _GAP_CONTINUED if _are_consecutive(left, right) else _GAP_REJOINED
        if abs(left.v - right.v) > _LEVEL * size or size > _INITIAL * min(left.size, right.size):
            continue
        if right.u0 - left.u1 <= widest * size:
            yield one, other


def _are_consecutive(one: Run, other: Run) -> bool:
    return 0 <= other.first - one.last <= 3 or 0 <= one.first - other.last <= 3


def _set_beside(runs: list[Run]) -> Iterator[tuple[int, int]]:
    """Superscripts and subscripts with what they belong to, found through a coarse grid."""
    cell = 2.0 * max(1.0, sorted(run.size for run in runs)[len(runs) // 2]) if runs else 1.0
    ends: dict[tuple[int, int], list[int]] = {}
    for index, run in enumerate(runs):
        for u in {int(run.u0 / cell), int(run.u1 / cell)}:
            ends.setdefault((u, int(run.v / cell)), []).append(index)
    for index, small in enumerate(runs):
        for u in {int(small.u0 / cell), int(small.u1 / cell)}:
            for key in ((u + du, int(small.v / cell) + dv) for du in (-1, 0, 1) for dv in (-1, 0, 1)):
                for other in ends.get(key, ())[:20]:
                    if other != index and _is_script(small, runs[other]):
                        yield index, other


def _is_script(small: Run, big: Run) -> bool:
    if small.size > _SMALLER * big.size or len(small.marks) > 12:
        return False
    offset = (small.v - big.v) / big.size
    gap = max(small.u0 - big.u1, big.u0 - small.u1) / big.size
    near = 3 * _NEAR if _are_consecutive(small, big) else _NEAR
    return -_RAISED <= offset <= _LOWERED and -_BACKWARDS <= gap <= near


def split_at_columns(marks: list[Mark]) -> list[list[Mark]]:
    """Cut a line, sorted along its baseline, at gaps that are wide for it and are no justified text's blanks.

    A list's sign stays with its item.
    """
    gaps = [max(0.0, right.u0 - left.u1) / max(left.size, right.size, 1.0) for left, right in pairwise(marks)]
    blanks = sorted(gap for gap in gaps if gap > 0.15)
    usual = blanks[len(blanks) // 2] if len(blanks) > 2 else 0.35
    parts: list[list[Mark]] = [[]]
    for mark, gap in zip(marks, [0.0, *gaps], strict=True):
        if gap > 1.0 and gap > 2.2 * usual and not _is_list_sign(parts[-1]):
            parts.append([])
        parts[-1].append(mark)
    return parts


def _is_list_sign(marks: list[Mark]) -> bool:
    text = "".join(mark.text for mark in marks)
    if len(text) == 1:
        return not text.isalnum()
    return len(text) <= 4 and text[-1] in ".)" and text[:-1].strip("(").isalnum()
