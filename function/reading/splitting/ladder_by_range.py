"""A ladder for each range of a long document, so that it is read alike in one process and in many.

The check of a text layer draws lines at random and believes or distrusts the layer as a whole (`layer_check`). Where
each range draws from its own pages, what it finds does not depend on who reads the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from function.reading.ladder import Decision, Ladder
from function.reading.splitting.manifest import divided


class LadderByRange:
    """Decides as `Ladder` does; pages are asked for in ascending order.

    Args:
        numbers: of the pages asked for, ascending.
        most: pages a range.
        ladder_of: makes the ladder for the pages of a range.
    """

    def __init__(self, numbers: Sequence[int], most: int, ladder_of: Callable[[list[int]], Ladder]) -> None:
        self._numbers = numbers
        self._ranges = divided(numbers, most)
        self._ladder_of = ladder_of
        self._last = 0
        self._ladder: Ladder | None = None

    def decide(self, number: int) -> Decision:
        """How to read page `number`. Raises as Ladder does."""
        if self._ladder is None or number > self._last:
            first, self._last = next(pages for pages in self._ranges if pages[1] >= number)
            self._ladder = self._ladder_of([page for page in self._numbers if first <= page <= self._last])
        return self._ladder.decide(number)
