"""What the engines on PaddleOCR share: importing it so that it downloads nothing, and what GPU memory errors look like.

PaddleOCR stands on paddlex, which at its import makes folders in its cache home, and where a model's folder is not
named looks for it on the internet. Hence its cache home is set first, to a folder that can be written, and engines name
every folder.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from types import ModuleType

from function.errors import EngineFailed

#: What no library may do while it loads or reads: fetch.
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
#: How out of memory is called: by Paddle, by PyTorch, by CUDA itself and by the C++ allocator.
_OUT_OF_MEMORY = (
    "ResourceExhaustedError",
    "out of memory",
    "OutOfMemoryError",
    "CUDA_ERROR_OUT_OF_MEMORY",
    "bad_alloc",
)
_LOCK = threading.Lock()


def import_paddleocr(cache: str = "") -> ModuleType:
    """The package `paddleocr`, imported with everything that it would otherwise fetch or write elsewhere set.

    Args:
        cache: a folder that can be written; empty takes one below the system's folder for temporary files.

    Raises:
        EngineFailed: it is not installed, or the folder cannot be written.
    """
    home = Path(cache or Path(tempfile.gettempdir(), "zeropage-paddlex"))
    with _LOCK:
        if "paddlex" not in sys.modules:
            try:
                home.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                raise EngineFailed(
                    f"the cache of paddlex {home} cannot be made: {problem.strerror}",
                    remedy="Set OCR_PADDLE_CACHE to a folder that can be written.",
                ) from problem
            os.environ.update({**_OFFLINE, "PADDLE_PDX_CACHE_HOME": str(home)})
        try:
            with warnings.catch_warnings():  # Paddle looks for compilers, and tells that it finds none
                warnings.simplefilter("ignore")
                import paddleocr
        except ImportError as problem:
            raise EngineFailed(
                f"paddleocr cannot be imported: {problem}",
                remedy="It comes with the GPU image; elsewhere, install requirements/gpu.txt into an environment of "
                "its own.",
            ) from problem
    for name in ("paddlex", "httpx", "httpx2", "openai"):  # a line a block would bury ours
        logging.getLogger(name).setLevel(logging.ERROR)
    module: ModuleType = paddleocr
    return module


def is_out_of_memory(problem: BaseException) -> bool:
    """Whether memory ran out, of the GPU or of the process."""
    told = f"{type(problem).__name__}: {problem}"
    return isinstance(problem, MemoryError) or any(words in told for words in _OUT_OF_MEMORY)


def free_memory() -> None:
    """Give back what nobody uses: Python's cycles first, for they hold tensors, then what the GPU allocators keep."""
    gc.collect()
    paddle, torch = sys.modules.get("paddle"), sys.modules.get("torch")
    if paddle is not None and paddle.device.is_compiled_with_cuda():
        paddle.device.cuda.empty_cache()
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def on_gpu(device: str) -> bool:
    """Whether what is loaded runs on a GPU.

    Args:
        device: as it was named when it was loaded; empty, where the library chose: it takes a GPU if there is one.
    """
    if device:
        return device.startswith("gpu")
    paddle, torch = sys.modules.get("paddle"), sys.modules.get("torch")
    if paddle is not None:
        return bool(paddle.device.is_compiled_with_cuda() and paddle.device.cuda.device_count())
    return torch is not None and bool(torch.cuda.is_available())
