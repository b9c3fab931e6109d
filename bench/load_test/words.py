"""What of an answer is compared: its words. Needs the standard library alone, as Locust's side does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"\w{2,}")


def words(text: str) -> list[str]:
    """Lower case, two characters at least: single ones are lost in formulas and rules."""
    return _WORD.findall(text.lower())


def found(expected: Sequence[str], text: str) -> float:
    """Share of the expected words that the text holds, each as often as expected; 1 where none is."""
    if not expected:
        return 1.0
    wanted = Counter(expected)
    return (wanted & Counter(words(text))).total() / wanted.total()
