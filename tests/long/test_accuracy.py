from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.accuracy import corpus, report
from bench.accuracy.cache import Cache
from bench.accuracy.measure import ALL, Mean, Result, means, measure
from bench.accuracy.readers.base import Reader
from bench.accuracy.readers.ours import OurReader
from bench.accuracy.readers.rapidocr import RapidOcrReader
from tests.conftest import ROOT
from tests.shared import DOCUMENTS, needs_shared

pytestmark = [pytest.mark.long, needs_shared]

PAGES = 10
#: Of a mean: below what a single character in a short document makes.
ROUNDING = 0.002
#: Classes in which plain RapidOCR leaves much to gain, and by how much ours must be better.
CLEARLY_BETTER = {"multi-column": 0.05, "two-column": 0.05, "born-digital": 0.02}


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


def test_every_good_document_gives_a_result(results: list[Result]) -> None:
    """None is refused, none fails, every page asked for is there."""
    ours = [result for result in results if result.reader == "ours"]

    assert {result.sample.name: result.reading.error for result in ours if result.reading.error} == {}
    assert [result.sample.name for result in ours if not result.reading.pages] == []


def test_every_class_is_read_at_least_as_well_as_by_plain_rapidocr(results: list[Result]) -> None:
    """Mean error rate and mean word F1, by class and over all documents."""
    worse = [
        f"{ours.name}: CER {ours.scores.cer:.3f} ({theirs.scores.cer:.3f}), "
        f"word F1 {ours.scores.f1_free:.3f} ({theirs.scores.f1_free:.3f})"
        for ours, theirs in _pairs(results)
        if ours.scores.cer > theirs.scores.cer + ROUNDING or ours.scores.f1_free < theirs.scores.f1_free - ROUNDING
    ]

    assert worse == []


def test_columns_and_born_digital_pages_are_read_clearly_better(results: list[Result]) -> None:
    """There reading order and the text layer must pay."""
    gains = {ours.name: theirs.scores.cer - ours.scores.cer for ours, theirs in _pairs(results)}

    assert {name: gains[name] for name, least in CLEARLY_BETTER.items() if gains[name] < least} == {}
    assert gains[ALL] > 0


def test_turned_pages_are_read_like_upright_ones() -> None:
    """A page of known text, turned by each quarter: plain RapidOCR reads rubbish at 90 and 270 degrees."""
    import io

    from PIL import Image

    from bench.accuracy import metrics
    from bench.client import Client
    from bench.server import Server

    page = ROOT / "warmup" / "pages" / "english.png"
    truth = page.with_suffix(".txt").read_text(encoding="utf-8")
    errors = {}
    with Server() as server:
        for degrees in (0, 90, 180, 270):
            buffer = io.BytesIO()
            Image.open(page).convert("RGB").rotate(degrees, expand=True).save(buffer, "PNG")
            read = Client(server.url).parse(buffer.getvalue(), format="text").body.decode()
            errors[degrees] = metrics.score([truth], [read]).cer

    assert {degrees: error for degrees, error in errors.items() if error > 0.05} == {}
