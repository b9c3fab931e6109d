"""Whether a page's text layer tells what is seen on the page: its glyphs against the ink of a small preview.

Ink below no glyph may be text that the layer lacks; glyphs without ink are text that nobody sees.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from function.glyphs import Indices
from function.page import PageImage, TextLayer
from function.reading.text_layer.drawn_bullets import with_bullets
from function.reading.text_layer.hidden_text import hidden_among
from function.reading.text_layer.ink import ink_of, words_without_text
from function.reading.text_layer.letter_shapes import misfits

#: At which the preview is drawn: small letters are 5 pixels tall, enough to see ink, and a page costs milliseconds.
PREVIEW_DPI = 96.0

Verdict: TypeAlias = Literal["trusted", "supplement", "distrusted", "absent"]

#: Shares of a page's glyphs beyond which the layer is not believed.
_MOST_UNMAPPED, _MOST_HIDDEN = 0.05, 0.3
#: Share of all text's ink below no glyph, beyond which the layer is but a stamp on somebody else's text.
_MOST_UNTOLD = 0.5
#: Steps of grey between a page's darkest and lightest spot that nobody can write with.
_BLANK_STEPS = 6
#: Shares beyond which a page's own lines are checked.
_MOST_MISFITS, _MOST_SIGNS = 0.05, 0.4
#: What looks like as many words below no glyph may still be an icon or a bit of a drawing.
_FEW_WORDS = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found, and what follows from it.

    Attributes:
        verdict: `trusted`; `supplement`: right as far as it goes, but the page may show more; `distrusted`; `absent`.
        reason: for people.
        seen: the layer without what nobody sees, and with the bullets that are drawn, not written.
        glyphs: how many there are, blanks not counted.
        hidden: how many of them nobody sees.
        unmapped: share of the others that have no trustworthy character.
        words_untold: about how many words the ink below no glyph looks like.
        share_untold: of the ink of all text, 0..1.
        misfits: share of letters whose outlines are not such letters', 0..1.
        odd_signs: share of what is neither letter nor digit, as wrongly mapped fonts give it.
        blank: the page shows nothing at all.
    """

    verdict: Verdict
    reason: str
    seen: TextLayer
    glyphs: int = 0
    hidden: int = 0
    unmapped: float = 0.0
    words_untold: int = 0
    share_untold: float = 0.0
    misfits: float = 0.0
    odd_signs: float = 0.0
    blank: bool = False

    @property
    def odd(self) -> bool:
        """Whether the page deviates from what honest layers look like, so that its own lines should be checked."""
        return self.hidden > 0 or self.unmapped > 0.01 or self.misfits > _MOST_MISFITS or self.odd_signs > _MOST_SIGNS


def judge(layer: TextLayer, preview: PageImage) -> Evidence:
    """Compare a layer with its page.

    Args:
        layer: in any dpi.
        preview: the same page, grey (height × width × 1), drawn at about PREVIEW_DPI.
    """
    grey = np.ascontiguousarray(preview.pixels[:, :, 0])
    ink = ink_of(grey)
    blank = int(grey.max()) - int(grey.min()) <= _BLANK_STEPS
    told = np.flatnonzero(~layer.glyphs.generated & ~layer.glyphs.blank())
    if not len(told):
        reason = layer.problem or ("the page is blank" if blank else "the page has no text layer")
        return Evidence("absent", reason, layer, blank=blank)
    glyphs = layer.glyphs.take(told)
    across, down = preview.width / max(1, layer.width), preview.height / max(1, layer.height)
    boxes = glyphs.boxes * [across, down, across, down]
    hidden = hidden_among(glyphs, boxes, grey, ink, layer.dpi)
    words, share = words_without_text(ink, boxes[~hidden])
    shown = glyphs.take(~hidden)
    found = Evidence(
        verdict="trusted",
        reason="",
        seen=with_bullets(_without(layer, told[hidden]), (told - np.cumsum(hidden))[~hidden], boxes[~hidden], ink),
        glyphs=len(glyphs),
        hidden=int(hidden.sum()),
        unmapped=1.0 - int(shown.mapped.sum()) / max(1, len(shown)),
        words_untold=words,
        share_untold=share,
        misfits=misfits(shown),
        odd_signs=1.0 - int(np.strings.isalnum(shown.chars).sum()) / max(1, len(shown)),
        blank=blank,
    )
    verdict, reason = _verdict(found)
    return replace(found, verdict=verdict, reason=reason)


def _verdict(found: Evidence) -> tuple[Verdict, str]:
    hidden = found.hidden / found.glyphs
    if found.hidden == found.glyphs:
        if found.blank:
            return "absent", "the page shows nothing; its text layer is hidden"
        return "distrusted", "nobody sees the text layer (a scan's, or hidden text)"
    if hidden > _MOST_HIDDEN:
        return "distrusted", f"{hidden:.0%} of the text layer's characters are not seen on the page"
    if found.unmapped > _MOST_UNMAPPED:
        return "distrusted", f"{found.unmapped:.0%} of the text layer's characters have no known meaning"
    if found.share_untold > _MOST_UNTOLD and found.words_untold > _FEW_WORDS:
        return "distrusted", f"{found.share_untold:.0%} of what looks like text is not in the text layer"
    left_out = f"; {found.hidden} characters that nobody sees were left out" if found.hidden else ""
    if found.words_untold > _FEW_WORDS:
        more = f"what looks like {found.words_untold} words outside its text layer"
        return "supplement", f"the page also shows {more}{left_out}"
    return "trusted", f"the text layer accounts for what is seen{left_out}"


def _without(layer: TextLayer, hidden: Indices) -> TextLayer:
    if not len(hidden):
        return layer
    return replace(layer, glyphs=layer.glyphs.take(np.delete(np.arange(len(layer.glyphs)), hidden)))
