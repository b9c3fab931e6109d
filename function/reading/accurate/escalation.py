"""The step from the fast to the accurate rung, for the pages of one document: is it needed, can it be had, and if not?

A page is handed over as soon as its need is known, with its pixels, while pages behind it are still read by the fast
engine: so the accurate one gets what a document has for it in as few batches as there is memory for.

Where it is not available or would come too late, callers who rather have less than nothing (`Caller.degrade`) get the
fast reading, marked; for all others that is an outage, because what is stored is final.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from function.errors import DeadlineExceeded, Outage
from function.page import PageImage, PageReading, Pixels
from function.reading.accurate.need import Signs, Thresholds, legibility, structure
from function.reading.accurate.pace import Pace
from function.reading.caller import Caller
from function.reading.queue.batcher import Batcher, EngineReading
from function.results.model import Block
from function.telemetry import metrics

log = logging.getLogger(__name__)

#: Part of a caller's time, and seconds at most, that are kept for writing the answer once the last page is there.
_RESERVE, _LONGEST_RESERVE = 0.05, 10.0
#: Pages of one document that the accurate engine has at once, however few it reads together.
_LEAST_ROOM = 8


@dataclass(frozen=True, slots=True)
class Accurate:
    """What all documents share of the accurate rung.

    Attributes:
        batcher: the accurate engine's only door.
        thresholds: which signs wake it.
        pace: how fast it is.
    """

    batcher: Batcher
    thresholds: Thresholds
    pace: Pace


class Escalation:
    """Used from one thread, for one document.

    Args:
        accurate: what documents share.
        caller: who waits; where it takes less, the deadline of handed-over pages leaves time to answer without them.
    """

    def __init__(self, accurate: Accurate, caller: Caller) -> None:
        self.batcher = accurate.batcher
        self.thresholds = accurate.thresholds
        self._pace = accurate.pace
        self.room = max(_LEAST_ROOM, accurate.batcher.engine.max_batch * accurate.batcher.engine.parallel)
        self.degrades = caller.degrade
        reserve = min(_RESERVE * caller.seconds, _LONGEST_RESERVE) if caller.degrade else 0.0
        self.caller = replace(caller, seconds=caller.seconds - reserve)
        self._outage = ""

    def signs_of_layer(self, blocks: Sequence[Block]) -> Signs:
        """Of a page that answers from its text layer alone."""
        return _measured(structure(blocks))

    def signs_of_picture(
        self, reading: PageReading, blocks: Sequence[Block], pixels: Pixels, *, rung: str, foreign: bool
    ) -> Signs:
        """Of a page whose pixels were read; tables and formulas of one with a text layer count only where told."""
        is_told = rung == "text" and not self.thresholds.text
        found, seen = Signs() if is_told else structure(blocks), legibility(reading, pixels)
        return _measured(replace(seen, cells=found.cells, formulas=found.formulas, foreign=foreign))

    def reasons(self, signs: Signs) -> str:
        """Why the page needs the accurate rung; empty where it does not. Counted."""
        found = self.thresholds.reasons(signs)
        for name in found:
            metrics.ladder_needs.labels(name).inc()
        return ", ".join(found.values())

    def hopeless(self) -> str:
        """Why handing a page over is not worth trying; empty where it is, or where nothing less will do."""
        if not self.degrades:
            return ""
        if self._outage:
            return self._outage
        if self._pace.expected() > self.caller.remaining:
            return _too_late(self._pace.expected())
        return ""

    def hand_over(self, image: PageImage) -> Future[EngineReading]:
        """Queue a page.

        Raises:
            Outage: the engine is not available, or there was no time left.
            CallerGone: nobody waits.
        """
        future = self.batcher.submit(image, self.caller)
        if not future.done():  # a page that is known already says nothing of the engine
            self._pace.watch(future)
        return future

    def failed(self, problem: Outage) -> str:
        """What to tell of a page that was not read accurately.

        Raises:
            Outage: `problem` itself, where the caller takes nothing less.
        """
        if not self.degrades:
            raise problem
        if isinstance(problem, DeadlineExceeded):
            return _too_late(0.0)
        # Whoever hangs or is down for one page is so for the next; trying each would take its time again.
        self._outage = f"the accurate engine is not available ({problem.name}: {problem.detail})"
        log.warning("%s; fast readings are kept", self._outage)
        return self._outage


def _too_late(expected: float) -> str:
    takes = f", which takes {expected:.0f} s now" if expected else ""
    return f"there was no time left for the accurate engine{takes}"


def _measured(signs: Signs) -> Signs:
    metrics.ladder_doubtful.observe(signs.doubtful)
    metrics.ladder_unread.observe(signs.unread)
    metrics.ladder_cells.observe(signs.cells)
    metrics.ladder_formulas.observe(signs.formulas)
    if signs.height:
        metrics.ladder_height.observe(signs.height)
    return signs
