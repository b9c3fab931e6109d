"""Whether a document's text layer is believed: lines drawn at random, before any page is answered from it.

Each check is a few lines, so a layer that lies here and there may pass. Pages whose own evidence is odd are therefore
checked for themselves.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from function.documents.base import Document
from function.page import Box, PageReading
from function.reading.text_layer.evidence import Evidence
from function.reading.text_layer.spot_check import Recognise, Sample, agreements, weight

#: Pages that are looked at for lines to check, a line asked for; documents may hold many pages without text.
_PAGES_A_SAMPLE = 3
#: Lines of the second round, a line of the first.
_MORE = 2


@dataclass(frozen=True, slots=True)
class LayerPage:
    """What is known of one page's text layer."""

    evidence: Evidence
    reading: PageReading
    rulings: Sequence[Box] = ()


class LayerCheck:
    """The check of one document's text layer; used from one thread.

    Args:
        document: opened.
        numbers: of the pages that lines are drawn from.
        page_of: what is known of another page; None where that cannot be found out.
        recognise: reads single lines, as engines.base.Engine does; may raise NotImplementedError.
        reads: whether the engine knows the script of a text.
        samples: lines that are checked; 0 checks nothing.
        dpi: the grid of all boxes.
        rng: what draws the lines.
    """

    def __init__(
        self,
        document: Document,
        numbers: Sequence[int],
        page_of: Callable[[int], LayerPage | None],
        *,
        recognise: Recognise,
        reads: Callable[[str], bool],
        samples: int,
        dpi: float,
        rng: random.Random,
    ) -> None:
        self._document = document
        self._unseen = list(numbers)
        self._page_of = page_of
        self._recognise = recognise
        self._reads = reads
        self._samples = samples
        self._dpi = dpi
        self._rng = rng
        self._rng.shuffle(self._unseen)
        self._agreed: str | None = None
        self._distrust: str | None = None
        self._doubtful: set[int] = set()

    @property
    def note(self) -> str:
        """How far the layer was checked, for people."""
        return self._agreed or "no line of it could be checked with the engine"

    def trouble(self, number: int, page: LayerPage) -> str | None:
        """Why this page must not be answered from its layer; None where it may."""
        if self._samples > 0 and self._distrust is None:
            try:
                self._look(number, page)
            except NotImplementedError:  # the engine reads whole pages only
                self._samples = 0
        if self._distrust is None and number in self._doubtful:
            return "the engine reads lines of this page differently from its text layer"
        return self._distrust

    def _look(self, number: int, page: LayerPage) -> None:
        if self._agreed is None:
            self._check_document(number, page)
        if self._distrust is None and number not in self._doubtful and page.evidence.odd:
            self._check_page(number, page)

    def _check_document(self, number: int, page: LayerPage) -> None:
        """Check some lines; where one disagrees, check more before the layer is given up, since engines err, too."""
        drawn = self._drawn(number, page)
        first = drawn[: self._samples]
        failed, count = self._failures(first), len(first)
        if failed:
            second = drawn[self._samples : (1 + _MORE) * self._samples]
            failed, count = failed + self._failures(second), count + len(second)
        if len(failed) > 1 or (failed and count < 3):
            self._distrust = "the engine reads lines drawn at random differently from the text layer"
        elif count:
            self._doubtful.update(sample.number for sample in failed)
            # Without their number, which depends on the draw: the same document twice gives the same result.
            self._agreed = "lines drawn at random read the same"

    def _check_page(self, number: int, page: LayerPage) -> None:
        lines = self._eligible(number, page)
        failed = self._failures(lines[: self._samples])
        if failed:
            failed += self._failures(lines[self._samples : (1 + _MORE) * self._samples])
        if len(failed) > 1 or (failed and len(lines) < 3):
            self._doubtful.add(number)

    def _drawn(self, number: int, page: LayerPage) -> list[Sample]:
        """Lines in random order, one page after the other in turns, enough for both rounds where there are enough."""
        by_page: list[list[Sample]] = []
        looked = 0
        while self._unseen and looked < _PAGES_A_SAMPLE * self._samples and len(by_page) < self._samples:
            other = self._unseen.pop()
            looked += other != number
            lines = [] if other == number else self._eligible(other, self._page_of(other))
            by_page += [lines] if lines else []
        own = self._eligible(number, page)
        by_page += [own] if own and len(by_page) < max(1, self._samples) else []
        turns = (1 + _MORE) * self._samples
        drawn = [lines[turn] for turn in range(turns) for lines in by_page if turn < len(lines)]
        return sorted(drawn, key=lambda sample: -sample.weight)

    def _eligible(self, number: int, page: LayerPage | None) -> list[Sample]:
        """A page's lines that can be checked, those that mean most first, else in random order."""
        if page is None or page.evidence.verdict not in {"trusted", "supplement"}:
            return []
        points = 72.0 / self._dpi
        lines = page.reading.lines
        weights = [weight(line, (line.font_size or 0.0) * points, self._reads) for line in lines]
        found = [Sample(number, page.reading, *pair) for pair in zip(lines, weights, strict=True) if pair[1]]
        self._rng.shuffle(found)
        return sorted(found, key=lambda sample: -sample.weight)

    def _failures(self, samples: list[Sample]) -> list[Sample]:
        agreed = agreements(self._document, samples, self._dpi, self._recognise)
        return [sample for sample, same in zip(samples, agreed, strict=True) if not same]
