"""PP-OCR through PaddleOCR itself, on ONNX Runtime and without Paddle: what every engine owes, and what is its own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from function.engines.paddle_ocr.engine import PaddleOcrEngine
from function.errors import EngineFailed
from function.page import PageImage, PageReading
from tests.conftest import missing
from tests.engines.drawing import LINES, page_of
from tests.engines.paddle import pp_ocr
from tests.engines.test_contract import *  # noqa: F403 - each test of the contract is one of this file, too
from tests.engines.test_contract import Kind

pytestmark = pytest.mark.paddle

Make = Callable[[], PaddleOcrEngine]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes engines on the models of the rapidocr wheel, in folders that cannot be written."""
    source = pp_ocr.packaged()
    if source is None:
        missing("rapidocr", "pip install it into the environment of the paddle tests")
    place = pp_ocr.write(tmp_path_factory.mktemp("weights"), source)
    cache = tmp_path_factory.mktemp("cache")
    for folder in place.iterdir():
        folder.chmod(0o555)
    return lambda: PaddleOcrEngine(
        weights=str(place), detection=pp_ocr.DETECTION, recognition=pp_ocr.RECOGNITION, threads=2, cache=str(cache)
    )


@pytest.fixture(scope="module")  # type: ignore[no-redef] # in place of the contract's own
def kind(make: Make) -> Iterator[Kind]:
    """What the contract's tests ask for."""
    engine = make()
    engine.load()
    yield Kind(engine, stamps=False, fresh=make)
    engine.close()


def test_a_page_is_read_right_and_paddle_stays_out(kind: Kind) -> None:
    """Every line, in order, and its place; the framework is never imported."""
    [(_, outcome)] = kind.engine.read([PageImage(1, page_of())])

    assert isinstance(outcome, PageReading)
    assert [line.text for line in outcome.lines] == list(LINES)
    assert all(line.confidence > 0.9 and abs(line.angle) < 1 for line in outcome.lines)
    assert "paddle" not in sys.modules


def test_twenty_threads_get_their_own_answers(kind: Kind) -> None:
    """Twenty at once, though the contract promises one: the pipeline has a thread of its own."""
    start = threading.Barrier(20)

    def read(number: int) -> list[str]:
        start.wait()
        [(_, outcome)] = kind.engine.read([PageImage(1, kind.page(f"This is thread number {number}"))])
        assert isinstance(outcome, PageReading)
        return [line.text for line in outcome.lines]

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(read, range(20))) == [[f"This is thread number {number}"] for number in range(20)]


def test_what_it_cannot_read_it_knows(kind: Kind) -> None:
    """By the alphabet in the recogniser's configuration."""
    assert kind.engine.reads("Latin, 漢字 and かな")
    assert not kind.engine.reads("שלום")
    assert not kind.engine.reads(" ")


def test_out_of_memory_is_an_outage_and_the_next_page_works(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page fails in our name; what it held is given back."""

    class Full:
        def predict(self, _: object) -> None:
            raise RuntimeError("ResourceExhaustedError: Out of memory error on GPU 0")

    with monkeypatch.context() as patched:
        patched.setattr(kind.engine, "_pipeline", Full())
        [(_, outcome)] = kind.engine.read([PageImage(1, kind.page("no room"))])

    assert isinstance(outcome, EngineFailed)
    assert "memory" in str(outcome)
    [(_, outcome)] = kind.engine.read([PageImage(1, kind.page("room again"))])
    assert isinstance(outcome, PageReading)


def test_it_can_be_closed_and_loaded_again(make: Make) -> None:
    """Between, it says that it is not loaded; closing twice is closing once."""
    engine = make()
    engine.load()
    engine.close()
    engine.close()
    with pytest.raises(EngineFailed, match="before it is loaded"):
        list(engine.read([PageImage(1, page_of())]))
    engine.load()

    [(_, outcome)] = engine.read([PageImage(1, page_of())])

    assert isinstance(outcome, PageReading)
    engine.close()


def test_a_broken_model_is_told_by_its_folder(make: Make, tmp_path: Path) -> None:
    """All files there, and one of them rubbish."""
    source = pp_ocr.packaged()
    assert source is not None
    pp_ocr.write(tmp_path, source)
    (tmp_path / f"{pp_ocr.RECOGNITION}_onnx" / "inference.onnx").write_bytes(np.zeros(64, np.uint8).tobytes())
    engine = PaddleOcrEngine(weights=str(tmp_path), detection=pp_ocr.DETECTION, recognition=pp_ocr.RECOGNITION)

    with pytest.raises(EngineFailed, match=pp_ocr.RECOGNITION):
        engine.load()
