"""Tells the labels of charts and forms from small headings, which look alike, by what follows: headings head a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from function.reading.layout.levels import Heading, levels, numbered
from function.reading.layout.paragraphs import ends_sentence
from function.results.model import Block

#: Larger headings need no text below: titles stand alone, too.
_SMALL = 3
#: One line of fewer characters that ends no sentence is another label, or a value.
_SHORT = 40
#: What stands below a picture; the languages are those of most documents.
_CAPTION = re.compile(r"(?:fig(?:ure|\.)|table|tab\.|abb(?:ildung|\.)|tabelle|figura|tabla|图|圖|表)\s*\d", re.I)


def without_labels(blocks: Sequence[Block], headings: Mapping[int, Heading]) -> dict[int, int]:
    """The levels of those headings that are no labels.

    Args:
        blocks: of the page, in reading order.
        headings: what looks like one, by the index of its block.
    """
    told = dict(zip(headings, levels(list(headings.values())), strict=True))
    return {
        at: level
        for at, level in told.items()
        if headings[at].level < _SMALL
        or at + 1 == len(blocks)
        or not (told[at + 1] == level if at + 1 in told else _is_label(headings[at].text, blocks[at + 1]))
    }


def _is_label(text: str, following: Block) -> bool:
    if following.type != "paragraph" or numbered(text) is not None:
        return False
    alone = len(following.lines) == 1 and len(following.text) < _SHORT and not ends_sentence(following.text)
    return alone or bool(_CAPTION.match(following.text))
