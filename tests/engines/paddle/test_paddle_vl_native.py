"""PaddleOCR-VL in this process, by Paddle and by transformers, with tiny random weights of the same architecture.

What such weights read means nothing, but is the same every time: so pages read alone are what pages in company, and in
other threads, are compared with.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from queue import Queue

import numpy as np
import pytest

from function.engines.paddle_vl import pipeline as pipelines
from function.engines.paddle_vl.engine import PaddleVLEngine
from function.engines.stub import stamp
from function.errors import DeadlineExceeded, EngineFailed
from function.page import Asked, PageImage, PageReading, Pixels
from tests.engines.paddle.layout import Placed, write_layout
from tests.engines.paddle.weights import write_native, write_transformers
from tests.engines.test_contract import *  # noqa: F403 - each test of the contract is one of this file, too
from tests.engines.test_contract import Kind

pytestmark = pytest.mark.paddle

Make = Callable[..., PaddleVLEngine]
LAYOUT: tuple[Placed, ...] = (
    ("doc_title", (0.0, 0.0, 1.0, 0.2)),
    ("text", (0.0, 0.25, 1.0, 0.5)),
    ("image", (0.0, 0.55, 0.5, 0.9)),
    ("footnote", (0.5, 0.55, 1.0, 0.9)),
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of weights for each backend, which cannot be written."""
    place = tmp_path_factory.mktemp("weights")
    folders = {name: place / name for name in ("native", "transformers")}
    write_native(folders["native"] / "PaddleOCR-VL-1.6")
    write_transformers(folders["transformers"] / "PaddleOCR-VL-1.6", folders["native"] / "PaddleOCR-VL-1.6")
    for folder in folders.values():
        write_layout(folder / "PP-DocLayoutV3_onnx", LAYOUT)
    for folder in place.rglob("*"):
        folder.chmod(0o555 if folder.is_dir() else 0o444)
    return folders


@pytest.fixture(scope="module")
def make(weights: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes engines; whoever gets one loads and closes it."""
    cache = tmp_path_factory.mktemp("cache")

    def built(backend: str, **more: object) -> PaddleVLEngine:
        more = {"max_tokens": 6, "device": "cpu", "threads": 1, **more}
        return PaddleVLEngine(weights=str(weights[backend]), backend=backend, cache=str(cache), **more)

    return built


@pytest.fixture(scope="module", params=["native", "transformers"])
def engine(request: pytest.FixtureRequest, make: Make) -> Iterator[PaddleVLEngine]:
    """One of either, loaded."""
    if request.param == "transformers" and importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed: PyPI has it for CUDA alone, 2.5 GB; any CPU build beside it will do")
    engine = make(request.param, batch=4)
    engine.load()
    yield engine
    engine.close()


@pytest.fixture(scope="module")  # type: ignore[no-redef]  # in place of the contract's own
def kind(engine: PaddleVLEngine, make: Make) -> Kind:
    """What the contract's tests ask for; random weights make of a text what they make of it alone."""

    @lru_cache
    def told(text: str) -> list[str]:
        (outcome,) = _read(engine, PageImage(1, stamp(text, 400, 120)))
        assert isinstance(outcome, PageReading), outcome
        return [line.text for line in outcome.lines]

    return Kind(engine, stamps=True, fresh=lambda: make("native"), told=told)


def test_single_lines_are_recognised_in_order(kind: Kind) -> None:  # type: ignore[no-redef]
    """They are not: whoever asks hears it, and asks the fast engine."""
    with pytest.raises(NotImplementedError, match="whole pages"):
        kind.engine.recognise([])


def _picture(seed: int, height: int = 200, width: int = 160) -> Pixels:
    """A page of noise in large squares."""
    cells = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3)).astype(np.uint8)
    return cells.repeat(8, axis=0).repeat(8, axis=1)


def _read(engine: PaddleVLEngine, *pages: PageImage) -> list[PageReading | Exception]:
    outcomes = dict(engine.read(pages))
    return [outcomes[index] for index in range(len(pages))]


def _texts(outcome: PageReading | Exception) -> list[str]:
    assert isinstance(outcome, PageReading), outcome
    return [block.text for block in outcome.blocks]


def test_pages_in_company_read_as_they_do_alone(engine: PaddleVLEngine) -> None:
    """Of different sizes, so that batches are padded; each page's blocks stay its own."""
    pages = [PageImage(n, _picture(n, 160 + 40 * n, 160 + 24 * (n % 2))) for n in range(1, 4)]
    alone = [_texts(_read(engine, page)[0]) for page in pages]

    assert [_texts(outcome) for outcome in _read(engine, *pages)] == alone
    assert len({str(texts) for texts in alone}) == len(pages)


def test_blocks_come_as_the_layout_says(engine: PaddleVLEngine) -> None:
    """In reading order, with their places, types and pictures."""
    (reading,) = _read(engine, PageImage(7, _picture(1)))

    assert [block.type for block in reading.blocks] == ["title", "paragraph", "figure", "footnote"]
    assert reading.blocks[2].bbox == [0, 110, 80, 180]
    assert reading.blocks[2].image == reading.images[0].name == "page-7-figure-1.jpg"
    assert all(block.confidence == pytest.approx(0.9) for block in reading.blocks)


