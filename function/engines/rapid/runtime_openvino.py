"""OpenVINO: twice as fast as ONNX Runtime on a CPU, three to four times where the processor has bfloat16.

OpenVINO compiles kernels for every new shape of its input, in each stream, which takes as long as reading a line or
two, and keeps them (about 5 MB a shape of the recogniser). The callers therefore round their shapes; `_Network` bounds
what is left, for pages come in any size.
"""

from __future__ import annotations

import io
import logging
import queue
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

# The import of OpenVINO imports its model converter, if that is there, and this one's import reports itself to Google
# Analytics, from a forked process, at every start. OpenVINO does without it, and starts a tenth of a second sooner.
sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type] # None: may not be imported

import openvino  # noqa: E402 - after what it must not import

from function.engines.rapid.compiled import CompiledModels  # noqa: E402
from function.engines.rapid.cpu import identity  # noqa: E402
from function.errors import EngineFailed  # noqa: E402

if TYPE_CHECKING:
    from function.engines.rapid.runtime import Precision, Tensor

T = TypeVar("T")

log = logging.getLogger(__name__)


class OpenVinoRuntime:
    """Implements runtime.Runtime.

    Args:
        precision: of the arithmetic inside; inputs and outputs are float32 either way.
        compiled: folder of the compiled models that are kept; None keeps none.
        weights: fingerprint of both models.
    """

    def __init__(self, precision: Precision, compiled: Path | None, weights: str) -> None:
        _fill_type_tables()
        self._core = openvino.Core()
        self._precision = precision
        fits = (openvino.get_version(), identity(), precision, weights)
        self._kept = CompiledModels(compiled, fits) if compiled is not None else None

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
        compiled = self._taken(path, hints)
        if compiled is None:
            compiled = self._compiled(path, hints)
            if self._kept is not None:
                exported = io.BytesIO()
                compiled.export_model(exported)
                self._kept.keep(exported.getvalue(), path.stem, *_sorted(hints))
        return _Network(compiled, streams)

    def _compiled(self, path: Path, hints: Mapping[str, object]) -> Any:
        try:
            return self._core.compile_model(self._core.read_model(path), "CPU", hints)
        except RuntimeError as problem:
            raise EngineFailed(f"OpenVINO cannot compile {path}: {str(problem).splitlines()[0]}") from problem

    def _taken(self, path: Path, hints: Mapping[str, object]) -> Any | None:
        """What was kept of an earlier start; None where there is nothing, or nothing that OpenVINO takes."""
        kept = self._kept and self._kept.load(path.stem, *_sorted(hints))
        if not kept:
            return None
        try:
            return self._core.import_model(kept, "CPU", hints)
        except RuntimeError as problem:
            reason = str(problem).splitlines()[0]
            log.warning("OCR_COMPILED: OpenVINO takes no kept model for %s (%s); it is compiled anew", path, reason)
            return None

    def close(self) -> None:
        """See runtime.Runtime."""
        if self._kept is not None:
            self._kept.wait()
        del self._core


def _sorted(hints: Mapping[str, object]) -> list[str]:
    return [f"{name}={value}" for name, value in sorted(hints.items())]


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
