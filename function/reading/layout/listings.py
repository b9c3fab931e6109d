"""Finds listings of programs in a text layer: lines on one grid of characters, which keep breaks and indentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from function.reading.layout.joining import row_text
from function.reading.layout.pieces import Piece, Row, middle_of

#: Characters are equally wide in lines of one listing, up to this part.
_SAME_PITCH = 0.02
#: A listing has so many lines at least, this part of which hold signs of a program or are set in.
_FEWEST_LINES, _SIGNED = 2, 0.5
#: A page of which more is set in such a font may be typed: there only signs tell, for letters are set in, too.
_TYPED = 0.5
#: Lines further from each other than this, in their sizes, belong to two listings; steps larger than the usual one by
#: this factor hold an empty line.
_FURTHEST, _EMPTY_LINE = 4.5, 1.6
#: What programs are full of and prose, addresses, sums and numbers of articles are not.
_SIGNS = re.compile(r"[{}\[\];=<>_|\\`]|[#$](?! ?\d)|\w\(|\):?$|^\s*[/*]")
#: A thin letter and another one, as wide as each other: the font is not just one of equally wide figures.
_THIN, _OTHER = frozenset("fijlrt"), frozenset("abcdeghkmnopqsuvwxyz")


def is_typed(pieces: Sequence[Piece]) -> bool:
    """Whether a page is set in letters of one width, so that these alone mean nothing."""
    typed = sum(len(piece.text) for piece in pieces if piece.source.pitch)
    return typed > _TYPED * sum(len(piece.text) for piece in pieces)


def part_listings(rows: Sequence[Row], *, typed: bool) -> list[tuple[list[Row], bool]]:
    """Part a region's rows into listings and the rest.

    Args:
        rows: from top to bottom.
        typed: whether the page `is_typed`.

    Returns:
        Stretches of rows, and whether each is a listing.
    """
    stretches: list[list[Row]] = []
    for row in rows:
        if stretches and _goes_on(stretches[-1][-1], row):
            stretches[-1].append(row)
        else:
            stretches.append([row])
    parts: list[tuple[list[Row], bool]] = []
    for stretch in stretches:
        listing = _is_listing(stretch, typed=typed)
        if parts and not listing and not parts[-1][1]:
            parts[-1][0].extend(stretch)
        else:
            parts.append((stretch, listing))
    return parts


def listing_text(rows: Sequence[Row]) -> str:
    """The lines of a listing, as far in as they stand, with an empty one where the page has one."""
    left, pitch = min(row.x0 for row in rows), _pitch(rows[0]) or 1.0
    steps = [below.middle - above.middle for above, below in pairwise(rows)]
    usual = middle_of(sorted(steps)[: (len(steps) + 1) // 2], 0.0)  # of the lower half: the others hold empty lines
    lines: list[str] = []
    for step, row in zip([0.0, *steps], rows, strict=True):
        lines += [""] if step > _EMPTY_LINE * usual else []
        text = ""
        for piece in row.pieces:
            text = text.ljust(max(round((piece.x0 - left) / pitch), len(text) + bool(text))) + piece.text.strip()
        lines.append(text)
    return "\n".join(lines)


def _pitch(row: Row) -> float | None:
    pitches = [piece.source.pitch or 0.0 for piece in row.pieces]
    return pitches[0] if max(pitches) - min(pitches) <= _SAME_PITCH * min(pitches) and min(pitches) > 0 else None


def _goes_on(above: Row, below: Row) -> bool:
    one, two = _pitch(above), _pitch(below)
    same = one is not None and two is not None and abs(one - two) <= _SAME_PITCH * one
    return (same or one is two) and (one is None or below.middle - above.middle <= _FURTHEST * below.size)


def _is_listing(rows: Sequence[Row], *, typed: bool) -> bool:
    pitch = _pitch(rows[0])
    if pitch is None or len(rows) < _FEWEST_LINES:
        return False
    texts = [row_text(row) for row in rows]
    left = min(row.x0 for row in rows)
    signed = sum(
        bool(_SIGNS.search(text)) or (not typed and row.x0 - left > 1.5 * pitch)
        for row, text in zip(rows, texts, strict=True)
    )
    letters = set("".join(texts))
    return signed >= _SIGNED * len(rows) and bool(letters & _THIN) and bool(letters & _OTHER)
