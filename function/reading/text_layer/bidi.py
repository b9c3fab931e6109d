"""Right-to-left text: from the order on the paper, left to right, to the order in which it is read.

A page gives what the bidirectional algorithm (Unicode Standard Annex 9) has already laid out, so this runs its
reordering backwards with what a single line tells: the direction of most letters, runs of the other direction, numbers,
and brackets that were mirrored.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_RIGHT = frozenset(("R", "AL"))
_DIGITS = frozenset(("EN", "AN"))
#: Between two digits these belong to the number.
_IN_NUMBERS = frozenset(("ES", "CS", "ET"))


def is_right_to_left(text: str) -> bool:
    """Whether any letter of it is Hebrew, Arabic or of another script written from the right."""
    return any(char >= "\u0590" and unicodedata.bidirectional(char) in _RIGHT for char in text)


def runs_from_the_right(text: str) -> bool:
    """Whether a text's letters are at least as often Hebrew, Arabic and the like as others."""
    kinds = [unicodedata.bidirectional(char) for char in text]
    return sum(kind in _RIGHT for kind in kinds) >= max(1, kinds.count("L"))


def logical(tokens: Sequence[str], *, from_right: bool | None = None) -> str:
    """Join one line's tokens in reading order.

    Args:
        tokens: from left to right on the paper, one a glyph: a base character with its marks, a ligature (in reading
            order within itself) or a space.
        from_right: how the text around the line runs; the line's own letters tell unless given.
    """
    kinds = [_kind(token) for token in tokens]
    if "R" not in kinds:
        return "".join(tokens)
    if runs_from_the_right("".join(tokens)) if from_right is None else from_right:
        return "".join(_from_the_right(list(tokens), kinds))
    return "".join(_from_the_left(list(tokens), kinds))


def _kind(token: str) -> str:
    """L, R, N (a digit), S (what may stand within a number) or another (spaces, punctuation)."""
    for char in token:
        bidi = unicodedata.bidirectional(char)
        if bidi in _RIGHT:
            return "R"
        if bidi == "L":
            return "L"
        if bidi in _DIGITS:
            return "N"
        if bidi in _IN_NUMBERS:
            return "S"
    return "-"


def _from_the_right(tokens: list[str], kinds: list[str]) -> list[str]:
    """A line that runs from the right: turn it around, and its words and numbers from the left back again."""
    tokens.reverse()
    kinds = kinds[::-1]
    within = _left_runs(kinds)
    ordered: list[str] = []
    start = 0
    while start < len(tokens):
        end = start
        while end < len(tokens) and within[end] == within[start]:
            end += 1
        part = tokens[start:end]
        ordered += part[::-1] if within[start] else [token.translate(_MIRRORED) for token in part]
        start = end
    return ordered


def _left_runs(kinds: list[str]) -> list[bool]:
    """For each token, whether it belongs to a run from the left: letters, digits, and what stands between those."""
    within = [kind in {"L", "N"} for kind in kinds]
    index = 0
    while index < len(kinds):
        if within[index]:
            index += 1
            continue
        end = index
        while end < len(kinds) and kinds[end] in {"-", "S"}:
            end += 1
        before = kinds[index - 1] if index else "R"
        after = kinds[end] if end < len(kinds) else "R"
        joins_letters = "R" not in {before, after} and "L" in {before, after}
        joins_digits = before == after == "N" and kinds[index:end] == ["S"]
        if end > index and (joins_letters or joins_digits):
            within[index:end] = [True] * (end - index)
        index = max(end, index + 1)
    return within


def _from_the_left(tokens: list[str], kinds: list[str]) -> list[str]:
    """A line that runs from the left: turn its phrases from the right around."""
    ordered: list[str] = []
    start = 0
    while start < len(tokens):
        if kinds[start] != "R":
            ordered.append(tokens[start])
            start += 1
            continue
        end = last = start
        while end < len(tokens) and kinds[end] != "L":
            if kinds[end] == "R":
                last = end
            end += 1
        ordered += _from_the_right(tokens[start : last + 1], kinds[start : last + 1])
        start = last + 1
    return ordered
