"""The layout's own story: lines become blocks in reading order."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from msgspec import structs

from function.page import Box, ReadLine
from function.reading.layout.assembling import assemble
from function.reading.layout.blocks import make_block
from function.reading.layout.columns import read_order
from function.reading.layout.frame import is_sound, to_pieces
from function.reading.layout.frames import part_frames
from function.reading.layout.furniture import is_page_number, take_furniture
from function.reading.layout.headings import HEADLINE_LEVEL, Sizes, heading_level, is_known, is_plain
from function.reading.layout.joining import join_lines, row_text, vocabulary
from function.reading.layout.labels import without_labels
from function.reading.layout.levels import Heading
from function.reading.layout.lists import marker_kind
from function.reading.layout.nesting import Mark, group_items
from function.reading.layout.open_grids import find_all_grids
from function.reading.layout.paragraphs import Paragraph
from function.reading.layout.pieces import Piece, Row, bounds
from function.reading.layout.tables import Table, table_of_grid
from function.results.list_items import STEP
from function.results.model import Block, BlockType


@dataclass(frozen=True, slots=True)
class _Page:
    """What is true of the whole page: the size of its text, its words, whether bold and capitals mean something."""

    sizes: Sizes
    words: Set[str]
    plain: bool


def arrange(lines: Sequence[ReadLine], *, width: int, height: int, rulings: Sequence[Box] = ()) -> list[Block]:
    """Arrange a page's lines into blocks in reading order; pure and deterministic, nothing is dropped.

    Args:
        lines: in any order, in page pixels.
        width: of the page, in pixels.
        height: of the page, in pixels.
        rulings: ruled lines, as `find_rulings` gives them.

    Returns:
        Blocks in reading order: the header, the text, the footer, then what stands askew to the page.
    """
    said = [line if is_sound(line) else replace(line, box=(0.0, 0.0, 0.0, 0.0), angle=0.0) for line in lines]
    pieces, askew, look = to_pieces([line for line in said if line.text.strip()], width, height)
    if not pieces:
        return []
    page = _Page(Sizes(pieces), vocabulary(piece.text for piece in pieces), is_plain([Row.of([p]) for p in pieces]))
    ruled = [look(box) for box in rulings]
    header, pieces, footer = take_furniture(pieces, height, page.sizes.body, ruled)
    pieces, drawn = _draw_tables(pieces, ruled, page)
    lying = [box for box in ruled if box[2] - box[0] > box[3] - box[1]]
    framed = part_frames(pieces, ruled, page.sizes.body)
    regions = [region for part in framed for region in read_order(part, page.sizes.body, lying)]
    left, _, right, _ = look((0.0, 0.0, float(width), float(height)))
    parts = assemble(regions, drawn, page.sizes.body, page.words, (left, right))
    return [
        *_furniture(header, "header"),
        *_blocks(parts, page),
        *_furniture(footer, "footer"),
        *(make_block("paragraph", [row], row_text(row)) for row in (Row.of([piece]) for piece in askew)),
    ]


def _draw_tables(
    pieces: Sequence[Piece], rulings: Sequence[Box], page: _Page
) -> tuple[list[Piece], dict[Piece, Table]]:
    """Take the text of drawn tables out and put one piece in the place of each."""
    left = list(pieces)
    drawn: dict[Piece, Table] = {}
    for grid in find_all_grids(rulings, pieces, page.sizes.body):
        inside = [piece for piece in left if grid.holds(piece)]
        if len(inside) < 2:
            continue
        left = [piece for piece in left if not grid.holds(piece)]
        stand_in = Piece(*bounds(inside), page.sizes.body, "", inside[0].source)
        drawn[stand_in] = table_of_grid(grid, inside, page.words)
        left.append(stand_in)
    return left, drawn


def _mark(part: Table | Paragraph, page: _Page) -> Mark | None:
    if isinstance(part, Table) or part.listing:
        return None
    row = part.rows[0]
    kind = marker_kind(row_text(row))
    return Mark(kind, row.x0, row.y0, row.size, _level(part, page)) if kind else None


def _level(paragraph: Paragraph, page: _Page) -> int | None:
    """The level that a paragraph has as a heading by its looks, or None for text."""
    return heading_level(paragraph.rows, _text(paragraph, page.words), page.sizes, plain=page.plain)


def _blocks(parts: Sequence[Table | Paragraph], page: _Page) -> list[Block]:
    blocks: list[Block] = []
    headings: dict[int, Heading] = {}
    for group in group_items(parts, lambda part: _mark(part, page)):
        first = group[0][1]
        if isinstance(first, Table):
            blocks.append(make_block("table", first.rows, first.text, cells=first.cells))
            continue
        if first.listing:
            blocks.append(make_block("code", first.rows, first.listing))
            continue
        items = [(depth, part) for depth, part in group if isinstance(part, Paragraph)]
        rows = [row for _, part in items for row in part.rows]
        text = _text(first, page.words) if len(items) == 1 else _list_text(items, page.words)
        level = _level(first, page) if len(items) == 1 else None
        if level is None and len(items) == 1 and first.headline:
            level = HEADLINE_LEVEL
        if level is not None:
            headings[len(blocks)] = Heading(" ".join(text.split("\n")), page.sizes.of(rows), is_known(rows), level)
        is_list = len(items) > 1 or marker_kind(text) == "bullet"
        blocks.append(make_block("list" if is_list else "paragraph", rows, text))
    titled = False
    for at, level in without_labels(blocks, headings).items():
        title = level == 1 and not titled
        titled = titled or title
        blocks[at] = structs.replace(
            blocks[at], type="title" if title else "heading", text=headings[at].text, level=level
        )
    return blocks


def _list_text(items: Sequence[tuple[int, Paragraph]], words: Set[str]) -> str:
    """An item a line, set in for each item that it stands within."""
    return "\n".join(STEP * depth + " ".join(_text(item, words).split("\n")) for depth, item in items)


def _text(paragraph: Paragraph, words: Set[str]) -> str:
    """Running text; a line break stays where it was meant."""
    parts: list[list[str]] = [[]]
    for at, row in enumerate(paragraph.rows):
        if at in paragraph.breaks:
            parts.append([])
        parts[-1].append(row_text(row))
    return "\n".join(join_lines(part, words) for part in parts)


def _furniture(rows: Sequence[Row], kind: BlockType) -> list[Block]:
    blocks: list[Block] = []
    for row in rows:
        numbers = [piece for piece in row.pieces if is_page_number(piece.text)]
        rest = [piece for piece in row.pieces if piece not in numbers]
        for part in (rest, numbers):
            if part:
                row_of_part = Row.of(part)
                name: BlockType = "page_number" if part is numbers else kind
                blocks.append(make_block(name, [row_of_part], row_text(row_of_part)))
    return blocks
