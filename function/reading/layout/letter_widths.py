"""How large letters are, told by how wide they are: boxes of a detector are too uneven in height to tell.

A letter's width in ems differs little from one text font to the next, so a line's width over the sum of its letters'
usual ones is its font's size, but for a factor that is the same for the whole page. Bold letters are a tenth wider.
"""

from __future__ import annotations

from collections.abc import Sequence

from function.reading.layout.pieces import Piece, Row
from function.reading.layout.scripts import is_wide

#: Usual widths, in ems; East Asian characters are one wide.
_SPACE, _THIN, _NARROW, _WIDE, _CAPITAL, _DIGIT, _OTHER = 0.29, 0.29, 0.37, 0.85, 0.67, 0.56, 0.54
_THIN_LETTERS, _NARROW_LETTERS, _WIDE_LETTERS = frozenset("ijl.,:;'|!"), frozenset("ftrI()[]/-"), frozenset("mwMW%@—")
#: A detector's box is wider than its line, by this part of its height.
MARGIN = 0.25
#: Fewer letters tell nothing.
_FEWEST_LETTERS = 4
#: Behind Cyrillic, letters of most scripts differ too much in width.
_LAST_EVEN = "\u052f"


def letter_size(row: Row | Sequence[Piece]) -> float | None:
    """The size of the letters in a row, in units of the page's own; None where it cannot be told.

    Args:
        row: or the pieces in it, read by an engine.
    """
    pieces = row.pieces if isinstance(row, Row) else row
    broad = ems("".join(piece.text for piece in pieces))
    if broad is None or any(piece.source.vertical for piece in pieces):
        return None
    return max(sum(piece.x1 - piece.x0 - MARGIN * piece.size for piece in pieces), 1.0) / broad


def ems(text: str) -> float | None:
    """How broad a text usually is, in ems; None where it has too few letters to tell, or some of an uneven script."""
    letters = [character for character in text if character.isalpha()]
    even = all(letter <= _LAST_EVEN or is_wide(letter) for letter in letters)
    return sum(map(_ems, text)) if len(letters) >= _FEWEST_LETTERS and even else None


def _ems(character: str) -> float:
    if is_wide(character):
        return 1.0
    if character in _THIN_LETTERS or character == " ":
        return _THIN
    if character in _NARROW_LETTERS:
        return _NARROW
    if character in _WIDE_LETTERS:
        return _WIDE
    return _CAPITAL if character.isupper() else _DIGIT if character.isdigit() else _OTHER
