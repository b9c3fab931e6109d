"""Finds columns and the order in which a page's regions are read.

A region is cut into bands (see `bands`); a band whose gaps part columns of running text is read column by column, each
a region of its own; what is left stands in rows. This is the recursive XY cut (Nagy and Seth, 1984), with the decision
between "columns" and "cells of a table" made explicit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from function.page import Box
from function.reading.layout.bands import Band, Gap, cut_bands
from function.reading.layout.column_tops import take_tops
from function.reading.layout.joining import row_text
from function.reading.layout.lists import marker_kind
from function.reading.layout.pieces import Piece, Row, bounds, middle_of
from function.reading.layout.rows import gather_rows
from function.reading.layout.scripts import is_wide
from function.reading.layout.sidebars import LEVEL, beginnings, goes_on, stand_at, stands_alone

#: Deeper nesting does not occur on pages; it bounds the recursion.
_DEEPEST = 12
#: Running text: at least so many lines, as long as so much of the longest near them, and so many characters (wide ones
#: count double).
_PROSE_LINES, _PROSE_FILL, _PROSE_CHARACTERS = 3, 0.6, 16
#: Running text's lines are this close, in their heights, from middle to middle.
_PROSE_PITCH = 2.2
#: … and evenly: most steps from line to line lie between these parts of the usual one.
_EVEN_STEP, _EVEN_STEPS = (0.75, 1.35), 0.5
#: Columns of which fewer rows than this are level stand independently.
_ALIGNED = 0.6
#: Blocks of short lines side by side (two addresses) are this much further from each other than their lines are.
_BLOCK_DISTANCE = 1.5
#: … which are at most this far apart, from middle to middle, and hold this many words.
_BLOCK_PITCH, _BLOCK_WORDS = 1.7, 2
#: Times the usual step: their next line is this far at most, or this with an empty line between them, which blocks
#: that have lines of their own may have; lines are level with each other that share this part of their height.
_NEXT_LINE, _BLANK_LINE, _LEVEL_ENOUGH = 1.5, 2.6, 0.5
#: More lines than these are no address, if they look like running text otherwise.
_ADDRESS_LINES = 4
#: Three columns or more with equally many rows, at least so many and all of them level, are a table's.
_TABLE_COLUMNS, _TABLE_ROWS = 3, 5
#: Text of which so many rows are paragraphs of their own is no running text, but a block of short lines.
_SINGLE_LINES = 0.7
#: Ruled lines above and below a table are this close, in line heights, and cover so much of its width.
_RULED_NEAR, _RULED = 1.5, 0.9

#: Amounts, dates, codes, marks: what stands in cells; no longer than this.
_LONGEST_VALUE = 40
_AMOUNT = r"[\d.,:/%()+\-–−±×~<>=≤≥*$€£¥\s]*"
_VALUE = re.compile(
    rf"^[^\w]*(?:[A-Z]{{0,4}}[-–#$€£¥]?\s?)?{_AMOUNT}\d{_AMOUNT}(?:[eE][-–−+]?\d+)?[A-Za-z%]{{0,3}}[^\w]*$|^[-–—•·xX✓✔*]+$"
)
_ENTRY = re.compile(r"[^\W\d_][^:：]{1,30}[:：]\s*\S")
_NUMBERED_WORDS = re.compile(r"\d.*[^\W\d_]{2}|[^\W\d_]{2}.*\d")
_LABEL = re.compile(r"[:：]\s*$|\.{4,}|…{2,}|·{4,}")


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """What is read row by row; nothing else stands among it.

    Attributes:
        bands: from top to bottom, each with the gaps between its cells, if it has any.
    """

    bands: list[Band]


def read_order(pieces: Sequence[Piece], size: float, rulings: Sequence[Box] = (), depth: int = 0) -> list[Region]:
    """Cut a page into regions, in reading order; each piece goes into exactly one.

    Args:
        pieces: in working coordinates.
        size: of the page's body text, in pixels.
        rulings: horizontal ruled lines.
        depth: of the recursion.
    """
    if not pieces:
        return []
    regions: list[Region] = []
    for band in cut_bands(pieces, size, rulings):
        columns = _columns(band, size, _is_ruled(band, rulings, size)) if depth < _DEEPEST else [band.pieces]
        if len(columns) > 1:
            if regions and any(is_prose(gather_rows(column)) for column in columns):
                columns = take_tops(regions[-1].bands, columns, size)
            for column in (*columns, band.islands):
                regions += read_order(column, size, rulings, depth + 1)
            regions.append(Region([]))
        elif regions and regions[-1].bands:
            regions[-1].bands.append(band)
        else:
            regions.append(Region([band]))
    return [region for region in regions if region.bands]


def _columns(band: Band, size: float, ruled: bool) -> list[list[Piece]]:
    """The band's columns from left to right; a single one where it is to be read row by row."""
    gaps = band.gaps()
    if not gaps:
        return [band.pieces]
    strips = cut_strips(band.pieces, gaps)
    rows = [gather_rows(strip) for strip in strips]
    if _are_tables(rows, size):
        return strips
    prose = [is_prose(strip) for strip in rows]
    valued = [*(_has_values_beside(rows[at], rows[at + 1]) for at in range(len(gaps))), False]
    prose = [runs and not has_values for runs, has_values in zip(prose, valued, strict=True)]
    if not any(prose) and _are_cells(rows):
        return [band.pieces]
    columns = [strips[0]]
    group = rows[0]
    for at, gap in enumerate(gaps):
        alone = not ruled and not any(valued[at : at + 2]) and _stand_alone(rows[at], rows[at + 1])
        aligned = 1.0 if ruled else 0.0 if alone else _aligned(group, rows[at + 1])
        if _apart((rows[at], rows[at + 1]), (prose[at], prose[at + 1]), gap, size, aligned):
            columns.append(strips[at + 1])
            group = rows[at + 1]
        else:
            columns[-1] = columns[-1] + strips[at + 1]
            group = sorted([*group, *rows[at + 1]], key=lambda row: row.middle)
    return columns


