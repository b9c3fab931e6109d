"""From marks to line segments: runs as the file draws them, joined along a baseline, split where columns part.

What the file draws one after the other belongs together rather than what merely stands side by side: two columns of a
newspaper share baselines, but never follow each other in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

from function.glyphs import Flags, Floats, Indices
from function.page import Box
from function.reading.text_layer.glyph_marks import Marks

# All in font sizes (em).
#: Baselines closer than this are the same.
_LEVEL = 0.15
#: Kerning and italics reach back this far.
_BACKWARDS = 0.6
#: Gaps that stay within a line: where the file goes on drawing, and where it comes back later.
_GAP_CONTINUED, _GAP_REJOINED = 1.6, 0.7
#: Gaps that blanks of the file itself may fill.
_GAP_BLANK = 4.0
#: A blank where a line has too few to tell.
_USUAL_BLANK = 0.35
#: How far up a superscript and down a subscript may stand, how near, and how much smaller it is.
_RAISED, _LOWERED, _NEAR, _SMALLER = 0.65, 0.4, 0.3, 0.87
#: How much larger the initial of a chapter is than the line that it happens to share a baseline with.
_INITIAL = 2.0
#: A cell's text may reach so far into the line ruled beside it, where that was found a pixel off.
_INTO_RULING = 0.35
#: Shorter ones may be letters that stand between two bars.
_SHORTEST_RULING = 2.0
#: Equal characters closer than this are one, printed twice to look bold, or with a shadow.
_SAME_PLACE = 0.15
#: Neighbours that one small run is compared with in each cell of the grid, and comparisons a page: no honest page
#: needs more.
_MOST_COMPARED, _MOST_COMPARISONS = 20, 100_000


@dataclass(slots=True)
class Run:
    """Marks start..end (exclusive) that follow each other in the file on one baseline; the rest as in Marks."""

    start: int
    end: int
    u0: float
    u1: float
    v: float
    size: float
    first: int
    last: int


def segments(marks: Marks, standing: Sequence[Box] = ()) -> tuple[Marks, Floats, list[tuple[int, int]]]:
    """Find the line segments.

    Args:
        marks: of one direction of text, at least one.
        standing: ruled lines across the direction of the text; no segment runs over one.

    Returns:
        The marks, segment by segment and each sorted along its baseline; the gap after each mark but the last, in font
        sizes (infinite between segments); and (start, end) of each segment.
    """
    line_of = np.empty(len(marks), dtype=np.intp)
    for number, group in enumerate(_joined(_runs(marks))):
        for run in group:
            line_of[run.start : run.end] = number
    order = np.lexsort((marks.u0, line_of))
    marks, line_of = marks.take(order), line_of[order]
    kept = _once_each(marks, line_of)
    if not kept.all():
        marks, line_of = marks.take(kept), line_of[kept]
    gaps = (marks.u0[1:] - marks.u1[:-1]) / np.maximum(1.0, np.maximum(marks.size[1:], marks.size[:-1]))
    gaps[line_of[1:] != line_of[:-1]] = np.inf
    gaps[[cut - 1 for cut in _column_gaps(marks, gaps)]] = np.inf
    gaps[_ruled_gaps(marks, gaps, standing)] = np.inf
    starts = [0, *(np.flatnonzero(np.isinf(gaps)) + 1).tolist()]
    return marks, gaps, list(zip(starts, [*starts[1:], len(marks)], strict=True))


def _runs(marks: Marks) -> list[Run]:
    """Cut the marks, in the file's order, where the pen leaves the line or jumps."""
    u0, u1, v, size = marks.u0, marks.u1, marks.v, marks.size
    larger, smaller = np.maximum(size[1:], size[:-1]), np.minimum(size[1:], size[:-1])
    gap = np.where(u0[1:] >= u0[:-1], u0[1:] - u1[:-1], u0[:-1] - u1[1:])
    widest = np.where(marks.spaced[1:] > 0, _GAP_BLANK, _GAP_CONTINUED)
    goes_on = (np.abs(np.diff(v)) <= _LEVEL * larger) & (smaller > 0.7 * larger)
    goes_on &= (gap >= -_BACKWARDS * larger) & (gap <= widest * larger)
    starts = np.r_[0, np.flatnonzero(~goes_on) + 1]
    ends = np.r_[starts[1:], len(marks)]
    columns = (
        starts,
        ends,
        np.minimum.reduceat(u0, starts),
        np.maximum.reduceat(u1, starts),
        v[starts],
        size[starts],
        marks.order[starts],
        marks.order[ends - 1],
    )
    return [Run(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _joined(runs: list[Run]) -> list[list[Run]]:
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
    band: list[int] = []
    for index in sorted(range(len(runs)), key=lambda index: runs[index].v):
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
    cell = 2.0 * max(1.0, sorted(run.size for run in runs)[len(runs) // 2])
    ends: dict[tuple[int, int], list[int]] = {}
    for index, run in enumerate(runs):
        for u in {int(run.u0 / cell), int(run.u1 / cell)}:
            ends.setdefault((u, int(run.v / cell)), []).append(index)
    largest = max(run.size for run in runs)
    small_ones = [
        index for index, run in enumerate(runs) if run.size <= _SMALLER * largest and run.end - run.start <= 12
    ]
    pairs = ((index, other) for index in small_ones for other in _around(runs[index], ends, cell) if other != index)
    for index, other in islice(pairs, _MOST_COMPARISONS):
        if _is_script(runs[index], runs[other]):
            yield index, other


def _around(run: Run, ends: dict[tuple[int, int], list[int]], cell: float) -> Iterator[int]:
    row = int(run.v / cell)
    for u in {int(run.u0 / cell), int(run.u1 / cell)}:
        for key in ((u + across, row + down) for across in (-1, 0, 1) for down in (-1, 0, 1)):
            yield from ends.get(key, ())[:_MOST_COMPARED]


def _is_script(small: Run, big: Run) -> bool:
    if small.size > _SMALLER * big.size:
        return False
    offset = (small.v - big.v) / big.size
    gap = max(small.u0 - big.u1, big.u0 - small.u1) / big.size
    near = 3 * _NEAR if _are_consecutive(small, big) else _NEAR
    return -_RAISED <= offset <= _LOWERED and -_BACKWARDS <= gap <= near


def _once_each(marks: Marks, line_of: Indices) -> Flags:
    """False for what stands at nearly the same place as its equal just before it, which then is taken for bold."""
    kept = np.ones(len(marks), dtype=np.bool_)
    reach = np.minimum(_SAME_PLACE * marks.size, 0.5 * np.maximum(1.0, marks.u1 - marks.u0))
    for back in (1, 2, 3):
        near = (np.abs(marks.u0[back:] - marks.u0[:-back]) < reach[back:]) & (line_of[back:] == line_of[:-back])
        near &= np.abs(marks.v[back:] - marks.v[:-back]) < _SAME_PLACE * marks.size[back:]
        for index in np.flatnonzero(near).tolist():
            if marks.texts[index + back] == marks.texts[index] and kept[index]:
                kept[index + back], marks.bold[index] = False, True
    return kept


def _column_gaps(marks: Marks, gaps: Floats) -> Iterator[int]:
    """Marks that start a new segment: after gaps that are wide for their line and are no justified text's blanks.

    A list's sign stays with its item.
    """
    ends = [0, *(np.flatnonzero(np.isinf(gaps)) + 1).tolist(), len(marks)]
    cuts = np.flatnonzero((gaps > 1.0) & ~np.isinf(gaps)) + 1
    for start, end in pairwise(ends):
        within = cuts[np.searchsorted(cuts, start) : np.searchsorted(cuts, end)].tolist()
        if not within:
            continue
        line = gaps[start : end - 1]
        blanks = np.sort(line[line > 0.15])
        # Blanks of justified text are alike; of a head's they are two kinds, and the wide ones may be the half.
        few = len(blanks) < 3 or _are_amounts(marks.texts[start:end], [cut - start for cut in within])
        usual = _USUAL_BLANK if few else float(blanks[len(blanks) // 4])
        previous = start
        for cut in within:
            if gaps[cut - 1] > 2.2 * usual and not _is_list_sign(marks.texts[previous:cut]):
                previous = cut
                yield cut


def _are_amounts(texts: npt.NDArray[np.object_], cuts: Sequence[int]) -> bool:
    """Whether what stands behind two wide gaps or more is amounts: a table's row, although its gaps are alike."""
    parts = ["".join(texts[start:end]) for start, end in pairwise([*cuts, len(texts)])]
    return len(parts) > 1 and not any(any(map(str.isalpha, part)) or not any(map(str.isdigit, part)) for part in parts)


def _ruled_gaps(marks: Marks, gaps: Floats, standing: Sequence[Box]) -> Flags:
    """Whether a ruled line stands in a gap, as between cells set close."""
    boxes, reach = marks.boxes, _INTO_RULING * marks.size
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    starts = np.maximum(middle[:-1], boxes[:-1, 2] - reach[:-1])
    ends = np.minimum(middle[1:], boxes[1:, 0] + reach[1:])
    high = (boxes[:-1, 1] + boxes[:-1, 3]) / 2
    found = np.zeros(len(gaps), dtype=np.bool_)
    for x0, y0, x1, y1 in standing:
        x = (x0 + x1) / 2
        found |= (
            (marks.size[:-1] * _SHORTEST_RULING < y1 - y0)
            & (starts < x)
            & (x < ends)
            & ((high - reach[:-1] > y0) & (high + reach[:-1] < y1))
        )
    return found


def _is_list_sign(texts: npt.NDArray[np.object_]) -> bool:
    if len(texts) > 4:
        return False
    text = "".join(texts)
    if len(text) == 1:
        return not text.isalnum()
    return len(text) <= 4 and text[-1] in ".)" and text[:-1].strip("(").isalnum()
