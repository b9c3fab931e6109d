"""East Asian text that runs from top to bottom: its columns of glyphs become vertical lines, in the file's order.

Only for pages most of which is written so; elsewhere characters one below the other are a table's, or a narrow cell's.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np

from function.glyphs import Flags, Floats, Glyphs
from function.page import ReadLine

#: The first of the characters that East Asian writing is made of.
_EAST_ASIAN = "\u2e80"
#: All in font sizes. A glyph goes on with the column where its middle lies this near to the last one's, across and
#: down; marks of punctuation stand in a corner of their square, with fonts made for level text even above its middle.
_ACROSS, _UP, _DOWN = 0.6, 0.6, 2.6
#: This much further down, it stands below the last one.
_BELOW = 0.3
#: Equal characters closer than this are one, printed twice to look bold.
_SAME_PLACE = 0.15


def vertical_lines(glyphs: Glyphs) -> tuple[list[ReadLine], Flags]:
    """Find the columns of a page that is written from top to bottom.

    Args:
        glyphs: of the upright page.

    Returns:
        Its vertical lines, in the file's order, and which glyphs stand in none of them.
    """
    others = np.ones(len(glyphs), dtype=np.bool_)
    shown = np.flatnonzero(glyphs.visible & ~glyphs.generated & ~glyphs.blank())
    if 2 * np.count_nonzero(glyphs.chars[shown] >= _EAST_ASIAN) <= len(shown):
        return [], others
    shown = shown[_once_each(glyphs.take(shown))]
    across, down = _steps(glyphs.take(shown))
    goes_on = (across <= _ACROSS) & (down >= -_UP) & (down <= _DOWN)
    below = goes_on & (down > _BELOW)
    if 2 * np.count_nonzero(below) <= len(goes_on):
        return [], others
    starts = [0, *(np.flatnonzero(~goes_on) + 1).tolist(), len(shown)]
    lines: list[ReadLine] = []
    for start, end in pairwise(starts):
        if below[start : end - 1].any() or (end - start > 1 and glyphs.chars[shown[start]] >= _EAST_ASIAN):
            lines.append(_line(glyphs.take(shown[start:end]), np.diff(shown[start:end]) > 1))
            others[shown[start] : shown[end - 1] + 1] = False
    return lines, others


def _once_each(glyphs: Glyphs) -> Flags:
    """False for what stands nearly where its equal just before it does."""
    across, down = _steps(glyphs)
    near = np.maximum(across, np.abs(down)) < _SAME_PLACE
    return np.asarray(np.r_[True, ~near | (glyphs.chars[1:] != glyphs.chars[:-1])])


def _steps(glyphs: Glyphs) -> tuple[Floats, Floats]:
    """From each glyph's middle to the next one's, in font sizes: to either side, and down."""
    larger = np.maximum(1.0, np.maximum(glyphs.sizes[1:], glyphs.sizes[:-1]))
    steps = np.diff((glyphs.boxes[:, :2] + glyphs.boxes[:, 2:]) / 2, axis=0) / larger[:, None]
    return np.abs(steps[:, 0]), steps[:, 1]


def _line(glyphs: Glyphs, parted: Flags) -> ReadLine:
    """One column; `parted` tells after which glyphs the file has something unseen: between Latin letters, a blank."""
    texts = [_level_form(char) for char in np.where(glyphs.mapped, glyphs.chars, "\ufffd").tolist()]
    for at in np.flatnonzero(parted).tolist():
        if max(texts[at], texts[at + 1]) < _EAST_ASIAN:
            texts[at] += " "
    corners = [*glyphs.boxes[:, :2].min(axis=0).tolist(), *glyphs.boxes[:, 2:].max(axis=0).tolist()]
    return ReadLine(
        box=tuple(corners),
        text="".join(texts),
        confidence=float(glyphs.mapped.mean()),
        vertical=True,
        font_size=round(float(np.median(glyphs.sizes)), 1),
        bold=bool(2 * glyphs.bold.sum() > len(glyphs)),
    )


def _level_form(char: str) -> str:
    """Forms for vertical writing (Unicode FE10-FE1F, FE30-FE4F) as the characters that they stand for."""
    is_form = "\ufe10" <= char <= "\ufe1f" or "\ufe30" <= char <= "\ufe4f"
    return unicodedata.normalize("NFKC", char) if is_form else char
