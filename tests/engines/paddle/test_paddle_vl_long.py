"""Hundreds of pages through the tiny native model leave memory where it was; `make test-long` has the full size.

Each page differs in size and content, as in real documents: that is what makes allocators grow.
"""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest

from function import heap
from function.engines.paddle_vl.engine import PaddleVLEngine
from function.engines.paddle_vl.recycling import resident_bytes
from function.page import PageImage, PageReading
from tests.engines.paddle.layout import write_layout
from tests.engines.paddle.weights import write_native

pytestmark = pytest.mark.paddle

MIB = 1 << 20


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the native backend; a page is a line and a figure."""
    place = tmp_path_factory.mktemp("weights")
    write_native(place / "PaddleOCR-VL-1.6")
    write_layout(place / "PP-DocLayoutV3_onnx", [("text", (0, 0, 1, 0.3)), ("image", (0, 0.3, 1, 1))])
    return place


def _resident_after(engine: PaddleVLEngine, pages: range, random: np.random.Generator) -> int:
    for number in pages:
        height, width = random.integers(200, 900, 2)
        pixels = random.integers(0, 255, (int(height), int(width), 3)).astype(np.uint8)
        ((_, outcome),) = engine.read([PageImage(number, pixels)])
        assert isinstance(outcome, PageReading), outcome
    gc.collect()
    return resident_bytes()


@pytest.mark.parametrize(
    ("warm", "pages"),
    [pytest.param(20, 30, id="reduced"), pytest.param(50, 800, id="full", marks=pytest.mark.long)],
)
def test_memory_stays_flat(weights: Path, tmp_path: Path, warm: int, pages: int) -> None:
    """After the first pages have filled what is kept on purpose; measured: 12 MiB in 800 pages."""
    heap.bound()
    engine = PaddleVLEngine(
        weights=str(weights),
        device="cpu",
        threads=1,
        max_tokens=2,
        cache=str(tmp_path),
        recycle_pages=0,
        recycle_bytes=0,
    )
    engine.load()
    random = np.random.default_rng(5)

    before = _resident_after(engine, range(warm), random)
    after = _resident_after(engine, range(warm, warm + pages), random)
    engine.close()

    print(f"{before / MIB:.0f} MiB after {warm} pages, {after / MIB:.0f} MiB after {warm + pages}")
    assert after - before < 48 * MIB
