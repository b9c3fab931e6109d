"""Which rung reads a page: the cheapest whose evidence is good enough.

    text       born-digital pages answer from their own text layer, where it tells what is seen (`evidence`) and some
               of the document's lines, drawn at random, read the same with the engine (`spot_check`)
    fast       everything else
    accurate   what is asked for with tier=accurate; with tier=auto, pages whose signs call for it once they were read
               (`need`, `escalation`)

A layer that fails the check is believed nowhere in the document; that is found out before any page is answered from it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from function.documents.base import Document
from function.errors import Refusal
from function.page import Box, PageReading, TextLayer, turned_box
from function.reading.layout import find_rulings
from function.reading.text_layer.evidence import PREVIEW_DPI, Evidence, judge
from function.reading.text_layer.layer_check import LayerCheck, LayerPage
from function.reading.text_layer.layer_lines import lines_of
from function.reading.text_layer.merging import merge
from function.reading.text_layer.spot_check import Recognise
from function.results.model import Rung

__all__ = ["Decision", "Ladder", "merge"]

#: Dots per inch that suffice to tell a blank page from one that is not.
_BLANK_DPI = 48.0
#: Lines of a page; a table of 100 rows and 20 columns has 2,000. What arranges them takes time for each.
_MOST_LINES = 5000
#: Letters of a text layer from which its script is told.
_LEAST_LETTERS = 20
#: Sampled pages whose evidence is kept until they are decided.
_KEPT = 12


@dataclass(frozen=True, slots=True)
class Decision:
    """How one page is to be read.

    Attributes:
        rung: None where the page cannot be read as asked (ocr=never, and it has no text).
        reason: why, for people.
        reading: the text layer's, where the rung is `text`.
        supplement: the fast rung shall read the page, too; then `merge` both.
        rulings: ruled lines of the page, in the grid of `reading`, for the layout.
        pixels: that the page will have when it is drawn; 0 where that is not known yet.
        foreign: the page's text layer is written in a script that the fast engine does not know.
    """

    rung: Rung | None
    reason: str
    reading: PageReading | None = None
    supplement: bool = False
    rulings: Sequence[Box] = ()
    pixels: int = 0
    foreign: bool = False


class Ladder:
    """Decides for the pages of one document; used from one thread.

    Args:
        document: opened.
        numbers: of the pages asked for: samples are drawn from these.
        ocr: `always` leaves the text layer out, `never` takes nothing else.
        tier: what the caller asks for.
        has_accurate: whether there is an accurate engine.
        recognise: reads single lines, as engines.base.Engine does; may raise NotImplementedError.
        reads: whether the engine knows the script of a text.
        samples: lines a document that are checked; 0 trusts the evidence alone.
        dpi: at which pages are drawn, the grid of all boxes.
        rng: what draws the samples; SystemRandom, which nobody foresees, unless given.
    """

    def __init__(
        self,
        document: Document,
        numbers: Sequence[int],
        *,
        ocr: Literal["auto", "always", "never"],
        tier: Literal["auto", "fast", "accurate"],
        has_accurate: bool,
        recognise: Recognise,
        reads: Callable[[str], bool],
        samples: int,
        dpi: float,
        rng: random.Random | None = None,
    ) -> None:
        self._document = document
        self._ocr = ocr
        self._rung: Rung = "accurate" if tier == "accurate" and has_accurate else "fast"
        self._reads = reads if tier == "auto" and has_accurate else None
        self._dpi = dpi
        self._pages: dict[int, LayerPage] = {}
        self._foreign: set[int] = set()
        self._check = LayerCheck(
            document,
            numbers,
            self._sampled,
            recognise=recognise,
            reads=reads,
            samples=samples,
            dpi=dpi,
            rng=rng or random.SystemRandom(),
        )

    def decide(self, number: int) -> Decision:
        """How to read page `number`.

        Raises OcrError where the engine or the renderer fails.
        """
        if self._ocr == "always":
            return Decision(self._rung, "ocr=always")
        if self._document.media_type != "application/pdf":
            if self._ocr == "never":
                return Decision(None, "an image has no text layer, and ocr=never")
            return Decision(self._rung, "an image has no text layer")
        if self._ocr == "never":
            return self._from_layer_alone(number)
        page = self._page(number)
        if page.evidence.verdict in {"absent", "distrusted"}:
            return self._without_layer(number, page)
        trouble = self._check.trouble(number, page)
        if trouble:
            return Decision(self._rung, trouble, pixels=_pixels(page), foreign=number in self._foreign)
        reason = f"{page.evidence.reason}; {self._check.note}"
        supplement = page.evidence.verdict == "supplement"
        return Decision("text", reason, page.reading, supplement=supplement, rulings=page.rulings, pixels=_pixels(page))

    def _without_layer(self, number: int, page: LayerPage) -> Decision:
        evidence = page.evidence
        if evidence.blank and evidence.verdict == "absent":
            return Decision("text", evidence.reason, PageReading([], page.reading.width, page.reading.height))
        return Decision(self._rung, evidence.reason, pixels=_pixels(page), foreign=number in self._foreign)

    def _from_layer_alone(self, number: int) -> Decision:
        """With ocr=never the layer is taken as it is, with a word about what speaks against it."""
        layer = self._document.text_layer(number, self._dpi)
        evidence, rulings = self._judged(number, layer)
        if layer.glyphs.blank().all():
            if evidence.blank:
                return Decision("text", evidence.reason, PageReading([], layer.width, layer.height))
            return Decision(None, f"{evidence.reason}, and ocr=never")
        if evidence.verdict in {"absent", "distrusted"}:
            reason, layer = f"ocr=never, although {evidence.reason}", _all_shown(layer)
        else:
            reason, layer = f"ocr=never; {evidence.reason}", evidence.seen
        reading = lines_of(layer, rulings)
        if len(reading.lines) > _MOST_LINES:
            return Decision(None, f"the text layer falls into {len(reading.lines)} pieces, and ocr=never")
        return Decision("text", reason, reading, rulings=_upright(rulings, reading))

    def _page(self, number: int) -> LayerPage:
        if number in self._pages:
            return self._pages.pop(number)
        try:
            layer = self._document.text_layer(number, self._dpi)
        except Refusal as problem:  # the page may be drawn all the same
            layer = TextLayer(dpi=self._dpi, problem=f"the text layer cannot be taken out ({problem.detail})")
        if self._reads is not None and _is_foreign(layer, self._reads):
            self._foreign.add(number)
        evidence, rulings = self._judged(number, layer)
        reading = lines_of(evidence.seen, rulings)
        if len(reading.lines) > _MOST_LINES:
            reason = f"the text layer falls into {len(reading.lines)} pieces, more than a page of text has"
            return LayerPage(replace(evidence, verdict="distrusted", reason=reason), replace(reading, lines=[]))
        return LayerPage(evidence, reading, _upright(rulings, reading))

    def _judged(self, number: int, layer: TextLayer) -> tuple[Evidence, list[Box]]:
        """The evidence, and the ruled lines of the preview that it was taken from, in the layer's grid."""
        dpi = PREVIEW_DPI if len(layer.glyphs) else _BLANK_DPI
        preview = self._document.draw(number, dpi, grey=True)
        evidence = judge(layer, preview)
        if evidence.verdict not in {"trusted", "supplement"}:
            return evidence, []
        scale = layer.width / preview.width
        rulings = [(x0 * scale, y0 * scale, x1 * scale, y1 * scale) for x0, y0, x1, y1 in find_rulings(preview.pixels)]
        return evidence, rulings

    def _sampled(self, number: int) -> LayerPage | None:
        """A page that lines are drawn from before its turn; kept for it."""
        try:
            page = self._page(number)
        except Refusal:
            return None
        if len(self._pages) < _KEPT:
            self._pages[number] = page
        return page


def _is_foreign(layer: TextLayer, reads: Callable[[str], bool]) -> bool:
    """Whether a layer, be it a scan's, tells that the page is written in a script that is not read."""
    chars = layer.glyphs.chars
    letters = "".join(chars[layer.glyphs.mapped & np.strings.isalpha(chars)].tolist())
    return len(letters) >= _LEAST_LETTERS and not reads(letters)


def _pixels(page: LayerPage) -> int:
    return page.reading.width * page.reading.height


def _upright(rulings: list[Box], reading: PageReading) -> list[Box]:
    """The ruled lines of a page as drawn, on the page turned as its lines were."""
    if reading.rotation == 0:
        return rulings
    width, height = (
        (reading.height, reading.width) if reading.rotation in {90, 270} else (reading.width, reading.height)
    )
    return [turned_box(box, reading.rotation, width, height) for box in rulings]


def _all_shown(layer: TextLayer) -> TextLayer:
    """The layer with its invisible text, as an OCR layer of a scan is."""
    return replace(layer, glyphs=replace(layer.glyphs, visible=np.ones(len(layer.glyphs), dtype=np.bool_)))
