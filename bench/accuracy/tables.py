"""How much of a table's structure was found.

The measure is that of ICDAR 2013's table competition (Göbel et al., "A methodology for evaluating algorithms for
table understanding in PDF documents", DocEng 2012): F1 over pairs of neighbouring cells, (text, text, direction).
Empty cells are skipped, so neighbours are the next cells with text; a spanning cell neighbours what it touches first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import pairwise

from bench.accuracy.normalise import loose

Rows = list[list[str]]


def structure_f1(truth: Sequence[Rows], read: Sequence[Rows]) -> float:
    """F1 of neighbouring cells, all tables of a document together; 0 where none was found."""
    true_pairs, read_pairs = _pairs(truth), _pairs(read)
    total = true_pairs.total() + read_pairs.total()
    return 2 * (true_pairs & read_pairs).total() / total if total else 1.0


def _pairs(tables: Sequence[Rows]) -> Counter[tuple[str, str, str]]:
    pairs: Counter[tuple[str, str, str]] = Counter()
    for rows in tables:
        folded = [[loose(cell) for cell in row] for row in rows]
        columns = [list(column) for column in zip(*_padded(folded), strict=True)]
        for direction, series in (("right", folded), ("down", columns)):
            for cells in series:
                filled = [cell for cell in cells if cell]
                pairs.update((left, right, direction) for left, right in pairwise(filled))
    return pairs


def _padded(rows: Rows) -> Rows:
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def from_html(text: str) -> list[Rows]:
    """The tables of an HTML text; a spanning cell's text stands in its first place, the others are empty."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    return [_grid(table) for table in parser.tables]


Cell = tuple[str, int, int]


class _Tables(HTMLParser):
    """Collects (text, colspan, rowspan) cell by cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[Cell]]] = []
        self._cell: list[str] | None = None
        self._spans = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            given = dict(attrs)
            self._cell = []
            self._spans = (_number(given.get("colspan")), _number(given.get("rowspan")))
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None and self.tables and self.tables[-1]:
            self.tables[-1][-1].append(("".join(self._cell).strip(), *self._spans))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def _number(value: str | None) -> int:
    return max(1, int(value)) if value and value.isdigit() else 1


def _grid(rows: list[list[Cell]]) -> Rows:
    placed: dict[tuple[int, int], str] = {}
    for row, cells in enumerate(rows):
        column = 0
        for text, across, down in cells:
            while (row, column) in placed:
                column += 1
            for at_row in range(row, row + down):
                for at_column in range(column, column + across):
                    placed[at_row, at_column] = text if (at_row, at_column) == (row, column) else ""
            column += across
    width = 1 + max((column for _, column in placed), default=-1)
    return [[placed.get((row, column), "") for column in range(width)] for row in range(len(rows))]
