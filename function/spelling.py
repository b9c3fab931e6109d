"""What was probably meant, where a word is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(text: str, words: Iterable[str]) -> str:
    """`; did you mean …?` where one of the words is near, whatever its case; else nothing."""
    by_lower = {word.lower(): word for word in words}
    close = difflib.get_close_matches(text.lower(), list(by_lower), n=1)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""
