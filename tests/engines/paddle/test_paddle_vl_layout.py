"""The layout model run by Paddle instead of ONNX Runtime (OCR_VL_LAYOUT=paddle), with either kind of language model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from function.engines.paddle_vl.engine import PaddleVLEngine
from function.engines.paddle_vl.server import Server
from function.engines.stub import stamp
from function.errors import EngineFailed
from function.page import PageImage, PageReading
from tests.engines.paddle.layout import Placed, write_layout, write_layout_for_paddle
from tests.engines.paddle.vlm_server import VlmServer
from tests.engines.paddle.weights import write_native

pytestmark = pytest.mark.paddle

BLOCKS: tuple[Placed, ...] = (("text", (0.0, 0.0, 1.0, 0.75)), ("image", (0.25, 0.75, 0.75, 1.0)))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layout model in Paddle's format alone."""
    place = tmp_path_factory.mktemp("weights")
    write_layout_for_paddle(place / "PP-DocLayoutV3", BLOCKS)
    write_native(place / "PaddleOCR-VL-1.6")
    return place


@pytest.fixture
def server() -> Iterator[VlmServer]:
    """One that reads stamps."""
    server = VlmServer()
    yield server
    server.close()


def _engine(weights: Path, server: VlmServer | None, cache: Path, **more: object) -> PaddleVLEngine:
    where = Server(server.url, server.model) if server else None
    backend = "vllm-server" if server else "native"
    engine = PaddleVLEngine(
        weights=str(weights), backend=backend, server=where, threads=1, device="cpu", cache=str(cache), **more
    )
    engine.load()
    return engine


def _read(engine: PaddleVLEngine, text: str, width: int = 400, height: int = 160) -> PageReading:
    ((_, outcome),) = engine.read([PageImage(1, stamp(text, width, height))])
    assert isinstance(outcome, PageReading), outcome
    return outcome


def test_blocks_are_those_of_onnx_runtime(weights: Path, server: VlmServer, tmp_path: Path) -> None:
    """The same model in both formats, the same page: types, places and text."""
    write_layout(tmp_path / "PP-DocLayoutV3_onnx", BLOCKS)
    engines = [_engine(place, server, tmp_path / "cache") for place in (weights, tmp_path)]

    by_paddle, by_onnx = (_read(engine, "same page") for engine in engines)
    for engine in engines:
        engine.close()

    assert by_paddle.blocks == by_onnx.blocks
    assert [block.type for block in by_paddle.blocks or []] == ["paragraph", "figure"]
    assert [line.text for line in by_paddle.lines] == ["same page"]


def test_twenty_threads_get_their_own_boxes_and_answers(weights: Path, server: VlmServer, tmp_path: Path) -> None:
    """Paddle's predictor mixes callers up when it is shared; pages of different sizes would show it."""
    engine, everybody = _engine(weights, server, tmp_path, parallel=20, layout="paddle"), threading.Barrier(20)

    def read(number: int) -> tuple[list[str], list[float]]:
        everybody.wait(60)
        reading = _read(engine, f"page {number}", 400 + 8 * number, 160 + 4 * number)
        return [line.text for line in reading.lines], (reading.blocks or [])[0].bbox

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(read, range(20)))
    engine.close()

    assert [texts for texts, _ in found] == [[f"page {number}"] for number in range(20)]
    assert [box for _, box in found] == [[0, 0, 400 + 8 * n, 120 + 3 * n] for n in range(20)]


def test_native_runs_both_models_by_paddle(weights: Path, tmp_path: Path) -> None:
    """One framework, no ONNX Runtime: the shape that its makers ship."""
    engine = _engine(weights, None, tmp_path, max_tokens=4)

    blocks = _read(engine, "by Paddle alone").blocks
    engine.close()

    assert [block.bbox for block in blocks or []] == [[0, 0, 400, 120], [100, 120, 300, 160]]


def test_what_is_not_there_in_the_format_asked_for_is_told(weights: Path) -> None:
    """By the file's name."""
    with pytest.raises(EngineFailed, match=r"PP-DocLayoutV3_onnx/inference\.yml"):
        PaddleVLEngine(weights=str(weights), layout="onnxruntime").load()
