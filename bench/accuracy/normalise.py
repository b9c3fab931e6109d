"""What counts as the same text: one normalisation for the truth and for every reader's output.

Unicode NFKC (full-width forms, ligatures, long s), format characters dropped, a word broken by a hyphen at the end of
a line mended, drawn lines (dot leaders, rules of dashes) dropped, runs of white space made one space; and no white
space at all where the truth's script writes none.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Scripts that put no space between words: a character counts as a word there.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
#: Above this share of its letters, a text is taken as written without spaces.
_UNSPACED_SHARE = 0.2
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad][ \t]*\n\s*(?=[^\W\d_])")
#: Four or more of one mark, spaced or not, are drawn, not written.
_DRAWN = re.compile(r"([^\w\s])(?:[ \t]*\1){3,}")
_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u2012": "-",
     "\u2013": "-", "\u2014": "-", "\u2212": "-"}
)  # fmt: skip


@lru_cache(maxsize=65536)
def _kind(char: str) -> str:
    """`unspaced` (a word by itself), `letter` (letters, marks, digits), `format`, or `other`."""
    category = unicodedata.category(char)
    if category[0] in "LMN":
        name = unicodedata.name(char, "")
        return "unspaced" if name.startswith(_UNSPACED) else "letter"
    return "format" if category == "Cf" else "other"


def is_unspaced(text: str) -> bool:
    """Whether the text is mostly in a script without spaces between words (Chinese, Japanese, Thai, …)."""
    kinds = [_kind(char) for char in text]
    unspaced = kinds.count("unspaced")
    letters = unspaced + kinds.count("letter")
    return letters > 0 and unspaced / letters >= _UNSPACED_SHARE


def lines(text: str, *, unspaced: bool = False) -> list[str]:
    """The normalised lines that are not empty.

    Args:
        text: as transcribed or read.
        unspaced: drop white space within lines too.
    """
    # A small e above a vowel is how Fraktur prints an umlaut.
    composed = unicodedata.normalize("NFKC", text.replace("\u0364", "\u0308"))
    mended = _BROKEN_WORD.sub("", composed)
    written = _DRAWN.sub(" ", mended)
    kept = "".join(char for char in written if _kind(char) != "format")
    joint = "" if unspaced else " "
    return [joined for line in kept.splitlines() if (joined := joint.join(line.split()))]


def flat(text: str, *, unspaced: bool = False) -> str:
    """All lines as one string."""
    return ("" if unspaced else " ").join(lines(text, unspaced=unspaced))


def words(text: str) -> list[str]:
    """Runs of letters, marks and digits, in order; punctuation separates and is left to the character measures.

    Case counts. A point or comma between digits belongs to the number. A character of a script without spaces is a
    word.
    """
    found: list[str] = []
    current = ""
    whole = flat(text)
    for index, char in enumerate(whole):
        kind = _kind(char)
        inside_number = char in ".," and current[-1:].isdigit() and whole[index + 1 : index + 2].isdigit()
        if kind == "letter" or inside_number:
            current += char
            continue
        if current:
            found.append(current)
            current = ""
        if kind == "unspaced":
            found.append(char)
    return [*found, current] if current else found


def loose(text: str, *, fold_case: bool = False) -> str:
    """For looking up statements: quotes and dashes folded too, Markdown's emphasis and escapes dropped."""
    plain = re.sub(r"\\(?=[\\`*_{}\[\]<>()#+\-.!|~])", "", text)
    plain = re.sub(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", plain)
    folded = flat(plain).translate(_QUOTES)
    return folded.casefold() if fold_case else folded
