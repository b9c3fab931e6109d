"""Joins lines into running text: spaces where the script has them, words put together that a line's end took apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set

from function.reading.layout.pieces import Row
from function.reading.layout.scripts import joins_without_space

#: Invisible except at a line's end, so always mended there (U+00AD).
_SOFT_HYPHEN = "\u00ad"
#: What PDF libraries give for a hyphen at a line's end, besides the hyphens themselves.
_HYPHENS = "-\u2010\ufffe\x02"
#: First parts that words keep their hyphen after, in the languages where such compounds are common.
_KEEP_AFTER = frozenset(
    {
        *("self", "non", "well", "half", "quasi", "cross", "semi", "pseudo", "ex", "vice"),
        *("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
    }
)
#: After a hanging hyphen ("Haupt- und Nebensatz", "pre- and post-war") the next word stands alone.
_CONJUNCTIONS = frozenset(("and", "or", "to", "und", "oder", "bzw", "et", "ou", "y", "o", "e", "en", "of", "og", "och"))

_LAST_WORD = re.compile(r"([^\W_]+(?:['’][^\W_]+)?)$")
_FIRST_WORD = re.compile(r"^[^\W_]+")
_WHOLE_WORDS = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def row_text(row: Row) -> str:
    """One line's text: its pieces in order, spaces between them except within East Asian text set close."""
    parts: list[str] = []
    previous = None
    for piece in row.pieces:
        text = piece.text.strip()
        if previous is not None and parts and text:
            close = piece.x0 - previous.x1 < max(piece.size, previous.size)
            parts.append("" if close and _tight(parts[-1], text) else " ")
        parts.append(text)
        previous = piece
    return "".join(parts)


def vocabulary(texts: Iterable[str]) -> Set[str]:
    """The words that stand whole on a page, in lower case: evidence for how a divided one is written."""
    return {word.lower() for text in texts for word in _WHOLE_WORDS.findall(text)}


def join_lines(lines: Sequence[str], known: Set[str] = frozenset()) -> str:
    """Join consecutive lines of a paragraph.

    Args:
        lines: their texts.
        known: the page's words, see `vocabulary`.
    """
    joined = ""
    for line in lines:
        text = line.strip()
        joined = _join(joined, text, known) if joined and text else joined or text
    return joined


def _join(above: str, below: str, known: Set[str]) -> str:
    if above.endswith(_SOFT_HYPHEN):
        return above[:-1] + below
    if above[-1] in _HYPHENS:
        return _join_hyphen(above, below, known)
    if above[-1] in "—―" or (above[-1] == "–" and below[0].isdigit()) or _tight(above, below):
        return above + below
    return f"{above} {below}"


def _join_hyphen(above: str, below: str, known: Set[str]) -> str:
    """A hyphen at a line's end goes where it only divides a word, and stays where it belongs to one.

    It only divides one when both parts are letters, the lower part goes on in lower case, and nothing speaks for a
    compound: a hyphen earlier in the word, a first part that keeps its hyphen, the compound written out elsewhere.
    """
    stem = above.rstrip(_HYPHENS)
    first = _LAST_WORD.search(stem)
    second = _FIRST_WORD.match(below)
    if first is None or len(above) - len(stem) > 1:
        return f"{above} {below}"
    if second is None:
        return above + below
    left, right = first[1], second[0]
    if right.lower() in _CONJUNCTIONS and right.lower() == right:
        return f"{stem}- {below}"
    return stem + ("" if _only_divides(stem, left, right, known) else "-") + below


def _only_divides(stem: str, left: str, right: str, known: Set[str]) -> bool:
    if not (left[-1].isalpha() and right[0].isalpha() and right[0].islower()):
        return False
    if (left + right).lower() in known:
        return True
    if f"{left}-{right}".lower() in known or left.lower() in _KEEP_AFTER:
        return False
    in_compound = len(stem) > len(left) and stem[-len(left) - 1] in _HYPHENS
    return not in_compound and not (len(left) == 1 and left.isupper())


def _tight(above: str, below: str) -> bool:
    """Whether two texts meet without a space: East Asian characters on both sides, or its punctuation on one."""
    left, right = above[-1:], below[:1]
    if joins_without_space(left) and joins_without_space(right):
        return True
    return (joins_without_space(left) and not left.isalnum()) or (joins_without_space(right) and not right.isalnum())
