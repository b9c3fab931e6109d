"""The yardstick of throughput, in a process of its own: a plain loop over pages, same runtime and models, no server.

Each page is decoded (Pillow) or drawn (pypdfium2) in this very process, without any of the limits that the server
keeps, then read by the project's engine, which makes neither blocks nor Markdown of it. Started by `measure`, which
writes one JSON request a line and gets one JSON answer a line:

    {"files": ["…"], "batch": 1}  →  {"pages": 12, "seconds": 9.1, "lines": 410}
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image, ImageSequence

from function.engines.base import Engine
from function.page import PageImage
from function.settings import Settings


def main() -> None:
    """Load the engine, say so, then answer requests until standard input ends."""
    settings = Settings.from_environment()
    engine = _engine(settings)
    engine.load()
    print(json.dumps({"max_batch": engine.max_batch}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_run(engine, settings.dpi, json.loads(line))), flush=True)
    engine.close()


def _engine(settings: Settings) -> Engine:
    if settings.fast_engine == "stub":
        from function.engines.stub import StubEngine

        return StubEngine()
    from function.engines.rapid.engine import RapidEngine

    return RapidEngine(
        runtime=settings.runtime, precision=settings.precision, threads=settings.threads, weights=settings.weights
    )


def _run(engine: Engine, dpi: float, request: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    pages = (page for file in request["files"] for page in _pages(Path(file), dpi))
    read = lines = 0
    while batch := list(islice(pages, int(request["batch"]))):
        for _, outcome in engine.read(batch):
            if isinstance(outcome, Exception):
                raise outcome
            read += 1
            lines += len(outcome.lines)
    return {"pages": read, "seconds": time.perf_counter() - started, "lines": lines}


def _pages(path: Path, dpi: float) -> Iterator[PageImage]:
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as document:
            for index in range(len(document)):
                bitmap = document[index].render(scale=dpi / 72, rev_byteorder=False)
                yield PageImage(index + 1, np.ascontiguousarray(bitmap.to_numpy()[:, :, :3]), dpi)
        return
    with Image.open(path) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
            pixels = np.asarray(frame.convert("RGB"))[:, :, ::-1]
            yield PageImage(number, np.ascontiguousarray(pixels), None)


if __name__ == "__main__":
    main()
