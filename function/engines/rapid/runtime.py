"""The seam between our arithmetic around the models and the library that multiplies their matrices."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

from function.engines.rapid.cpu import has_bf16
from function.errors import EngineFailed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Tensor: TypeAlias = npt.NDArray[np.float32]

T = TypeVar("T")
RuntimeName: TypeAlias = Literal["openvino", "onnxruntime"]
Precision: TypeAlias = Literal["f32", "bf16"]


class Network(Protocol):
    """One compiled model. `run` may be called from as many threads at once as it has streams."""

    def run(self, batch: Tensor, take: Callable[[Tensor], T]) -> T:
        """N × 3 × H × W float32 in; what `take` makes of the model's only output comes out.

        The output is the runtime's own memory (15 MB for a long line) and lives only during the call of `take`.
        """
        ...


class Runtime(Protocol):
    """Compiles models."""

    def compile(self, path: Path, *, streams: int, threads: int) -> Network:
        """Load one ONNX file; several threads may do so at once.

        Args:
            path: of the file.
            streams: how many batches run at once; 1 is for the shortest time of each.
            threads: of all streams together.

        Raises:
            EngineFailed: the file is no model that this runtime takes.
        """
        ...

    def close(self) -> None:
        """Let go of everything that was compiled."""
        ...


def choose_runtime(wanted: Literal["auto", "openvino", "onnxruntime"]) -> RuntimeName:
    """OpenVINO where it is installed: it reads twice as fast, at the price of 180 MB of disk and 0.3 s of start.

    Raises:
        EngineFailed: neither is installed, or not the one that was asked for.
    """
    for name in ("openvino", "onnxruntime") if wanted == "auto" else (wanted,):
        if importlib.util.find_spec(name) is not None:
            return name
    missing = "neither openvino nor onnxruntime is" if wanted == "auto" else f"OCR_RUNTIME={wanted}: it is not"
    raise EngineFailed(f"{missing} installed", remedy="Install the extra `cpu`, which brings both.")


def choose_precision(wanted: Literal["auto", "f32", "bf16"], runtime: RuntimeName) -> Precision:
    """bfloat16 where processor and runtime have it: 1.7 to 2.5 times as fast, same text on clean pages."""
    if runtime == "onnxruntime":
        return "f32"
    if wanted == "auto":
        return "bf16" if has_bf16() else "f32"
    return wanted