def test_pages_with_other_wishes_are_read_apart(engine: PaddleVLEngine) -> None:
    """One batch, two kinds of reading."""
    plain = PageImage(1, _picture(1))
    whole = PageImage(2, _picture(1), asked=Asked(wishes={"content": "formula"}))

    first, second = _read(engine, plain, whole)

    assert len(first.blocks) == len(LAYOUT)
    assert [block.type for block in second.blocks] == ["formula"]


def test_text_that_never_ends_is_cut_and_marked(engine: PaddleVLEngine) -> None:
    """Random weights end by chance alone, so some of these pages reach the limit; each says so."""
    outcomes = [_read(engine, PageImage(n, _picture(n)))[0] for n in range(2)]

    warned = [outcome for outcome in outcomes if outcome.warnings]
    assert warned
    assert all("OCR_VL_MAX_TOKENS" in outcome.warnings[0] for outcome in warned)
    assert not any("\U0010fffd" in text for outcome in outcomes for text in _texts(outcome))


def test_twenty_threads_get_their_own_answers(engine: PaddleVLEngine) -> None:
    """Through one owner thread, as the batcher has it: Paddle's predictors mix answers up otherwise."""
    pages = [PageImage(n, _picture(n, 96, 96), asked=Asked(wishes={"content": "text"})) for n in range(20)]
    alone = [_texts(_read(engine, page)[0]) for page in pages]
    asked: Queue[tuple[PageImage, Future[list[str]]] | None] = Queue()

    def owner() -> None:
        while (item := asked.get()) is not None:
            item[1].set_result(_texts(_read(engine, item[0])[0]))

    def ask(page: PageImage) -> list[str]:
        future: Future[list[str]] = Future()
        asked.put((page, future))
        return future.result(120)

    thread = threading.Thread(target=owner)
    thread.start()
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, pages)) == alone
    asked.put(None)
    thread.join()


def test_long_thin_lines_are_read(engine: PaddleVLEngine) -> None:
    """Sides of 1 by 300: the processors refuse more than 200, so a margin is added, and the page is not lost."""
    (reading,) = _read(engine, PageImage(1, _picture(1, 8, 2400), asked=Asked(wishes={"content": "text"})))

    assert (reading.width, reading.height) == (2400, 8)


def test_a_page_that_takes_too_long_is_cut_in_time(make: Make) -> None:
    """Before its tokens are used up, and marked; where nobody waits any more, it is not begun."""
    engine = make("native", max_tokens=100_000)
    engine.load()
    engine._page_seconds = 0.001  # shorter than the setting may be, so that no machine is fast enough

    (reading,) = _read(engine, PageImage(1, _picture(1)))
    with pytest.raises(DeadlineExceeded):
        _read(engine, PageImage(1, _picture(1), asked=Asked(remaining=lambda: -1.0)))
    engine.close()

    assert "OCR_VL_PAGE_SECONDS" in reading.warnings[0]


def test_out_of_memory_is_an_outage_and_the_next_page_works(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Paddle says it on a GPU; everything is loaded anew, for who knows what was left half done."""
    engine = make("native")
    engine.load()
    page, read = PageImage(1, _picture(1)), pipelines.Pipeline.read

    def exhausted(*_: object, **__: object) -> list[object]:
        raise MemoryError("ResourceExhaustedError: \n\nOut of memory error on GPU 0. Cannot allocate 2.000000GB memory")

    monkeypatch.setattr(pipelines.Pipeline, "read", exhausted)
    with pytest.raises(EngineFailed, match="out of memory"):
        _read(engine, page)
    monkeypatch.setattr(pipelines.Pipeline, "read", read)

    assert _texts(_read(engine, page)[0])
    assert engine.reloads == 1
    engine.close()


def test_nothing_is_written_to_the_weights_nor_fetched(engine: PaddleVLEngine) -> None:
    """The folders could not be written (root may all the same: so their contents are looked at)."""
    weights = Path(engine._where[0])

    assert sorted(path.name for path in weights.iterdir()) == ["PP-DocLayoutV3_onnx", "PaddleOCR-VL-1.6"]
    assert "native" not in engine.info.weights
    assert len(engine.info.weights) == 64


@pytest.mark.parametrize("name", ["PaddleOCR-VL-1.6/model.safetensors", "PP-DocLayoutV3_onnx/inference.yml"])
def test_a_missing_file_is_told_before_anything_is_loaded(weights: dict[str, Path], tmp_path: Path, name: str) -> None:
    """By its path, with the command that fetches it; an empty one counts as missing."""
    for path in weights["native"].rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(weights["native"])
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(b"" if str(copy).endswith(name) else b"x")

    with pytest.raises(EngineFailed, match=name) as told:
        PaddleVLEngine(weights=str(tmp_path)).load()

    assert "warmup fetch" in told.value.remedy
