"""The layout's own story: lines become blocks in reading order."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from function.page import Box, ReadLine
from function.reading.layout.blocks import make_block
from function.reading.layout.columns import read_order
from function.reading.layout.frame import is_sound, to_pieces
from function.reading.layout.furniture import is_page_number, take_furniture
from function.reading.layout.headings import Sizes, heading_level, is_plain
from function.reading.layout.joining import join_lines, row_text, vocabulary
from function.reading.layout.lists import group_items, marker_kind
from function.reading.layout.paragraphs import Paragraph, page_step, split_paragraphs
from function.reading.layout.pieces import Row
from function.reading.layout.rows import gather_rows
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
    header, pieces, footer = take_furniture(pieces, height, page.sizes.body)
    lying = [look(box) for box in rulings if box[2] - box[0] > box[3] - box[1]]
    regions = [gather_rows(region.pieces) for region in read_order(pieces, page.sizes.body, lying)]
    step = page_step(regions)
    paragraphs = [paragraph for rows in regions for paragraph in split_paragraphs(rows, step)]
    return [
        *_furniture(header, "header"),
        *_blocks(paragraphs, page),
        *_furniture(footer, "footer"),
        *(make_block("paragraph", [row], row_text(row)) for row in (Row.of([piece]) for piece in askew)),
    ]


def _blocks(paragraphs: Sequence[Paragraph], page: _Page) -> list[Block]:
    blocks: list[Block] = []
    titled = False
    for group in group_items(paragraphs, lambda paragraph: marker_kind(row_text(paragraph.rows[0]))):
        rows = [row for paragraph in group for row in paragraph.rows]
        text = "\n".join(_text(paragraph, page.words) for paragraph in group)
        level = heading_level(rows, text, page.sizes, plain=page.plain) if len(group) == 1 else None
        if level is not None:
            title = level == 1 and not titled
            titled = titled or title
            heading = " ".join(text.split("\n"))
            blocks.append(make_block("title" if title else "heading", rows, heading, level=level))
        elif len(group) > 1 or marker_kind(text) == "bullet":
            blocks.append(make_block("list", rows, text))
        else:
            blocks.append(make_block("paragraph", rows, text))
    return blocks


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
