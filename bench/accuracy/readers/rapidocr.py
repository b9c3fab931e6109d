"""Plain RapidOCR, as `pip install rapidocr` gives it: its defaults, its order of lines, no layout.

`rapidocr-nocls` switches its line classifier off, which turns more lines wrong than right on upright pages: the
harder opponent.
"""

from __future__ import annotations

import logging
import os
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from bench.accuracy.corpus import Sample
from bench.accuracy.readers.base import Reading, Unavailable, page_images


class RapidOcrReader:
    """RapidOCR on OpenVINO where installed, else ONNX Runtime."""

    kept = True

    def __init__(self, *, dpi: float, classifier: bool = True) -> None:
        self.name = "rapidocr" if classifier else "rapidocr-nocls"
        self._dpi = dpi
        self._classifier = classifier
        self._runtime = "openvino" if find_spec("openvino") else "onnxruntime"
        self._reader: Any = None

    @property
    def version(self) -> str:
        """Version, runtime, dpi."""
        try:
            return f"{version('rapidocr')} {self._runtime} {version(self._runtime)} {self._dpi:g} dpi"
        except PackageNotFoundError as missing:
            raise Unavailable(f"{missing.name} is not installed: pip install rapidocr openvino") from None

    def start(self) -> None:
        """Load the models and read one blank page: RapidOCR loads at its first call."""
        import numpy as np
        from rapidocr import EngineType, RapidOCR

        engine = EngineType(self._runtime)
        parts = {f"{part}.engine_type": engine for part in ("Det", "Cls", "Rec")}
        self._reader = RapidOCR(params={**parts, "Global.use_cls": self._classifier, "Global.log_level": "error"})
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        self._reader(np.full((64, 256, 3), 255, np.uint8))

    def read(self, sample: Sample, pages: int) -> Reading:
        """Images go in as files (RapidOCR's own decoding), PDFs page by page."""
        started = time.perf_counter()
        texts: list[str] = []
        try:
            texts.extend(self._text(source) for source in self._sources(sample, pages))
        except Exception as problem:  # noqa: BLE001 - a peer's failure is a figure in the table, whatever it was
            return Reading([], time.perf_counter() - started, error=f"{type(problem).__name__}: {problem}")
        return Reading(texts, time.perf_counter() - started)

    def close(self) -> None:
        """Nothing to give back."""
        self._reader = None

    def _sources(self, sample: Sample, pages: int) -> list[Any]:
        import numpy as np

        images = page_images(sample.path, self._dpi, pages)
        if len(images) == 1 and sample.path.suffix.lower() != ".pdf":
            return [os.fspath(sample.path)]
        return [np.asarray(image.convert("RGB"))[:, :, ::-1].copy() for image in images]

    def _text(self, source: Any) -> str:
        return "\n".join(self._reader(source).txts or ())
