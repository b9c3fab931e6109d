"""Finds what stands around the text: running headers, footers, page numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from function.page import Box
from function.reading.layout.pieces import Piece, Row
from function.reading.layout.rows import gather_rows

#: Furniture stands within this part of the page's height from its edges, at most so many rows on either …
_MARGIN, _MOST_ROWS = 0.09, 2
#: … this far from the text, in line heights (less with a page number in it), and at most so many times its size.
_DISTANCE, _DISTANCE_NUMBERED, _LARGEST = 1.0, 0.5, 1.15
#: Pages with fewer rows (screenshots, labels, slides) have none.
_FEWEST_ROWS = 8
_LONGEST = 160

_PAGE_NUMBER = re.compile(
    r"^(?:[-–—·\[(|]\s*)?(?:(?:page|seite|p\.|s\.|página|pagina|стр\.)\s*)?"
    r"(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:/|of|von|de|sur|di)\s*\d{1,4})?(?:\s*[-–—·\])|])?$"
    r"|^第\s*\d{1,4}\s*[页頁ページ]{1,3}(?:\s*[/,，]?\s*共\s*\d{1,4}\s*[页頁])?$",
    re.IGNORECASE,
)


def is_page_number(text: str) -> bool:
    """Whether a text is nothing but a page's number."""
    return bool(_PAGE_NUMBER.match(text.strip()))


def take_furniture(
    pieces: Sequence[Piece], height: int, body: float, rulings: Sequence[Box] = ()
) -> tuple[list[Row], list[Piece], list[Row]]:
    """Take headers and footers off a page.

    Args:
        pieces: of the page.
        height: of the page, in pixels.
        body: size of its body text, in pixels.
        rulings: ruled lines; rows that share a standing one are a table's.

    Returns:
        Rows of the header, what is left, rows of the footer.
    """
    rows = gather_rows(pieces)
    if len(rows) < _FEWEST_ROWS:
        return [], list(pieces), []
    standing = [box for box in rulings if box[3] - box[1] > box[2] - box[0]]
    top = _outermost(rows, body, standing, lambda row: row.y1 <= _MARGIN * height)
    bottom = _outermost(rows[::-1], body, standing, lambda row: row.y0 >= (1 - _MARGIN) * height)[::-1]
    taken = {id(piece) for row in (*top, *bottom) for piece in row.pieces}
    return top, [piece for piece in pieces if id(piece) not in taken], bottom


def _outermost(
    rows: Sequence[Row], body: float, standing: Sequence[Box], in_margin: Callable[[Row], bool]
) -> list[Row]:
    """Of rows from an edge inwards, the furniture: up to the last row in the margin that is far from the next."""
    count = 0
    for at in range(_MOST_ROWS):
        row, inner = rows[at], rows[at + 1]
        if not in_margin(row) or row.size > _LARGEST * body or row.characters > _LONGEST:
            break
        first, last = sorted((row.middle, inner.middle))
        if any(box[1] <= first and last <= box[3] for box in standing):
            break
        distance = _DISTANCE_NUMBERED if any(is_page_number(piece.text) for piece in row.pieces) else _DISTANCE
        if max(inner.y0 - row.y1, row.y0 - inner.y1) >= distance * body:
            count = at + 1
    return list(rows[:count])
