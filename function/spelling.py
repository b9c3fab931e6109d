"""What was probably meant, where a word is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(text: str, words: Iterable[str], *, cutoff: float = 0.6) -> str:
    """`; did you mean …?` where one of the words is near, whatever its case; else nothing.

    Args:
        text: what was written.
        words: what there is.
        cutoff: how alike they are at least, from 0 to 1; higher where all words begin alike.
    """
    by_lower = {word.lower(): word for word in words}
    close = difflib.get_close_matches(text.lower(), list(by_lower), n=1, cutoff=cutoff)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""
