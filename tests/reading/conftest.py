"""What tests of the batcher stand on: pages, an engine that stands still until a test opens its gate, batchers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from function.engines.stub import StubEngine, stamp
from function.page import PageImage
from function.reading.queue.batcher import Batcher, EngineReading


def page(text: str, number: int = 1) -> PageImage:
    """A page that the stub reads as `text`."""
    return PageImage(number, stamp(text, 200, 100))


def text_of(reading: EngineReading) -> str:
    """What was read."""
    return "\n".join(line.text for line in reading.reading.lines)


class GatedEngine(StubEngine):
    """Reads nothing before its gate opens, so that a test decides what waits in the queue."""

    def __init__(self, max_batch: int = 4, **more: Any) -> None:
        super().__init__(max_batch=max_batch, **more)
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.batches: list[int] = []
        self.numbers: list[int] = []

    def read(self, pages):  # type: ignore[no-untyped-def]
        """Note the batch, wait for the gate, read."""
        self.batches.append(len(pages))
        self.numbers += [page.number for page in pages]
        self.entered.set()
        assert self.gate.wait(30)
        yield from super().read(pages)


@pytest.fixture
def batchers() -> Iterator[Callable[..., Batcher]]:
    """Makes started batchers and ends them with the test."""
    made: list[Batcher] = []

    def make(engine: StubEngine, queue_pages: int = 16, **more: Any) -> Batcher:
        batcher = Batcher(engine, queue_pages=queue_pages, **more)
        batcher.start().result(30)
        made.append(batcher)
        return batcher

    yield make
    for batcher in made:
        if isinstance(batcher.engine, GatedEngine):
            batcher.engine.gate.set()
        batcher.close()
