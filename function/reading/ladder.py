"""Which rung reads a page: the cheapest whose evidence is good enough.

    text       born-digital pages answer from their own text layer, where it tells what is seen (`evidence`) and some
               of the document's lines, drawn at random, read the same with the engine (`spot_check`)
    fast       everything else
    accurate   what is asked for with tier=accurate

A layer that fails the check is believed nowhere in the document; that is found out before any page is answered from it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from function.documents.base import Document
from function.errors import Refusal
from function.page import PageReading, TextLayer
from function.reading.evidence import PREVIEW_DPI, Evidence, judge
from function.reading.layer_lines import lines_of
from function.reading.merging import merge
from function.reading.spot_check import Recognise, Sample, agreements, can_tell
from function.results.model import Rung

__all__ = ["Decision", "Ladder", "merge"]

#: Pages that are looked at for lines to check, a line asked for; documents may hold many pages without text.
_PAGES_A_SAMPLE = 3
#: Enough to tell a blank page from one that is not.
_BLANK_DPI = 48.0
#: Pages whose evidence is kept until they are decided.
_KEPT = 12


@dataclass(frozen=True, slots=True)
class Decision:
    """How one page is to be read.

    Attributes:
        rung: None where the page cannot be read as asked (ocr=never, and it has no text).
        reason: why, for people.
        reading: the text layer's, where the rung is `text`.
        supplement: the fast rung shall read the page, too; then `merge` both.
    """

    rung: Rung | None
    reason: str
    reading: PageReading | None = None
    supplement: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    evidence: Evidence
    reading: PageReading


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
        self._numbers = list(numbers)
        self._ocr = ocr
        self._rung: Rung = "accurate" if tier == "accurate" and has_accurate else "fast"
        self._tier = tier
        self._recognise = recognise
        self._reads = reads
        self._samples = samples
        self._dpi = dpi
        self._rng = rng or random.SystemRandom()
        self._pages: dict[int, _Page] = {}
        self._checked: str | None = None
        self._distrusted: str | None = None
        self._doubtful: set[int] = set()

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
            return self._unread(number)
        page = self._page(number)
        if page.evidence.verdict in {"absent", "distrusted"}:
            return self._without_layer(page)
        trouble = self._trouble(number, page)
        if trouble:
            return Decision(self._rung, trouble)
        reason = "; ".join(filter(None, (page.evidence.reason, self._checked)))
        return Decision("text", reason, page.reading, supplement=page.evidence.verdict == "supplement")

    def _without_layer(self, page: _Page) -> Decision:
        if page.evidence.blank and page.evidence.verdict == "absent":
            return Decision("text", page.evidence.reason, PageReading([], page.reading.width, page.reading.height))
        return Decision(self._rung, page.evidence.reason)

    def _unread(self, number: int) -> Decision:
        """With ocr=never the layer is taken as it is, with a word about what speaks against it."""
        layer = self._document.text_layer(number, self._dpi)
        evidence = self._judged(number, layer)
        if not any(not glyph.char.isspace() for glyph in layer.glyphs):
            if evidence.blank:
                return Decision("text", evidence.reason, PageReading([], layer.width, layer.height))
            return Decision(None, f"{evidence.reason}, and ocr=never")
        if evidence.verdict in {"absent", "distrusted"}:
            return Decision("text", f"ocr=never, although {evidence.reason}", lines_of(_all_shown(layer)))
        return Decision("text", f"ocr=never; {evidence.reason}", lines_of(evidence.seen))

    def _page(self, number: int) -> _Page:
        if number in self._pages:
            return self._pages.pop(number)
        try:
            layer = self._document.text_layer(number, self._dpi)
        except Refusal as problem:
            layer = TextLayer(dpi=self._dpi, problem=f"its text layer cannot be taken out ({problem.detail})")
        evidence = self._judged(number, layer)
        return _Page(evidence, lines_of(evidence.seen))

    def _judged(self, number: int, layer: TextLayer) -> Evidence:
        dpi = PREVIEW_DPI if layer.glyphs else _BLANK_DPI
        return judge(layer, self._document.draw(number, dpi, grey=True))

    def _trouble(self, number: int, page: _Page) -> str | None:
        """Why this page's layer is not believed although its own evidence is good; None where it is."""
        if self._samples == 0:
            return None
        try:
            if self._checked is None and self._distrusted is None:
                self._check_document(number, page)
            if self._distrusted is None and number not in self._doubtful and page.evidence.odd:
                self._check_page(number, page)
        except NotImplementedError:
            self._checked, self._samples = "its lines were not checked: the engine reads whole pages only", 0
        if self._distrusted is None and number in self._doubtful:
            return "the engine reads this page's lines differently from its text layer"
        return self._distrusted

    def _check_document(self, number: int, page: _Page) -> None:
        """Check some lines; where one disagrees, check more before the layer is given up."""
        drawn = self._drawn(number, page)
        first = drawn[: self._samples]
        if not first:
            self._checked = "no line that the engine could check"
            return
        failed = self._failures(first)
        count = len(first)
        if failed:
            second = drawn[self._samples : 3 * self._samples]
            failed += self._failures(second)
            count += len(second)
        if len(failed) > 1 or (failed and count < 3):
            self._distrusted = f"the engine reads {len(failed)} of {count} lines differently from the text layer"
            return
        self._doubtful = {sample.number for sample in failed}
        self._checked = f"{count - len(failed)} of {count} lines drawn at random read the same"

    def _check_page(self, number: int, page: _Page) -> None:
        lines = self._eligible(number, page)
        self._rng.shuffle(lines)
        if len(self._failures(lines[: self._samples])) > self._samples // 3:
            self._doubtful.add(number)

    def _failures(self, samples: list[Sample]) -> list[Sample]:
        if not samples:
            return []
        agreed = agreements(self._document, samples, self._dpi, self._recognise)
        return [sample for sample, same in zip(samples, agreed, strict=True) if not same]

    def _drawn(self, number: int, page: _Page) -> list[Sample]:
        """Lines in random order, one page after the other in turns; enough for both rounds where there are enough."""
        others = [other for other in self._numbers if other != number]
        self._rng.shuffle(others)
        by_page: list[list[Sample]] = []
        for other in [*others[: _PAGES_A_SAMPLE * self._samples], number]:
            lines = self._eligible(other, page if other == number else self._sampled_page(other))
            self._rng.shuffle(lines)
            if lines:
                by_page.append(lines)
            if len(by_page) >= self._samples:
                break
        return [lines[turn] for turn in range(3 * self._samples) for lines in by_page if turn < len(lines)]

    def _sampled_page(self, number: int) -> _Page | None:
        try:
            page = self._page(number)
        except Refusal:
            return None
        if len(self._pages) < _KEPT:
            self._pages[number] = page
        return page

    def _eligible(self, number: int, page: _Page | None) -> list[Sample]:
        if page is None or page.evidence.verdict not in {"trusted", "supplement"}:
            return []
        points = 72.0 / self._dpi
        return [
            Sample(number, page.reading, line)
            for line in page.reading.lines
            if can_tell(line, (line.font_size or 0.0) * points, self._reads)
        ]


def _all_shown(layer: TextLayer) -> TextLayer:
    """The layer with its invisible text, as an OCR layer of a scan is."""
    from msgspec.structs import replace

    return replace(layer, glyphs=[replace(glyph, visible=True) for glyph in layer.glyphs])
