"""What pages have cost so far, from which is told how long a document will take."""

from __future__ import annotations

import threading
from collections.abc import Mapping

#: Share of the newest document in the mean: some dozens of documents are remembered.
_SHARE = 0.1


class PageCosts:
    """Mean seconds a page by tier; thread-safe."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    def note(self, tier: str, pages: int, timings: Mapping[str, float]) -> None:
        """Add what a document or range took.

        Args:
            tier: that was asked for.
            pages: how many were read.
            timings: seconds by phase, with `total`.
        """
        if pages <= 0:
            return
        took = timings.get("total", 0.0) / pages
        with self._lock:
            known = self._seconds.get(tier)
            self._seconds[tier] = took if known is None else known + _SHARE * (took - known)

    def of_a_page(self, tier: str) -> float | None:
        """Seconds; None where no page of this tier was read yet."""
        with self._lock:
            return self._seconds.get(tier)
