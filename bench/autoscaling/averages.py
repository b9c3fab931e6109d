"""Concurrency as the autoscaler sees it: averages of one-second buckets over two windows.

A window that is younger than itself is averaged from its first bucket on, so that the first second counts in full.
"""

from __future__ import annotations

from array import array


class Averages:
    """Buckets since the first one, as running sums: an average is two look-ups, however long the window.

    Args:
        window, panic: seconds.
    """

    def __init__(self, window: float, panic: int) -> None:
        self._window, self._panic = max(1, round(window)), panic
        self._sums = array("d", [0.0])

    def clear(self) -> None:
        """Nothing was reported for a whole window: the next bucket is the first again."""
        del self._sums[1:]

    def push(self, concurrency: float) -> None:
        """One second's average is over."""
        self._sums.append(self._sums[-1] + concurrency)

    def push_many(self, concurrency: float, count: int) -> None:
        """So many seconds of the same."""
        last = self._sums[-1]
        self._sums.extend(last + concurrency * (index + 1) for index in range(count))

    def read(self) -> tuple[float, float]:
        """Stable and panic average; zeros before the first bucket."""
        return self._over(self._window), self._over(self._panic)

    def _over(self, seconds: int) -> float:
        known = len(self._sums) - 1
        if not known:
            return 0.0
        span = min(known, seconds)
        return max(0.0, self._sums[-1] - self._sums[-1 - span]) / span
