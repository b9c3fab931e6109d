"""HTML of tables from models: made harmless, and taken apart into rows.

What a model writes follows what stands on a page, and anybody can print `<script>` on one. So nothing is passed on but
a table's own elements with their spans, marks of emphasis, and pictures that the result itself holds.
"""

from __future__ import annotations

import html
from collections.abc import Container, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

#: A cell that claims to be wider or higher is lying, and would take memory by the square of it.
MAX_SPAN = 200
#: Cells of a table once its spans are written out.
MAX_CELLS = 100_000

_ROWS = ("table", "thead", "tbody", "tfoot", "tr", "caption")
_CELLS = ("td", "th")
_INLINE = ("b", "strong", "i", "em", "u", "s", "sub", "sup")
_VOID = ("br", "img")
#: What stands in them is no text of the table.
_SILENT = ("script", "style", "title", "template", "iframe", "object", "noscript", "svg", "math")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table's grid: where its upper left corner is, how many rows and columns it takes, what it says."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        html: harmless.
        rows: cell by cell, equally long, each cell's text where it begins and nothing where it spans; empty where
            there is no cell.
        spans: some cell spans rows or columns, or holds a picture: `rows` do not tell everything.
        cells: with their spans, none over another.
    """

    html: str
    rows: list[list[str]]
    spans: bool
    cells: list[Cell]


def read_table(source: str, images: Container[str] = ()) -> Table:
    """Take a table apart.

    Args:
        source: HTML, of whatever quality.
        images: names that `<img src>` may bear; other pictures are left out.
    """
    parser = _Parser(images)
    parser.feed(source)
    parser.close()
    parser.finish()
    width = max((len(row) for row in parser.rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in parser.rows]
    return Table("".join(parser.written), rows, parser.spans, parser.cells)


def cells_of_rows(rows: Sequence[Sequence[str]]) -> list[Cell]:
    """The cells of a table without spans."""
    return [Cell(down, right, 1, 1, text) for down, row in enumerate(rows) for right, text in enumerate(row)]


@dataclass(slots=True)
class _Cell:
    text: list[str]
    columns: int
    rows: int


class _Parser(HTMLParser):
    """Writes what is harmless, and keeps a grid beside it."""

    def __init__(self, images: Container[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._images = images
        self.written: list[str] = []
        self.rows: list[list[str]] = []
        self.spans = False
        self._open: list[str] = []
        self._silent = 0
        self._cell: _Cell | None = None
        self._taken: dict[tuple[int, int], bool] = {}
        self.cells: list[Cell] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent:
            return
        given = {name: value or "" for name, value in attrs}
        if tag in _CELLS or tag == "tr":
            self._close_until(("tr", *_ROWS[:4]) if tag in _CELLS else _ROWS[:4])
        if tag == "tr":
            self.rows.append([])
        if tag in _CELLS:
            self._begin_cell(tag, given)
        elif tag in _VOID:
            self._void(tag, given)
        elif tag in (*_ROWS, *_INLINE):
            self.written.append(f"<{tag}>")
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def _begin_cell(self, tag: str, given: dict[str, str]) -> None:
        if not self.rows:
            self.rows.append([])
        cell = _Cell([], _span(given.get("colspan")), _span(given.get("rowspan")))
        spans = "".join(
            f' {name}="{count}"' for name, count in (("rowspan", cell.rows), ("colspan", cell.columns)) if count > 1
        )
        self.spans = self.spans or bool(spans)
        self.written.append(f"<{tag}{spans}>")
        self._open.append(tag)
        self._cell = cell

    def _void(self, tag: str, given: dict[str, str]) -> None:
        if tag == "br":
            self.written.append("<br>")
            self._say(" ")
        elif given.get("src", "") in self._images:
            self.written.append(f'<img src="{html.escape(given["src"])}" alt="">')
            self.spans = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._open and not self._silent:
            while self._open[-1] != tag:
                self._close()
            self._close()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            text = " ".join(data.split()) if data.strip() else ""
            if text:
                text = f"{' ' if data[0].isspace() else ''}{text}{' ' if data[-1].isspace() else ''}"
                self.written.append(html.escape(text, quote=False))
                self._say(text)

    def _say(self, text: str) -> None:
        if self._cell is not None:
            self._cell.text.append(text)

    def _close_until(self, kept: tuple[str, ...]) -> None:
        """Models forget to close cells and rows; what begins anew ends what was open."""
        while self._open and self._open[-1] not in kept:
            self._close()

    def _close(self) -> None:
        tag = self._open.pop()
        self.written.append(f"</{tag}>")
        if tag in _CELLS and self._cell is not None:
            self._place(self._cell)
            self._cell = None

    def _place(self, cell: _Cell) -> None:
        """Into the first free place of its row, as browsers do."""
        number, row = len(self.rows) - 1, self.rows[-1]
        column = 0
        while self._taken.get((number, column)):
            column += 1
        if len(self._taken) + cell.rows * cell.columns > MAX_CELLS:
            cell.rows = cell.columns = 1
        for down in range(cell.rows):
            for right in range(cell.columns):
                self._taken[number + down, column + right] = True
        row += [""] * (column + cell.columns - len(row))
        row[column] = " ".join("".join(cell.text).split())
        self.cells.append(Cell(number, column, cell.rows, cell.columns, row[column]))

    def finish(self) -> None:
        """Close what was left open, as where the text was cut."""
        while self._open:
            self._close()


def _span(value: str | None) -> int:
    try:
        return min(MAX_SPAN, max(1, int(value or 1)))
    except ValueError:
        return 1