def cut_strips(pieces: Sequence[Piece], gaps: Sequence[Gap]) -> list[list[Piece]]:
    """Part pieces at gaps, from left to right."""
    strips: list[list[Piece]] = [[] for _ in range(len(gaps) + 1)]
    for piece in pieces:
        strips[sum(piece.x0 >= gap[1] for gap in gaps)].append(piece)
    return strips


def _is_ruled(band: Band, rulings: Sequence[Box], size: float) -> bool:
    """Whether ruled lines run across a band close above and close below it, as of a table with open sides."""
    x0, y0, x1, y1 = bounds([*band.pieces, *band.islands])
    across = [box for box in rulings if min(box[2], x1) - max(box[0], x0) >= _RULED * (x1 - x0)]
    over = any(y0 - size * _RULED_NEAR <= box[3] <= y0 + size / 2 for box in across)
    return over and any(y1 - size / 2 <= box[1] <= y1 + size * _RULED_NEAR for box in across)


def _are_cells(columns: Sequence[Sequence[Row]]) -> bool:
    """Whether columns of short texts are a table's: blocks side by side seldom have equally many lines.

    Lists may have, but what stands beside the items of one are items, too.
    """
    if len(columns) < _TABLE_COLUMNS or len(columns[0]) < _TABLE_ROWS or len(set(map(len, columns))) > 1:
        return False
    items = sum(marker_kind(row.pieces[0].text) is not None for row in columns[1])
    if 2 * items > len(columns[1]):
        return False
    return all(_aligned(left, right) == 1 for left, right in pairwise(columns))


def _has_values_beside(texts: Sequence[Row], values: Sequence[Row]) -> bool:
    """Whether amounts stand level with texts, which therefore are cells, however much like prose they look."""
    return are_values(values) and min(len(texts), len(values)) > 1 and are_level(texts, values)


