"""Terms and what is said about them: labels in a narrow column, the text of each beside it, and both may wrap.

Read row by row, a label's second line would stand in the middle of the text's first sentence, and nothing would tell
where the next label's text begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from function.reading.layout.bands import Band
from function.reading.layout.columns import are_values, cut_strips
from function.reading.layout.paragraphs import Paragraph, split_paragraphs
from function.reading.layout.pieces import Row, bounds, middle_of
from function.reading.layout.rows import gather_rows
from function.reading.layout.sidebars import beginnings, beside, goes_on, holds_word

#: A label's next line follows within so many of the text's steps from line to line.
_NEXT_LINE = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A label's rows, and those of the text beside it; at least one of each."""

    label: list[Row]
    text: list[Row]

    @property
    def wraps(self) -> bool:
        """Whether it takes more than one row."""
        return len(self.label) > 1 or len(self.text) > 1

    def row(self) -> Row:
        """The label and the first line of its text as one row, the label first however many lines it has."""
        pieces = [piece for row in (*self.label, self.text[0]) for piece in row.pieces]
        return Row(tuple(pieces), *bounds(pieces), self.text[0].size)

    def paragraphs(self, step: float) -> list[Paragraph]:
        """What is said, as paragraphs, the label before the first.

        Args:
            step: from line to line on this page, in line heights.
        """
        said = split_paragraphs(self.text, step)
        said[0].rows[0] = self.row()
        return said


def find_entries(band: Band) -> list[Entry]:
    """A band's entries, from top to bottom, with each of its pieces; none where it is something else."""
    gaps = band.gaps()
    if len(gaps) != 1 or band.islands:
        return []
    labels, text = (gather_rows(strip) for strip in cut_strips(band.pieces, gaps))
    if are_values(text) or not _is_narrower(labels, text) or not beside(labels[0], text[:1], [text[0].middle]):
        return []
    entries = _parted(labels, text)
    return entries if any(entry.wraps for entry in entries) else []


def _parted(labels: Sequence[Row], text: Sequence[Row]) -> list[Entry]:
    pitch = middle_of((below.middle - above.middle for above, below in pairwise(text)), 0) if len(text) > 1 else 0.0
    begun = set(beginnings(text, pitch))
    middles = [row.middle for row in text]
    entries = [Entry([labels[0]], [])]
    tops = [min(labels[0].y0, text[0].y0)]
    for above, label in pairwise(labels):
        is_near = label.middle - above.middle <= _NEXT_LINE * pitch
        level = beside(label, text, middles)
        wraps = is_near and holds_word(label) and all(goes_on(row) and row not in begun for row in level)
        if level and not wraps:
            entries.append(Entry([label], []))
            tops.append(min(label.y0, level[0].y0))
        elif is_near:
            entries[-1].label.append(label)
        else:
            return []
    for row in text:
        entries[bisect_right(tops, row.middle) - 1].text.append(row)
    return entries if all(entry.text for entry in entries) else []


def _is_narrower(labels: Sequence[Row], text: Sequence[Row]) -> bool:
    widths = [max(row.x1 for row in rows) - min(row.x0 for row in rows) for rows in (labels, text)]
    return 2 * widths[0] < widths[1]
