"""How one page is read: find its lines, find which way is up, read the lines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from function.engines.intake import require_pixels
from function.engines.rapid import crops, orientation
from function.engines.rapid.check_boxes import CheckBox, cut_at, find_check_boxes, with_check_boxes
from function.engines.rapid.crew import Crew
from function.engines.rapid.crops import Quad
from function.engines.rapid.detection import detect
from function.engines.rapid.dot_rows import DotRow
from function.engines.rapid.leader_lines import parted, with_leaders, without_leaders
from function.engines.rapid.lines import Reader, read_line, turn
from function.engines.rapid.runtime import Network
from function.engines.rapid.unread import NOISE, warnings
from function.page import PageImage, PageReading, Pixels, ReadLine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the models cannot read: seen before, put back after."""

    leaders: list[DotRow]
    boxes: list[CheckBox]

    def parted(self, quads: Sequence[Quad]) -> list[Quad]:
        return cut_at(parted(quads, self.leaders), self.boxes)

    def beside(self, lines: Sequence[ReadLine]) -> list[ReadLine]:
        return with_check_boxes(with_leaders(lines, self.leaders), self.boxes)


class PageReader:
    """Reads one page with the crew's help; runs in a thread of its own and waits most of the time.

    Args:
        crew: does the work.
        detector: network that finds lines.
        read: reads a strip.
        rank: of the page: lower goes first.
        abandoned: set when nobody wants the page any more.
    """

    def __init__(self, crew: Crew, detector: Network, read: Reader, rank: float, abandoned: threading.Event) -> None:
        self._crew = crew
        self._detector = detector
        self._read = read
        self._rank = rank
        self._abandoned = abandoned

    def read(self, page: PageImage) -> PageReading:
        """Read the page.

        Raises:
            Corrupt: there are no pixels.
            CancelledError: the page was abandoned.
        """
        require_pixels(page.pixels)
        pixels, seen = self._looked_at(page.pixels)
        quads = self._quads(pixels, page.dpi, seen)
        if orientation.lies_on_its_side(quads):
            strips = [crops.cut(pixels, quads[index]) for index in orientation.probes(quads, tall=True)]
            rotation, lines = orientation.turn_of_page_on_its_side(strips, self._read_all), None
        else:
            rotation, lines = self._read_level(pixels, quads)
        if rotation:
            pixels, seen = self._looked_at(turn(page.pixels, rotation))
            lines, quads = None, self._quads(pixels, page.dpi, seen)
        kept = lines if lines is not None else self._wait(self._start(pixels, quads))
        height, width = pixels.shape[:2]
        return PageReading(
            lines=seen.beside([line for line in kept if line.text and line.confidence >= NOISE]),
            width=width,
            height=height,
            rotation=rotation,
            warnings=warnings(kept),
        )

    def _read_level(self, pixels: Pixels, quads: Sequence[Quad]) -> tuple[int, list[ReadLine] | None]:
        """Read the page as it is, the probes first; where they read badly, stop and look from the other side."""
        first = orientation.probes(quads, tall=False)
        order = [*first, *sorted(set(range(len(quads))) - set(first))]
        started = dict(zip(order, self._start(pixels, [quads[index] for index in order]), strict=True))
        heard = self._wait([started[index] for index in first])
        upright = orientation.testimony([(line.text, line.confidence) for line in heard])
        if first and upright.confidence < orientation.DOUBTFUL:
            stopped = [index for index in order if started[index].cancel()]
            strips = [crops.cut(pixels, quads[index]) for index in first]
            rotation = orientation.turn_of_level_page(strips, upright, self._read_all)
            if rotation:
                return rotation, None
            started.update(zip(stopped, self._start(pixels, [quads[index] for index in stopped]), strict=True))
        return 0, self._wait([started[index] for index in range(len(quads))])

    def _looked_at(self, pixels: Pixels) -> tuple[Pixels, _Seen]:
        boxes = self._submit(partial(find_check_boxes, pixels))
        clean, leaders = self._wait([self._submit(partial(without_leaders, pixels))])[0]
        return clean, _Seen(leaders, boxes.result())

    def _quads(self, pixels: Pixels, dpi: float | None, seen: _Seen) -> list[Quad]:
        found = self._wait([self._submit(partial(detect, self._detector, pixels, dpi))])[0]
        quads = seen.parted([crops.ordered(detection.quad) for detection in found])
        return sorted(quads, key=lambda quad: (float(quad[:, 1].min()), float(quad[:, 0].min())))

    def _start(self, pixels: Pixels, quads: Sequence[Quad]) -> list[Future[ReadLine]]:
        return [self._submit(partial(read_line, pixels, quad, self._read)) for quad in quads]

    def _read_all(self, strips: Sequence[Pixels]) -> list[tuple[str, float]]:
        return self._wait([self._submit(partial(self._read, strip)) for strip in strips])

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        def unless_abandoned() -> T:
            if self._abandoned.is_set():
                raise CancelledError
            return work()

        return self._crew.submit(self._rank, unless_abandoned)

    def _wait(self, futures: Sequence[Future[T]]) -> list[T]:
        return [future.result() for future in futures]