def _apart(
    sides: tuple[Sequence[Row], Sequence[Row]], prose: tuple[bool, bool], gap: Gap, size: float, aligned: float
) -> bool:
    """Whether two strips are columns, read one after the other, rather than cells, read across.

    `aligned` is the part of the rows that stand level with the left strip, or with the cells that it belongs to.
    """
    left, right = sides
    left_prose, right_prose = prose
    if not _any_beside(left, right):
        return False
    if min(len(left), len(right)) == 1:
        return aligned == 0 and gap[1] - gap[0] >= _BLOCK_DISTANCE * size and not _between(left, right)
    if left_prose and right_prose:
        return True
    if aligned < _ALIGNED:
        return True
    if are_values(left) or are_values(right) or _are_labels(left):
        return False
    blocks = _are_blocks(left, right, gap, size)
    if left_prose or right_prose:
        labels, text = (left, right) if right_prose else (right, left)
        begun = beginnings(text, _pitch(text))
        if len(begun) < _SINGLE_LINES * len(text) and not (blocks and (_is_address(text) or _are_entries(right))):
            return stand_at(labels, begun) < _ALIGNED * len(labels)
    return blocks


def _is_address(rows: Sequence[Row]) -> bool:
    """Whether a few lines like running text are an address or the like: none goes on, the first is no column's head.

    A title of an address may end with a colon.
    """
    few = len(rows) <= _ADDRESS_LINES and not any(map(goes_on, rows))
    first = row_text(rows[0])
    return few and (len(first.split()) >= _BLOCK_WORDS or first.endswith(":"))


def _are_blocks(left: Sequence[Row], right: Sequence[Row], gap: Gap, size: float) -> bool:
    """Whether blocks of short lines stand side by side, as two addresses do, or the parts of a letter's foot."""
    pitch = max(_pitch(left), _pitch(right))
    if gap[1] - gap[0] < _BLOCK_DISTANCE * pitch or pitch > _BLOCK_PITCH * size:
        return False
    top, bottom = max(left[0].y0, right[0].y0), min(left[-1].y1, right[-1].y1)
    sides = [[row for row in rows if top <= row.middle <= bottom] for rows in (left, right)]
    own = _begins_alone(*sides) and _begins_alone(*sides[::-1]) and all(map(_has_number, sides))
    farthest = _BLANK_LINE if own or _are_entries(right) else _NEXT_LINE
    return all(_is_block(rows, pitch, farthest) for rows in sides)


def _are_entries(rows: Sequence[Row]) -> bool:
    """Whether half the lines or more are labels with their values: what stands level on their left is neither."""
    return 2 * sum(bool(_ENTRY.match(row.pieces[0].text)) for row in rows) >= len(rows)


def _has_number(rows: Sequence[Row]) -> bool:
    """Whether there is a number beside words, as in an address, but not in many a table of words."""
    return any(_NUMBERED_WORDS.search(row_text(row)) for row in rows)


def _begins_alone(rows: Sequence[Row], others: Sequence[Row]) -> bool:
    """Whether a line stands level with none of the others, and goes on from none before it: no row has both."""
    lone = [row for row in rows if not stand_at([row], others, _LEVEL_ENOUGH)]
    return any(not goes_on(row) for row in lone)


