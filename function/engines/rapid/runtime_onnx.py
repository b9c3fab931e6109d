"""ONNX Runtime: the portable fallback, half as fast, on every processor that has a wheel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import onnxruntime

from function.errors import EngineFailed

if TYPE_CHECKING:
    from function.engines.rapid.runtime import Tensor

T = TypeVar("T")


class OnnxRuntime:
    """Implements runtime.Runtime; the arithmetic is float32."""

    def compile(self, path: Path, *, streams: int, threads: int) -> _Network:
        """See runtime.Runtime."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, threads // streams)
        options.inter_op_num_threads = 1
        # Threads that wait must not spin: the crew's others need the processors, and so do a pod's neighbours.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        # The arena keeps the largest buffers that any width ever needed: 450 MB more, for no time gained.
        options.enable_cpu_mem_arena = False
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as problem:  # its exceptions share no base class but this one
            raise EngineFailed(f"ONNX Runtime cannot load {path}: {str(problem).splitlines()[0]}") from problem
        return _Network(session)

    def close(self) -> None:
        """See runtime.Runtime."""


class _Network:
    """A session, which may be run from several threads at once."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name

    def run(self, batch: Tensor, take: Callable[[Tensor], T]) -> T:
        """See runtime.Network."""
        return take(self._session.run(None, {self._input: batch})[0])
