"""Turns regions into the things that become blocks: tables and paragraphs, in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import groupby
from typing import TypeAlias

from function.reading.layout.columns import Region
from function.reading.layout.entries import Entry, find_entries
from function.reading.layout.headlines import lift_headlines
from function.reading.layout.heads import take_head
from function.reading.layout.listings import is_typed, listing_text, part_listings
from function.reading.layout.paragraphs import Paragraph, page_step, split_paragraphs
from function.reading.layout.pieces import Piece, Row
from function.reading.layout.rows import gather_rows
from function.reading.layout.running_on import run_on
from function.reading.layout.short_lines import keep_short_lines
from function.reading.layout.tables import Table, join_bands, table_of_band
from function.reading.layout.verses import keep_verses

Part: TypeAlias = "Table | Entry | list[Row]"


def assemble(
    regions: Sequence[Region], drawn: Mapping[Piece, Table], size: float, words: Set[str], edges: tuple[float, float]
) -> list[Table | Paragraph]:
    """Find the tables and paragraphs of a page.

    Args:
        regions: in reading order.
        drawn: tables of drawn grids, by the piece that stood for each while regions were found.
        size: of the page's body text, in pixels.
        words: the page's words, to mend hyphens by.
        edges: of the page, left and right.
    """
    parts = [part for region in regions for part in _parts(region, drawn, size, words)]
    step = page_step([part for part in parts if isinstance(part, list)])
    pieces = [piece for region in regions for band in region.bands for piece in (*band.pieces, *band.islands)]
    end = _end(pieces, edges)
    typed = is_typed(pieces)
    return run_on([_paragraphs(part, step, pieces, end, typed=typed) for part in parts])


def _end(pieces: Sequence[Piece], edges: tuple[float, float]) -> float:
    """Where the page's text could end: as far from its right edge as it begins from its left one."""
    begin = min((piece.x0 for piece in pieces), default=0.0)
    return max([edges[1] - max(begin - edges[0], 0.0), *(piece.x1 for piece in pieces)])


def _paragraphs(
    part: Part, step: float, pieces: Sequence[Piece], end: float, *, typed: bool
) -> Sequence[Table | Paragraph]:
    if isinstance(part, Table):
        return [part]
    if isinstance(part, Entry):
        return part.paragraphs(step)
    paragraphs: list[Paragraph] = []
    for stretch, is_listing in part_listings(part, typed=typed):
        if is_listing:
            paragraphs.append(Paragraph(stretch, listing=listing_text(stretch)))
            continue
        split = split_paragraphs(stretch, step)
        keep_short_lines(split, pieces, end)
        keep_verses(split, pieces, end)
        paragraphs += lift_headlines(split)
    return paragraphs


def _parts(region: Region, drawn: Mapping[Piece, Table], size: float, words: Set[str]) -> list[Part]:
    """A region's tables, and the rows between them."""
    parts: list[Part] = []
    loose: list[Piece] = []
    for band in join_bands(region.bands, size):
        pieces = [*band.pieces, *band.islands]
        table = None if any(piece in drawn for piece in pieces) else table_of_band(band, size, words)
        if table is None:
            entries = find_entries(band) if drawn.keys().isdisjoint(pieces) else []
            if entries:
                parts += [*_rows_around(loose, drawn), *_entries(entries)]
                loose = []
            else:
                loose += pieces
            continue
        if not any(piece in drawn for piece in loose):
            table, loose = take_head(table, band, loose, size)
        parts += [*_rows_around(loose, drawn), table]
        loose = []
    return [*parts, *_rows_around(loose, drawn)]


def _entries(entries: Sequence[Entry]) -> list[Part]:
    """Entries that wrap by themselves; the others as the rows that they are, together."""
    parts: list[Part] = []
    for wraps, alike in groupby(entries, lambda entry: entry.wraps):
        group = list(alike)
        parts += group if wraps else [[entry.row() for entry in group]]
    return parts


def _rows_around(pieces: Sequence[Piece], drawn: Mapping[Piece, Table]) -> list[Part]:
    """Rows in order, drawn tables at their height among them."""
    rows = gather_rows([piece for piece in pieces if piece not in drawn])
    parts: list[Part] = []
    done = 0
    for stand_in in (
        piece for row in gather_rows([piece for piece in pieces if piece in drawn]) for piece in row.pieces
    ):
        until = sum(row.middle < stand_in.middle for row in rows)
        parts += [rows[done:until]] if until > done else []
        parts.append(drawn[stand_in])
        done = max(done, until)
    return [*parts, rows[done:]] if done < len(rows) else parts
