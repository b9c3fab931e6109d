"""How large batches get, and for how long a page may wait for company."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass


def _nobody() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Batching:
    """What forms batches, for engines that read several pages in hardly more time than one (GPUs).

    Where an engine gains nothing from company, waiting for it only costs: then the window is 0, as it is by default.

    Attributes:
        window: seconds that the first page of a batch waits for others, at most.
        pixels: of a batch, at most, unless a single page has more.
        under_way: how many documents are being read at this moment.
    """

    window: float = 0.0
    pixels: int = sys.maxsize
    under_way: Callable[[], int] = _nobody

    def patience(self, *, since: float, now: float, pixels: int, documents: int) -> float:
        """For how many more seconds to wait; 0 or less where the batch should go.

        Args:
            since: when the first page came.
            now: in the same seconds.
            pixels: of all pages that wait.
            documents: that have pages waiting. Where no other is being read, nobody else can come.
        """
        if self.window <= 0 or pixels >= self.pixels or self.under_way() <= documents:
            return 0.0
        return since + self.window - now
