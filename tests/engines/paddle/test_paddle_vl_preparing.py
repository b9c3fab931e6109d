"""Pages that are turned upright or flattened before PaddleOCR-VL reads them, by models that lie beside its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from function.engines.paddle_vl.engine import PaddleVLEngine
from function.engines.paddle_vl.models import ORIENTATION, UNWARPING
from function.engines.paddle_vl.prepared import FLATTENED
from function.engines.paddle_vl.server import Server
from function.engines.stub import stamp
from function.page import Asked, PageImage, PageReading, Pixels
from tests.engines.paddle.layout import write_layout
from tests.engines.paddle.preparation import write_orientation, write_unwarping
from tests.engines.paddle.vlm_server import VlmServer

pytestmark = pytest.mark.paddle


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaddleVLEngine]:
    """One with both models; its server reads stamps."""
    place, server = tmp_path_factory.mktemp("weights"), VlmServer()
    write_layout(place / "PP-DocLayoutV3_onnx", [("text", (0.0, 0.25, 1.0, 1.0))])
    write_orientation(place / f"{ORIENTATION}_onnx")
    write_unwarping(place / f"{UNWARPING}_onnx")
    engine = PaddleVLEngine(
        weights=str(place),
        backend="vllm-server",
        server=Server(server.url, server.model),
        threads=1,
        cache=str(tmp_path_factory.mktemp("cache")),
    )
    engine.load()
    yield engine
    engine.close()
    server.close()
    assert not server.refused


def _page() -> Pixels:
    """Upright: 400 × 200, dark at its upper edge."""
    return np.concatenate([np.zeros((50, 400, 3), np.uint8), stamp("which way is up", 400, 150)])


def _read(engine: PaddleVLEngine, pixels: Pixels, **wishes: str) -> PageReading:
    ((_, outcome),) = engine.read([PageImage(1, np.ascontiguousarray(pixels), asked=Asked(wishes=wishes))])
    assert isinstance(outcome, PageReading), outcome
    return outcome


@pytest.mark.parametrize("turns", range(4))
def test_pages_are_turned_upright_where_the_model_for_that_is_there(engine: PaddleVLEngine, turns: int) -> None:
    """Sizes, boxes and the rotation are those of the upright page, as every engine tells them."""
    reading = _read(engine, np.rot90(_page(), turns))  # against the clock

    assert [line.text for line in reading.lines] == ["which way is up"]
    assert (reading.width, reading.height, reading.rotation) == (400, 200, 90 * turns)
    assert reading.blocks is not None
    assert reading.blocks[0].bbox == [0, 50, 400, 200]


def test_parts_of_a_strip_are_not_turned(engine: PaddleVLEngine) -> None:
    """Each by itself would stand another way than its neighbours."""
    reading = _read(engine, np.concatenate([np.full((1600, 200, 3), 255, np.uint8), np.rot90(_page(), 2)[:, :200]]))

    assert (reading.width, reading.height, reading.rotation) == (200, 1800, 0)


def test_pages_are_flattened_for_those_who_ask_for_it(engine: PaddleVLEngine) -> None:
    """Their boxes lie on the flattened page, which is told."""
    mirrored = _page()[:, ::-1]

    assert [line.text for line in _read(engine, mirrored).lines] != ["which way is up"]
    reading = _read(engine, mirrored, unwarp="yes")
    assert [line.text for line in reading.lines] == ["which way is up"]
    assert reading.warnings == [FLATTENED]


def test_who_asks_to_flatten_where_nothing_can_hears_so(engine: PaddleVLEngine, tmp_path: Path) -> None:
    """The engine does not claim the option, so the answer warns of it; and other weights are another fingerprint."""
    write_layout(tmp_path / "PP-DocLayoutV3_onnx", [("text", (0.0, 0.25, 1.0, 1.0))])
    plain = PaddleVLEngine(weights=str(tmp_path), backend="vllm-server", server=Server("http://nobody/v1", "m"))

    assert engine.wishes - plain.wishes == {"unwarp"}
    assert plain.info.weights != engine.info.weights
