"""Writes a result as a Word document: headings, paragraphs, lists, tables with their spans, pictures, page breaks."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

import docx
from docx.image.exceptions import UnrecognizedImageError
from docx.shared import Inches, Pt

from function.results.list_items import BULLET, ListItem, list_items
from function.results.markup import legal
from function.results.model import Block, DocumentResult, Image, PageResult
from function.results.table_html import cells_of_rows, read_table

if TYPE_CHECKING:
    from docx.document import Document

#: The template has styles for so many levels of lists.
_LEVELS = 3
#: The text's width on the template's page.
_WIDTH = Inches(6)
_SMALL = Pt(9)
#: Tables that are larger go out as lines with tabs: each cell costs a millisecond or more.
_MOST_CELLS = 5000


def document_docx(result: DocumentResult) -> bytes:
    """The file."""
    return pages_docx(result.pages, result.document.name)


def pages_docx(pages: Sequence[PageResult], title: str) -> bytes:
    """Some pages as a file; each but the first begins on a new one."""
    document = docx.Document()
    document.core_properties.title = legal(title)[:255]
    document.core_properties.author = ""
    document.core_properties.comments = ""
    for at, page in enumerate(pages):
        if at:
            document.add_page_break()  # type: ignore[no-untyped-call]
        _page(document, page)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Document, page: PageResult) -> None:
    images = {image.name: image for image in page.images or ()}
    if page.error is not None:
        document.add_paragraph(legal(f"{page.error.title}: {page.error.detail}"))
    for block in page.blocks:
        _picture(document, images.get(block.image or ""))
        if block.text.strip() or block.rows or block.html:
            _WRITERS.get(block.type, _paragraph)(document, block, images)


def _picture(document: Document, image: Image | None) -> None:
    if image is None:
        return
    try:
        picture = document.add_picture(io.BytesIO(image.data))
    except (UnrecognizedImageError, ValueError, KeyError):  # a kind that Word does not know, such as WebP
        return
    if picture.width > _WIDTH:
        picture.height, picture.width = round(picture.height * _WIDTH / picture.width), _WIDTH


def _paragraph(document: Document, block: Block, _images: Mapping[str, Image]) -> None:
    document.add_paragraph(legal(block.text.strip()))  # a line break in it becomes one of Word's


def _small(document: Document, block: Block, _images: Mapping[str, Image]) -> None:
    document.add_paragraph().add_run(legal(block.text.strip())).font.size = _SMALL


def _heading(document: Document, block: Block, _images: Mapping[str, Image]) -> None:
    level = block.level or (1 if block.type == "title" else 2)
    document.add_heading(legal(" ".join(block.text.split())), level)


def _list(document: Document, block: Block, _images: Mapping[str, Image]) -> None:
    _items(document, list_items(block.text), 1)


def _items(document: Document, items: Sequence[ListItem], level: int) -> None:
    """Numbers stay text: Word would count by itself, and otherwise."""
    depth = f" {min(level, _LEVELS)}" if level > 1 else ""
    for item in items:
        bullet = BULLET.match(item.text)
        text = item.text[bullet.end() :] if bullet else item.text
        document.add_paragraph(legal(text), ("List Bullet" if bullet else "List") + depth)
        _items(document, item.items, level + 1)


def _table(document: Document, block: Block, images: Mapping[str, Image]) -> None:
    cells = cells_of_rows(block.rows) if block.rows else read_table(block.html or "", images).cells
    if not 0 < len(cells) <= _MOST_CELLS:
        _paragraph(document, block, images)
        return
    rows, columns = max(cell.row + cell.rows for cell in cells), max(cell.column + cell.columns for cell in cells)
    before = document.element.body[-2:-1]  # the last is the section's own
    if before and before[0].tag.endswith("}tbl"):
        document.add_paragraph()  # tables that touch are one table to Word
    table = document.add_table(rows, columns, "Table Grid")
    grid = [list(row.cells) for row in table.rows]
    taken: set[tuple[int, int]] = set()
    for cell in cells:
        corner = grid[cell.row][cell.column]
        area = set(product(range(cell.row, cell.row + cell.rows), range(cell.column, cell.column + cell.columns)))
        if len(area) > 1 and not area & taken:  # where a page's spans contradict each other, none is made
            corner = corner.merge(grid[cell.row + cell.rows - 1][cell.column + cell.columns - 1])
        taken |= area
        corner.text = legal(cell.text)


def _code(document: Document, block: Block, _images: Mapping[str, Image]) -> None:
    document.add_paragraph().add_run(legal(block.text)).font.name = "Courier New"


_Write = Callable[["Document", Block, Mapping[str, Image]], None]
_WRITERS: dict[str, _Write] = {
    "title": _heading,
    "heading": _heading,
    "list": _list,
    "table": _table,
    "chart": _table,
    "code": _code,
    "formula": _code,
    "header": _small,
    "footer": _small,
    "page_number": _small,
    "footnote": _small,
}
