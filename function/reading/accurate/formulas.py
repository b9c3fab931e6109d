"""Tells lines that hold a formula from prose, figures with units and source code, by their characters alone.

What a fast engine makes of a formula is wrong, but its characters betray it: signs that hardly stand elsewhere, single
Greek letters among Latin ones, equations without words.
"""

from __future__ import annotations

import re

#: Signs of formulas alone, and such as stand in prose, too ("ages ≥ 18"): two different ones are needed of these.
_STRONG = re.compile("[∑∏∫∮∂∇√∝∈∉∋⊂⊃⊆⊇∪∩∀∃∅⇔↦⊕⊗⟨⟩‖ℝℕℤℂ≡≅≪≫]")
_WEAK = re.compile(r"[≤≥≠≈∞∼∧∨⇒ⁿᵢ]|−(?!\d)|(?<=\w)\|(?=\w)|\|\|")
_GREEK, _GREEK_WORD = re.compile("[Ͱ-Ͽ]"), re.compile("[Ͱ-Ͽἀ-῿]{3,}")
#: Greek letters of units and marks: 5 μm, 10 kΩ, Δ for a difference.
_UNIT = re.compile("μ(?=[a-zA-Z])|(?<=[0-9kKM ])Ω|Δ")
_WORD = re.compile(r"[^\W\d_]{4,}")
_CODE = re.compile(r"[;{}\"]|==|!=|->|=>|//|\w_\w|\w\.\w+\(")
#: Characters of an equation that stands alone.
_LONGEST = 60


def is_formula(text: str) -> bool:
    """Whether a line as read holds a formula.

    Args:
        text: of one line.
    """
    if _CODE.search(text):
        return False
    rest = _UNIT.sub("", _GREEK_WORD.sub("", text))
    is_greek = bool(_GREEK_WORD.search(text))  # where a single letter is a word, too
    if _STRONG.search(rest) or (_GREEK.search(rest) and not is_greek):
        return True
    if len(set(_WEAK.findall(rest))) > 1:
        return True
    is_short = len(text) <= _LONGEST and not _WORD.search(text)
    return "=" in text and is_short and any(char.isalpha() for char in text)
