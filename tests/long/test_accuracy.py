from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from bench import synthetic
from bench.accuracy import corpus, metrics, report
from bench.accuracy.cache import Cache
from bench.accuracy.measure import Mean, Result, means, measure
from bench.accuracy.readers.base import Reader
from bench.accuracy.readers.ours import OurReader
from bench.accuracy.readers.rapidocr import RapidOcrReader
from tests.conftest import PAGES as PAGES_FOLDER
from tests.conftest import ROOT
from tests.server import Client, Server
from tests.shared import DOCUMENTS, needs_shared

pytestmark = pytest.mark.long

PAGES = 10
#: Of a mean: below what a single character in a short document makes.
ROUNDING = 0.002
#: How much better is clearly better.
CLEARLY = 0.05


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """Ours and plain RapidOCR on the same first pages; RapidOCR's readings are kept in out/."""
    folder = ROOT / "out" / "accuracy"
    readers: list[Reader] = [OurReader(), RapidOcrReader(dpi=200.0)]
    samples = corpus.load(DOCUMENTS / "good")

    found = measure(samples, readers, pages=PAGES, cache=Cache(folder / "cache"), tell=_tell)

    report.write(Path(folder, "long"), found, {reader.name: reader.version for reader in readers}, PAGES)
    return found


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _pairs(results: list[Result]) -> list[tuple[Mean, Mean]]:
    by_name = {(mean.name, mean.reader): mean for mean in means(results)}
    return [(mean, by_name[name, "rapidocr"]) for (name, reader), mean in by_name.items() if reader == "ours"]


def _order_is_known(result: Result) -> bool:
    """A PDF's text layer holds its text in the order of drawing, often row by row across columns."""
    return not result.sample.truth_kind.startswith("text-layer")


@needs_shared
def test_every_good_document_gives_a_result(results: list[Result]) -> None:
    """None is refused, none fails, every page asked for is there."""
    ours = [result for result in results if result.reader == "ours"]

    assert {result.sample.name: result.reading.error for result in ours if result.reading.error} == {}
    assert [result.sample.name for result in ours if not result.reading.pages] == []


@needs_shared
def test_every_class_is_read_at_least_as_well_as_by_plain_rapidocr(results: list[Result]) -> None:
    """Mean error rate and mean word F1 in any order, by class and over all documents."""
    worse = [
        f"{ours.name}: CER {ours.scores.cer_free:.3f} ({theirs.scores.cer_free:.3f}), "
        f"word F1 {ours.scores.f1_free:.3f} ({theirs.scores.f1_free:.3f})"
        for ours, theirs in _pairs(results)
        if ours.scores.cer_free > theirs.scores.cer_free + ROUNDING
        or ours.scores.f1_free < theirs.scores.f1_free - ROUNDING
    ]

    assert worse == []


@needs_shared
def test_every_class_is_read_in_at_least_as_good_an_order(results: list[Result]) -> None:
    """Mean error rate and word F1 in reading order, over the documents whose truth was written by people."""
    worse = [
        f"{ours.name}: CER {ours.scores.cer:.3f} ({theirs.scores.cer:.3f}), "
        f"word F1 {ours.scores.f1_ordered:.3f} ({theirs.scores.f1_ordered:.3f})"
        for ours, theirs in _pairs(list(filter(_order_is_known, results)))
        if ours.scores.cer > theirs.scores.cer + ROUNDING
        or ours.scores.f1_ordered < theirs.scores.f1_ordered - ROUNDING
    ]

    assert worse == []


@needs_shared
def test_columns_and_born_digital_pages_are_read_clearly_better(results: list[Result]) -> None:
    """There reading order and the text layer must pay."""
    known = {ours.name: (ours, theirs) for ours, theirs in _pairs(list(filter(_order_is_known, results)))}
    every = {ours.name: (ours, theirs) for ours, theirs in _pairs(results)}
    gains = {
        "multi-column, CER": known["multi-column"][1].scores.cer - known["multi-column"][0].scores.cer,
        "two-column, CER": known["two-column"][1].scores.cer - known["two-column"][0].scores.cer,
        "born-digital, F1": every["born-digital"][0].scores.f1_free - every["born-digital"][1].scores.f1_free,
    }

    assert {name: gain for name, gain in gains.items() if gain < CLEARLY} == {}


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_pages_are_read_like_upright_ones(server: Server, degrees: int) -> None:
    """A drawn page in English and the Chinese sample, turned by each quarter: an upright page's error rate."""
    drawn = next(document for document in synthetic.documents(11) if document.name.endswith(".png"))
    sample = PAGES_FOLDER / "chinese.png"
    pages = [(drawn.content, drawn.pages[0]), (sample.read_bytes(), sample.with_suffix(".txt").read_text("utf-8"))]

    for content, truth in pages:
        buffer = io.BytesIO()
        Image.open(io.BytesIO(content)).convert("RGB").rotate(degrees, expand=True).save(buffer, "PNG")
        with Client(server.url) as client:
            read = client.parse(buffer.getvalue(), format="text").body.decode()

        assert metrics.score([truth], [read]).cer <= 0.03, read


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The real engine."""
    with Server() as running:
        yield running
