"""The engine: PaddleOCR's pipeline in one thread that owns it, page after page.

One thread, because Paddle's predictors return wrong text, without a word, to callers that share them. Page after page,
because the pipeline gains nothing from several: it batches the lines of one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar

from function.engines.intake import require_pixels
from function.engines.paddle_ocr import models
from function.engines.paddle_ocr.lines import reading
from function.engines.paddlex import free_memory, import_paddleocr, is_out_of_memory
from function.errors import EngineFailed, OcrError
from function.page import PageImage, PageReading, Pixels
from function.results.model import EngineInfo

#: Changes whenever the same pixels may give another text.
VERSION = "1"
#: Lines that are recognised together. On a processor more only take memory: the model's output is wide.
LINES = {"cpu": 1, "gpu": 16}

_Result = TypeVar("_Result")


class PaddleOcrEngine:
    """PP-OCR by PaddleOCR; implements engines.base.Engine.

    Args:
        weights: folder of the models' folders.
        detection: name of the model that finds lines.
        recognition: name of the model that reads them; it decides the languages.
        runtime: auto takes ONNX Runtime where the models are there in its format.
        device: cpu, gpu:0, …; empty takes a GPU if Paddle has one, and the processor with ONNX Runtime.
        threads: of ONNX Runtime on a processor.
        cache: folder that paddlex may write to; empty takes one in the system's temporary folder.
    """

    def __init__(
        self,
        *,
        weights: str,
        detection: str,
        recognition: str,
        runtime: models.Wanted = "auto",
        device: str = "",
        threads: int = 1,
        cache: str = "",
    ) -> None:
        self._wanted = (weights, detection, recognition, runtime)
        self._device, self._threads, self._cache = device, threads, cache
        self._owner: ThreadPoolExecutor | None = None
        self._pipeline: Any = None
        self._lines: Any = None

    @cached_property
    def info(self) -> EngineInfo:
        """The runtime is part of the version, for it decides how doubtful characters are read.

        Raises:
            EngineFailed: names the file that is missing.
        """
        found = self._models
        return EngineInfo(name="paddle_ocr", version=f"{VERSION}-{found.runtime}", weights=models.fingerprint(found))

    @property
    def max_batch(self) -> int:
        """One."""
        return 1

    @property
    def parallel(self) -> int:
        """One thread."""
        return 1

    @property
    def gains_from_batches(self) -> bool:
        """See engines.base.Engine."""
        return False

    def load(self) -> None:
        """Import PaddleOCR and load the models: 3 to 5 s on a processor, import included.

        Raises:
            EngineFailed: names the file or setting that is wrong; a missing file before anything is imported.
        """
        if self._owner is None:
            _ = self._models
            self._owner = ThreadPoolExecutor(1, "paddle-ocr")
            try:
                self._pipeline = self._in_thread(self._build)
            except BaseException:
                self.close()
                raise

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """See engines.base.Engine.

        Raises:
            EngineFailed: not loaded.
        """
        self._loaded()
        for index, page in enumerate(pages):
            yield index, self._outcome(page)

    def recognise(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """See engines.base.Engine. The first call loads the recogniser once more, by itself.

        Raises:
            EngineFailed: not loaded.
        """
        self._loaded()
        return self._in_thread(lambda: [self._line(crop) for crop in crops])

    def reads(self, text: str) -> bool:
        """Whether nearly all (9 of 10) characters that print are in the recogniser's alphabet."""
        printed = [char for char in text if not char.isspace()]
        return bool(printed) and 10 * sum(char in self._alphabet for char in printed) >= 9 * len(printed)

    def close(self) -> None:
        """End the thread and let go of the models; `load` starts them again."""
        if self._owner is not None:
            owner, self._owner = self._owner, None
            self._pipeline = self._lines = None
            owner.submit(free_memory)
            owner.shutdown()

    @cached_property
    def _models(self) -> models.Models:
        return models.find(*self._wanted)

    @cached_property
    def _alphabet(self) -> frozenset[str]:
        return models.alphabet(self._models.recognition)

    def _loaded(self) -> None:
        if self._pipeline is None:
            raise EngineFailed("the engine reads before it is loaded", remedy="Call load() first.")

    def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        if self._owner is None:
            raise EngineFailed("the engine reads before it is loaded", remedy="Call load() first.")
        return self._owner.submit(work).result()

    def _common(self) -> dict[str, Any]:
        """What pipeline and recogniser are built with alike."""
        if self._models.runtime == "paddle":
            return {"engine": "paddle_static", "device": self._device or None}
        # Without an arena memory follows the largest page, not the sum of all shapes; it is no slower.
        config = {"intra_op_num_threads": self._threads, "enable_cpu_mem_arena": False}
        return {"engine": "onnxruntime", "device": self._device or "cpu", "engine_config": config}

    def _build(self) -> Any:
        found, paddleocr = self._models, import_paddleocr(self._cache)
        turning = found.orientation
        try:
            return paddleocr.PaddleOCR(
                text_detection_model_name=found.detection.name,
                text_detection_model_dir=str(found.detection.folder),
                text_recognition_model_name=found.recognition.name,
                text_recognition_model_dir=str(found.recognition.folder),
                text_recognition_batch_size=LINES["gpu" if self._on_gpu else "cpu"],
                text_rec_score_thresh=0.0,
                doc_orientation_classify_model_name=turning.name if turning else None,
                doc_orientation_classify_model_dir=str(turning.folder) if turning else None,
                use_doc_orientation_classify=turning is not None,
                use_doc_unwarping=False,
                use_textline_orientation=False,
                **self._common(),
            )
        except Exception as problem:
            remedy = "The weights are of another version, or OCR_PADDLE_DEVICE names a device that is not there."
            raise EngineFailed(
                f"PaddleOCR does not load {found.recognition.folder}: {problem}", remedy=remedy
            ) from problem

    @property
    def _on_gpu(self) -> bool:
        return self._device.startswith("gpu") or (self._models.runtime == "paddle" and not self._device)

    def _outcome(self, page: PageImage) -> PageReading | Exception:
        try:
            require_pixels(page.pixels)
            if page.pixels.min() == page.pixels.max():  # blank, and of any size: the models want some pixels
                return PageReading([], page.width, page.height)
            return self._in_thread(lambda: self._read(page))
        except OcrError as problem:
            return problem
        except Exception as problem:  # noqa: BLE001 - whatever it is, the pages beside it are read
            return self._failure(problem)

    def _read(self, page: PageImage) -> PageReading:
        began = time.perf_counter()
        # A copy: pixels are shared memory, and not everything in PaddleOCR leaves its input alone.
        [result] = self._pipeline.predict(page.pixels.copy())
        spent = time.perf_counter() - began if self._on_gpu else 0.0
        return reading(result.json["res"], page.width, page.height, spent)

    def _line(self, crop: Pixels) -> tuple[str, float]:
        if not crop.size or crop.min() == crop.max():
            return "", 0.0
        if self._lines is None:
            found = self._models.recognition
            make = import_paddleocr(self._cache).TextRecognition
            self._lines = make(model_name=found.name, model_dir=str(found.folder), **self._common())
        [result] = self._lines.predict(crop.copy())
        told = result.json["res"]
        return told["rec_text"].strip(), min(1.0, max(0.0, float(told["rec_score"])))

    def _failure(self, problem: Exception) -> EngineFailed:
        """Ours, not the document's; memory that ran out is given back, so that the next page works."""
        if is_out_of_memory(problem):
            self._in_thread(free_memory)
            failure = EngineFailed("memory ran out on this page", remedy="Lower OCR_DPI, or take a larger GPU.")
        else:
            failure = EngineFailed(f"PaddleOCR failed on this page: {type(problem).__name__}: {problem}")
        failure.__cause__ = problem
        return failure
