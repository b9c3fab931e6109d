"""The seam between the story and whatever reads pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from function.page import PageImage, PageReading, Pixels
from function.results.model import EngineInfo

#: The version of an engine that is elsewhere and has not answered yet: asking it would wake what shall sleep. Any may
#: be meant by it, so it proves no difference.
UNKNOWN_VERSION = "unknown until its first answer"


class Engine(Protocol):
    """Reads pages. Every method is called from the batcher's threads only; but for `read`, from one at a time."""

    @property
    def info(self) -> EngineInfo:
        """Name, version and weights: part of the fingerprint of every answer. Cheap, callable before `load`."""
        ...

    @property
    def max_batch(self) -> int:
        """How many pages `read` gains from at most; the batcher never hands over more."""
        ...

    @property
    def parallel(self) -> int:
        """How many threads may call `read` at once: 1 for a predictor of its own, more for one behind a server."""
        ...

    @property
    def gains_from_batches(self) -> bool:
        """Whether several pages take hardly longer than one (a GPU), so that waiting a moment for company pays."""
        ...

    def load(self) -> None:
        """Load weights and compile; slow. Raises EngineFailed naming the file or setting that is wrong."""
        ...

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """Read a batch; yield (index in `pages`, reading or this page's own failure) once each, as they finish.

        A fault of one page is yielded, never raised; what is raised concerns the engine and ends the whole batch.
        """
        ...

    def recognise(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Read upright single-line crops (h × w × 3, BGR): their texts and confidences, in order; cheap.

        Raises NotImplementedError where the engine reads whole pages only.
        """
        ...

    def reads(self, text: str) -> bool:
        """Whether the engine knows the script of `text`, so that its disagreement means something."""
        ...

    def close(self) -> None:
        """Give memory and threads back."""
        ...


def wishes_of(engine: Engine) -> frozenset[str]:
    """The options that an engine knows beyond what all know (`Asked.wishes`): its attribute `wishes`, if it has one."""
    known: frozenset[str] = getattr(engine, "wishes", frozenset())
    return known
