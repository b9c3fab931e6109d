"""What every engine owes the batcher, whatever it reads with (function/engines/base.py)."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest

from function.engines.base import Engine
from function.engines.rapid.engine import RapidEngine
from function.engines.remote.address import address_of
from function.engines.remote.engine import RemoteEngine
from function.engines.stub import StubEngine, stamp
from function.errors import Corrupt
from function.page import PageImage, PageReading, Pixels
from tests.conftest import missing
from tests.engines.drawing import page_of, strip_of
from tests.server import stub_server

BAD = {
    "no height": np.zeros((0, 100, 3), np.uint8),
    "no width": np.zeros((100, 0, 3), np.uint8),
    "grey": np.zeros((100, 100), np.uint8),
    "floats": np.zeros((100, 100, 3), np.float64),
}


@dataclass(frozen=True)
class Kind:
    """An engine, how to make a page that it reads, another one that is not loaded, and what it makes of a text."""

    engine: Engine
    stamps: bool
    fresh: Callable[[], Engine]
    told: Callable[[str], list[str]] = lambda text: [text]

    def page(self, text: str) -> Pixels:
        """A page with one line of text."""
        return stamp(text, 400, 120) if self.stamps else page_of([text], width=700, height=120)

    def strip(self, text: str) -> Pixels:
        """One line alone."""
        return stamp(text, 400, 40) if self.stamps else strip_of(text)


@pytest.fixture(scope="module", params=["stub", "rapid-openvino", "rapid-onnxruntime", "remote"])
def kind(request: pytest.FixtureRequest) -> Iterator[Kind]:
    """Every engine that needs neither a GPU nor a network; the remote one asks a function of its own."""
    if request.param == "remote":
        with stub_server(OCR_ACCURATE_ENGINE="stub") as server:
            remote = RemoteEngine(address_of(server.url), "accurate")
            remote.load()
            yield Kind(remote, stamps=True, fresh=lambda: RemoteEngine(remote.address, "fast"))
            remote.close()
        return
    _, _, runtime = request.param.partition("-")
    if runtime and importlib.util.find_spec(runtime) is None:
        missing(runtime, "pip install the extra `cpu`")
    engine: Engine = RapidEngine(runtime=runtime, threads=2) if runtime else StubEngine()
    engine.load()
    yield Kind(engine, stamps=not runtime, fresh=RapidEngine if runtime else StubEngine)
    engine.close()


def _read(engine: Engine, *pixels: Pixels) -> dict[int, PageReading | Exception]:
    outcomes: dict[int, PageReading | Exception] = {}
    for index, outcome in engine.read([PageImage(number, page) for number, page in enumerate(pixels, 1)]):
        assert index not in outcomes, "a page was yielded twice"
        outcomes[index] = outcome
    return outcomes


def _texts(outcome: PageReading | Exception) -> list[str]:
    assert isinstance(outcome, PageReading), outcome
    return [line.text for line in outcome.lines]


def test_as_many_pages_come_out_as_went_in(kind: Kind) -> None:
    """Once each, under the index that they had, also with more pages than `max_batch`."""
    texts = [f"This is page number {number}" for number in range(kind.engine.max_batch + 1)]

    outcomes = _read(kind.engine, *map(kind.page, texts))

    assert [_texts(outcomes[index]) for index in range(len(texts))] == [kind.told(text) for text in texts]


def test_an_empty_batch_reads_as_nothing(kind: Kind) -> None:
    """Count in, count out, at its smallest."""
    assert _read(kind.engine) == {}


def test_a_bad_page_fails_alone(kind: Kind) -> None:
    """It is the document's fault, so a Refusal; the pages beside it are read."""
    outcomes = _read(kind.engine, kind.page("Before the bad pages"), *BAD.values(), kind.page("After the bad pages"))

    assert [type(outcomes[1 + index]) for index in range(len(BAD))] == [Corrupt] * len(BAD)
    assert _texts(outcomes[0]) == kind.told("Before the bad pages")
    assert _texts(outcomes[1 + len(BAD)]) == kind.told("After the bad pages")


def test_a_blank_page_has_no_lines(kind: Kind) -> None:
    """Black or white, of any size, down to one pixel."""
    sizes = [(1, 1), (1, 300), (300, 1), (3, 3), (100, 80)]
    blank = [np.full((*size, 3), colour, np.uint8) for size in sizes for colour in (0, 255)]

    outcomes = _read(kind.engine, *blank)

    for index, page in enumerate(blank):
        height, width = page.shape[:2]
        assert outcomes[index] == PageReading(lines=[], width=width, height=height, rotation=0)


def test_pages_are_left_as_they_were(kind: Kind) -> None:
    """Pixels are shared memory; engines may not write into them."""
    page = kind.page("Leave this as it was")
    page.flags.writeable = False

    assert _texts(_read(kind.engine, page)[0]) == kind.told("Leave this as it was")


def test_boxes_lie_on_the_page(kind: Kind) -> None:
    """In pixels, upright, not inside out."""
    outcome = _read(kind.engine, kind.page("Where on this page"))[0]

    for line in outcome.lines:
        x0, y0, x1, y1 = line.box
        assert 0 <= x0 < x1 <= outcome.width
        assert 0 <= y0 < y1 <= outcome.height


def test_a_reader_may_walk_away(kind: Kind) -> None:
    """The iterator is closed after the first page; the next batch is none the worse for it."""
    pages = [PageImage(number, kind.page(f"Nobody waits for page {number}")) for number in range(1, 6)]
    with contextlib.closing(cast("Generator[object, None, None]", kind.engine.read(pages))) as batch:
        next(batch)

    assert _texts(_read(kind.engine, kind.page("Somebody waits for me"))[0]) == kind.told("Somebody waits for me")


def test_single_lines_are_recognised_in_order(kind: Kind) -> None:
    """With a confidence each; an engine that reads whole pages only says so."""
    texts = ["first line", "a second and longer line of text", "third"]
    if isinstance(kind.engine, RemoteEngine):
        with pytest.raises(NotImplementedError):
            kind.engine.recognise([kind.strip(texts[0])])
        return

    readings = kind.engine.recognise([kind.strip(text) for text in texts])

    assert [text for text, _ in readings] == texts
    assert all(0.5 < confidence <= 1 for _, confidence in readings)


def test_what_it_is_can_be_asked_before_loading(kind: Kind) -> None:
    """The fingerprint of answers is computed long before the first page."""
    fresh = kind.fresh()

    assert fresh.info.name
    assert fresh.info.version
    assert fresh.max_batch >= 1