def _any_beside(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether any rows share a height at all; what stands above the whole other side is read before it."""
    return any(one.y0 < other.y1 and other.y0 < one.y1 for one in left for other in right)


def _are_tables(columns: Sequence[Sequence[Row]], size: float) -> bool:
    """Whether each holds a drawn table (a piece without a text), maybe with a title; one higher up heads them all."""
    level = all(abs(left[0].y0 - right[0].y0) <= size for left, right in pairwise(columns))
    return level and all(any(not piece.text for row in rows for piece in row.pieces) for rows in columns)


def _between(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether a single row stands beside none of the others, as a letter's date does: it is read where it stands."""
    alone, others = (left[0], right) if len(left) == 1 else (right[0], left)
    return all(row.y1 <= alone.y0 or row.y0 >= alone.y1 for row in others)


def _is_block(rows: Sequence[Row], pitch: float, farthest: float) -> bool:
    """Whether rows follow each other evenly and hold more than labels: an address, not the cells of a form."""
    steps = [below.middle - above.middle for above, below in pairwise(rows)]
    even = (
        2 * sum(step <= _NEXT_LINE * pitch for step in steps) >= len(steps)
        and max(steps, default=0.0) <= farthest * pitch
    )
    words = middle_of((len(piece.text.split()) for row in rows for piece in row.pieces), 0)
    return even and words >= _BLOCK_WORDS


def _stand_alone(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether one of two strips is a sidebar, level with the other's lines only by chance."""
    return stands_alone(left, right, _pitch(right)) or stands_alone(right, left, _pitch(left))


def _aligned(left: Sequence[Row], right: Sequence[Row]) -> float:
    """Of the side with fewer rows, the part that stands level with a row of the other, where both have rows."""
    top, bottom = max(left[0].y0, right[0].y0), min(left[-1].y1, right[-1].y1)
    beside = [[row for row in rows if top <= row.middle <= bottom] for rows in (left, right)]
    fewer, more = sorted(beside if min(map(len, beside)) > 1 else (left, right), key=len)
    level = 0
    at = 0
    for row in fewer:
        while at < len(more) - 1 and abs(more[at + 1].middle - row.middle) <= abs(more[at].middle - row.middle):
            at += 1
        level += abs(more[at].middle - row.middle) <= LEVEL * min(more[at].height, row.height)
    return level / len(fewer)


def is_prose(rows: Sequence[Row]) -> bool:
    """Whether rows are running text: several lines, long, close and evenly set."""
    if len(rows) < _PROSE_LINES:
        return False
    widths = [row.x1 - row.x0 for row in rows]
    filled = middle_of((width / max(widths[max(0, at - 2) : at + 3]) for at, width in enumerate(widths)), 0)
    characters = middle_of((_breadth(row) for row in rows), 0)
    single = sum(len(row.pieces) == 1 for row in rows) >= len(rows) * 0.6
    return (
        single
        and filled >= _PROSE_FILL
        and characters >= _PROSE_CHARACTERS
        and _pitch(rows) <= _PROSE_PITCH * middle_of((row.height for row in rows), 1)
        and _is_even(rows)
    )


def _is_even(rows: Sequence[Row]) -> bool:
    """Whether lines follow each other at one distance, as they do in text, rather than wherever there is a label."""
    steps = [below.middle - above.middle for above, below in pairwise(rows)]
    least, most = (part * middle_of(steps, 0) for part in _EVEN_STEP)
    return sum(least <= step <= most for step in steps) >= _EVEN_STEPS * len(steps)


def _pitch(rows: Sequence[Row]) -> float:
    return middle_of((below.middle - above.middle for above, below in pairwise(rows)), 0)


def _breadth(row: Row) -> int:
    return sum(2 if is_wide(character) else 1 for piece in row.pieces for character in piece.text)


def are_level(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether most rows of the side that has fewer stand level with rows of the other."""
    return _aligned(left, right) >= _ALIGNED


def are_values(rows: Sequence[Row]) -> bool:
    """Whether most of what stands in rows is amounts, dates, codes or marks."""
    texts = [piece.text.strip() for row in rows for piece in row.pieces]
    return sum(len(text) <= 4 or _is_value(text) for text in texts) >= 0.5 * len(texts)


def _is_value(text: str) -> bool:
    return len(text) <= _LONGEST_VALUE and bool(_VALUE.match(text))


def _are_labels(rows: Sequence[Row]) -> bool:
    return sum(bool(_LABEL.search(row.pieces[-1].text)) for row in rows) >= 0.5 * len(rows)
