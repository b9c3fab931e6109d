"""What a loaded engine holds: the compiled models, the threads that run them, and the threads that conduct pages."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

import cv2

from function.engines.rapid.crew import Crew
from function.engines.rapid.models import Weights, alphabet, fingerprint
from function.engines.rapid.pages import PageReader
from function.engines.rapid.recognition import Recogniser
from function.engines.rapid.runtime import Precision, Runtime, RuntimeName
from function.page import PageImage, PageReading, Pixels

#: Pages in the works at once: one whose last lines are read, one or two whose lines are looked for.
IN_THE_WORKS = 3
#: More gain nothing on a page of 40 lines, and each keeps its own kernels in memory.
MOST_STREAMS = 8


class Machine:
    """Compiles and starts everything; `close` undoes it.

    Args:
        weights: the models' files.
        runtime: what runs them.
        precision: of its arithmetic.
        threads: to use.
        compiled: folder of the compiled models that are kept; None keeps none.

    Raises:
        EngineFailed: a file is no model.
    """

    def __init__(
        self, weights: Weights, runtime: RuntimeName, precision: Precision, threads: int, compiled: Path | None = None
    ) -> None:
        # The crew is as many threads as may run; OpenCV would start as many again inside each of them.
        cv2.setNumThreads(1)
        streams = min(threads, MOST_STREAMS)
        self._runtime = _open_runtime(runtime, precision, compiled, fingerprint(weights))
        # Compiling keeps one processor busy; a second one takes the other model meanwhile.
        with ThreadPoolExecutor(1, thread_name_prefix="rapid-load") as beside:
            detector = beside.submit(self._runtime.compile, weights.detection, streams=1, threads=threads)
            network = self._runtime.compile(weights.recognition, streams=streams, threads=threads)
            self._recogniser = Recogniser(network, alphabet(weights.recognition))
        self._detector = detector.result()
        self._crew = Crew(streams)
        self._conductors = ThreadPoolExecutor(IN_THE_WORKS, thread_name_prefix="rapid-page")

    def start(self, page: PageImage, rank: int, abandoned: threading.Event) -> Future[PageReading]:
        """Begin to read a page; see PageReader."""
        reader = PageReader(self._crew, self._detector, self._recogniser.recognise, rank, abandoned)
        return self._conductors.submit(reader.read, page)

    def recognise(self, strips: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Read strips at the same time, before the lines of any page."""
        futures = [self._crew.submit(-1, partial(self._recogniser.recognise, strip)) for strip in strips]
        return [future.result() for future in futures]

    @staticmethod
    def abandon(futures: Sequence[Future[PageReading]], abandoned: threading.Event) -> None:
        """Stop pages that nobody waits for, and return when the crew has let go of them."""
        abandoned.set()
        for future in futures:
            future.cancel()
        wait(futures)

    def close(self) -> None:
        """End the threads, then let go of the models: in the other order the runtime would lose what it runs on."""
        self._conductors.shutdown()
        self._crew.close()
        del self._recogniser, self._detector
        self._runtime.close()


def _open_runtime(name: RuntimeName, precision: Precision, compiled: Path | None, weights: str) -> Runtime:
    """Import the library behind the name, late, since that takes a quarter of a second.

    Args:
        name: of the library.
        precision: of its arithmetic.
        compiled: folder of the compiled models that are kept; None keeps none.
        weights: fingerprint of both models.
    """
    if name == "openvino":
        from function.engines.rapid.runtime_openvino import OpenVinoRuntime

        return OpenVinoRuntime(precision, compiled, weights)
    from function.engines.rapid.runtime_onnx import OnnxRuntime

    return OnnxRuntime()
