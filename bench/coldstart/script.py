"""The yardstick: what a good engineer writes in an afternoon, run by gunicorn with one worker.

    gunicorn --workers 1 --worker-class gthread --threads 32 'bench.coldstart.script:create(…)'

Flask, the same two models, the same runtime with the same hints, and the warm-up pages read while loading. It imports
nothing of ours and nothing that it does not need; it has no limits, no sandbox, no metrics and no layout.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from flask import Flask, Response, request

Image: TypeAlias = "npt.NDArray[np.uint8]"
Run: TypeAlias = Callable[[Any], Any]

_DPI = 200
_MEAN, _STD = np.array([0.485, 0.456, 0.406], np.float32) * 255, np.array([0.229, 0.224, 0.225], np.float32) * 255


def create(
    detection: str, recognition: str, pages: Sequence[str], *, runtime: str, precision: str, threads: int
) -> Flask:
    """Load both models, read the warm-up pages, and serve: /readyz, and /read for an image in the body."""
    open_model = _openvino(precision, threads) if runtime == "openvino" else _onnxruntime(threads)
    detect, _ = open_model(detection, 1)
    recognise, alphabet = open_model(recognition, 1)
    for page in pages:
        # Said, so that the measurement can tell a script that reads from one that only loads.
        print("warm-up:", _read(_pixels(page), detect, recognise, alphabet)[:200], file=sys.stderr)
    app = Flask(__name__)

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    @app.post("/read")
    def read() -> Response:
        image = cv2.imdecode(np.frombuffer(request.get_data(), np.uint8), cv2.IMREAD_COLOR)
        return Response(_read(image, detect, recognise, alphabet), content_type="text/plain")

    return app


def _pixels(page: str) -> Any:
    if not page.endswith(".pdf"):
        return cv2.imread(page)
    import pypdfium2

    with pypdfium2.PdfDocument(page) as document:
        return document[0].render(scale=_DPI / 72).to_numpy()


def _openvino(precision: str, threads: int) -> Callable[[str, int], tuple[Run, list[str]]]:
    # As we do: no usage statistics are sent, and no converter is loaded that nobody needs.
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
    import openvino

    core = openvino.Core()

    def open_model(path: str, streams: int) -> tuple[Run, list[str]]:
        hints = {
            "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": precision, "ENABLE_CPU_PINNING": False,
        }  # fmt: skip
        model = core.read_model(path)
        written = ["framework", "character"]
        alphabet = _alphabet(str(model.get_rt_info(written).value)) if model.has_rt_info(written) else []
        compiled = core.compile_model(model, "CPU", hints)
        return lambda batch: compiled(batch, share_inputs=True)[0], alphabet

    return open_model


def _alphabet(characters: str) -> list[str]:
    return ["", *characters.split("\n"), " "]


def _onnxruntime(threads: int) -> Callable[[str, int], tuple[Run, list[str]]]:
    import onnxruntime

    def open_model(path: str, _: int) -> tuple[Run, list[str]]:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        name, metadata = session.get_inputs()[0].name, session.get_modelmeta().custom_metadata_map
        alphabet = _alphabet(metadata["character"]) if "character" in metadata else []
        return lambda batch: session.run(None, {name: batch})[0], alphabet

    return open_model


def _read(image: Any, detect: Run, recognise: Run, alphabet: Sequence[str]) -> str:
    return "\n".join(_line(strip, recognise, alphabet) for strip in _strips(image, detect))


def _strips(image: Image, detect: Run) -> Iterator[Image]:
    """Level rectangles around the lines, from the top down."""
    height, width = image.shape[:2]
    zoom = 1280 / max(height, width)
    small = cv2.resize(image, (_rounded(width * zoom), _rounded(height * zoom)), interpolation=cv2.INTER_AREA)
    batch = ((small.astype(np.float32) - _MEAN) / _STD).transpose(2, 0, 1)[None]
    heat = detect(np.ascontiguousarray(batch))[0, 0]
    contours, _ = cv2.findContours((heat > 0.3).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    across, down = width / small.shape[1], height / small.shape[0]
    for x, y, w, h in sorted(map(cv2.boundingRect, contours), key=lambda box: (box[1], box[0])):
        if min(w, h) >= 3:
            grow = round(0.8 * w * h / (w + h))
            left, top = max(0, round((x - grow) * across)), max(0, round((y - grow) * down))
            yield image[top : round((y + h + grow) * down), left : round((x + w + grow) * across)]


def _rounded(side: float) -> int:
    return max(64, round(side / 64) * 64)


def _line(strip: Image, recognise: Run, alphabet: Sequence[str]) -> str:
    width = max(1, round(strip.shape[1] * 48 / strip.shape[0]))
    padded = np.zeros((1, 3, 48, -(-width // 128) * 128), np.float32)
    scaled = cv2.resize(strip, (width, 48)).astype(np.float32)
    padded[0, :, :, :width] = (scaled / 127.5 - 1).transpose(2, 0, 1)
    best = recognise(padded)[0].argmax(1)
    return "".join(alphabet[index] for index, _ in itertools.groupby(best))
