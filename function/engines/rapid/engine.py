"""The engine: pages in, lines out, every processor busy from the first page of a batch to its last.

A few pages are in the works at once, each conducted by a thread that mostly waits. What costs time (finding the lines
of a page, cutting and reading each) is done by one crew of threads, the earliest page's work first; when its last lines
leave a thread idle, that thread already looks for the lines of the next page.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, as_completed
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from function.engines.rapid import models
from function.engines.rapid.cpu import available_cpus
from function.engines.rapid.runtime import Precision, RuntimeName, choose_precision, choose_runtime
from function.engines.rapid.script import covered
from function.errors import EngineFailed, OcrError
from function.page import PageImage, PageReading, Pixels
from function.results.model import EngineInfo

if TYPE_CHECKING:
    from function.engines.rapid.machine import Machine

#: Changes whenever the same pixels may give another text.
VERSION = "6"
#: So many that the end of a batch, which leaves processors idle for a moment, costs little.
MAX_BATCH = 8


class RapidEngine:
    """PP-OCRv6 small on a CPU; implements engines.base.Engine.

    Args:
        runtime: what multiplies the matrices; auto takes OpenVINO where it is installed.
        precision: of OpenVINO; auto takes bfloat16 where the processor has it.
        threads: 0 takes what the container may use.
        weights: folder of the two ONNX files; empty takes those inside the rapidocr wheel.
        compiled: folder where compiled models are kept from start to start; empty keeps none.
    """

    def __init__(
        self,
        *,
        runtime: Literal["auto", "openvino", "onnxruntime"] = "auto",
        precision: Literal["auto", "f32", "bf16"] = "auto",
        threads: int = 0,
        weights: str = "",
        compiled: str = "",
    ) -> None:
        self._wanted_runtime = runtime
        self._wanted_precision = precision
        self._threads = threads
        self._folder = weights
        self._compiled = Path(compiled) if compiled else None
        self._machine: Machine | None = None
        self._rank = itertools.count()

    @cached_property
    def info(self) -> EngineInfo:
        """Runtime and arithmetic are part of the version, for they decide how doubtful characters are read.

        Raises:
            EngineFailed: no weights, or no runtime.
        """
        runtime, precision = self._arithmetic
        version = f"{VERSION}-{runtime}-{precision}"
        return EngineInfo(name="rapid", version=version, weights=models.fingerprint(self._weights))

    @property
    def parallel(self) -> int:
        """One thread."""
        return 1

    @property
    def max_batch(self) -> int:
        """See engines.base.Engine."""
        return MAX_BATCH

    @property
    def gains_from_batches(self) -> bool:
        """A processor reads two pages in twice the time."""
        return False

    def load(self) -> None:
        """Compile both models and start the threads: 0.3 to 0.8 s, import included.

        Raises:
            EngineFailed: names the file or the setting that is wrong.
        """
        if self._machine is None:
            from function.engines.rapid.machine import Machine

            threads = self._threads or available_cpus()
            self._machine = Machine(self._weights, *self._arithmetic, threads, self._compiled)

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """See engines.base.Engine. Closing the iterator early drops the pages that are not finished.

        Raises:
            EngineFailed: not loaded.
        """
        machine, abandoned = self._loaded(), threading.Event()
        started = {machine.start(page, next(self._rank), abandoned): n for n, page in enumerate(pages)}
        try:
            for future in as_completed(started):
                yield started[future], _outcome(future)
        finally:
            machine.abandon(list(started), abandoned)

    def recognise(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """See engines.base.Engine.

        Raises:
            EngineFailed: not loaded.
        """
        return self._loaded().recognise(crops)

    def reads(self, text: str) -> bool:
        """Latin, Han and kana, digits and signs; not Arabic, Hangul, Cyrillic, Thai and so on, nor Greek words."""
        return covered(text, self._alphabet)

    def close(self) -> None:
        """End the threads and let go of the models; `load` starts them again."""
        if self._machine is not None:
            machine, self._machine = self._machine, None
            machine.close()

    def _loaded(self) -> Machine:
        if self._machine is None:
            raise EngineFailed("the engine reads before it is loaded", remedy="Call load() first.")
        return self._machine

    @cached_property
    def _arithmetic(self) -> tuple[RuntimeName, Precision]:
        runtime = choose_runtime(self._wanted_runtime)
        return runtime, choose_precision(self._wanted_precision, runtime)

    @cached_property
    def _weights(self) -> models.Weights:
        return models.find_weights(self._folder)

    @cached_property
    def _alphabet(self) -> frozenset[str]:
        return frozenset(models.alphabet(self._weights.recognition))


def _outcome(future: Future[PageReading]) -> PageReading | Exception:
    """The reading or the page's own failure; a fault that is not ours by name is one, too, so that a batch survives."""
    problem = future.exception()
    if problem is None:
        return future.result()
    if isinstance(problem, OcrError):
        return problem
    failure = EngineFailed(f"the fast rung failed on this page: {type(problem).__name__}: {problem}")
    failure.__cause__ = problem
    return failure
