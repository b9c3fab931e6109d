"""OpenVINO: twice as fast as ONNX Runtime on a CPU, three to four times where the processor has bfloat16.

OpenVINO compiles kernels for every new shape of its input, in each stream, which takes as long as reading a line or
two, and keeps them (about 5 MB a shape of the recogniser). The callers therefore round their shapes; `_Network` bounds
what is left, for pages come in any size.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import openvino

from function.errors import EngineFailed

if TYPE_CHECKING:
    from function.engines.rapid.runtime import Precision, Tensor

T = TypeVar("T")


class OpenVinoRuntime:
    """Implements runtime.Runtime.

    Args:
        precision: of the arithmetic inside; inputs and outputs are float32 either way.
    """

    def __init__(self, precision: Precision) -> None:
        _fill_type_tables()
        self._core = openvino.Core()
        self._precision = precision

    def compile(self, path: Path, *, streams: int, threads: int) -> _Network:
        """See runtime.Runtime."""
        hints = {
            "PERFORMANCE_HINT": "LATENCY" if streams == 1 else "THROUGHPUT",
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": self._precision,
            # Pinned threads of several pods would sit on the same processors while others idle.
            "ENABLE_CPU_PINNING": False,
            # Kernels kept, over all shapes: enough for the usual ones, 300 MB less where every page has another size.
            "CPU_RUNTIME_CACHE_CAPACITY": 2000,
        }
        try:
            return _Network(self._core.compile_model(self._core.read_model(path), "CPU", hints), streams)
        except RuntimeError as problem:
            raise EngineFailed(f"OpenVINO cannot compile {path}: {str(problem).splitlines()[0]}") from problem

    def close(self) -> None:
        """See runtime.Runtime."""
        del self._core


class _Network:
    """One request a stream, lent to whoever runs; a thread that finds none waits for one."""

    def __init__(self, compiled: Any, streams: int) -> None:
        self._compiled = compiled
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(streams):
            self._requests.put(compiled.create_infer_request())

    def run(self, batch: Tensor, take: Callable[[Tensor], T]) -> T:
        """See runtime.Network."""
        request = self._requests.get()
        try:
            request.infer([batch], share_inputs=True, share_outputs=True)
            return take(request.get_output_tensor(0).data)
        finally:
            self._requests.put(request)


def _fill_type_tables() -> None:
    """Let one thread alone be the first that converts arrays.

    OpenVINO's binding fills its tables of types at their first use, giving up the interpreter's lock in the middle of
    it (a guarded C++ static around pybind11's import of numpy); two threads that come first at once wait for each other
    for ever. Seen with OpenVINO 2026.4.1 as a hang in `__cxa_guard_acquire`.
    """
    sample = openvino.Tensor(np.zeros(1, np.float32), shared_memory=True)
    assert sample.data.dtype == openvino.Type.f32.to_dtype()
