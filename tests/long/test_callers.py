from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pytest

from bench import load, synthetic
from tests.server import Answer, Server
from tests.shared import GOOD, needs_shared

pytestmark = pytest.mark.long

CALLERS = 20


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The real engine, with room for everybody."""
    settings = {"OCR_SLOTS": str(CALLERS), "OCR_ADMISSION_SECONDS": "600", "OCR_REQUEST_SECONDS": "3600"}
    with Server(settings) as running:
        yield running


def _lines(answer: Answer) -> list[list[str]]:
    """The text of every line, page by page."""
    assert answer.status == 200, answer.body[:500]
    result: dict[str, Any] = answer.json()
    return [[line["text"] for block in page["blocks"] for line in block["lines"]] for page in result["pages"]]


def _assert_each_gets_its_own(server: Server, documents: Sequence[synthetic.Synthetic], **options: str) -> None:
    one_by_one = load.send(server.url, documents, callers=1, format="json", **options)
    at_once = load.send(server.url, documents, callers=CALLERS, format="json", **options)

    expected = {d.name: _lines(answer) for d, answer in zip(documents, one_by_one.answers, strict=True)}
    assert expected == {d.name: _lines(answer) for d, answer in zip(documents, at_once.answers, strict=True)}


def test_twenty_callers_at_once_each_get_their_own_text(server: Server) -> None:
    """Line by line what a single caller gets; no two pages are alike, so a swapped page would show."""
    documents = list(islice(synthetic.documents(20, fill=0.5), CALLERS))

    _assert_each_gets_its_own(server, documents, ocr="always")


def _pages(answer: Answer) -> list[tuple[str, list[str]]]:
    """The rung and the lines of each page."""
    lines = _lines(answer)
    return list(zip([page["rung"] for page in answer.json()["pages"]], lines, strict=True))


@needs_shared
def test_twenty_callers_with_real_documents_each_get_their_own_text(server: Server) -> None:
    """Scans, tables, turned pages and many scripts, read by engine and text layer as they come.

    Which of the two reads a page of a text layer that is wrong in places depends on the lines that are drawn at random
    from it, so each page is compared with what a single caller gets from the rung that read it.
    """
    documents = [synthetic.Synthetic(sample.path.name, sample.path.read_bytes(), ()) for sample in GOOD]
    alone = [
        load.send(server.url, documents, callers=1, format="json", pages="1-3", ocr=ocr).answers
        for ocr in ("auto", "always", "never")
    ]
    at_once = load.send(server.url, documents, callers=CALLERS, format="json", pages="1-3").answers

    for document, answer, *readings in zip(documents, at_once, *alone, strict=True):
        known = [_pages(reading) for reading in readings if reading.status == 200]  # never: a picture has no layer
        for number, page in enumerate(_pages(answer)):
            assert page in [reading[number] for reading in known], (document.name, number + 1)


def test_what_is_read_is_what_was_drawn(server: Server) -> None:
    """Beyond being equal to another run: the pages' own words and numbers."""
    documents = list(islice(synthetic.documents(21), 8))

    sent = load.send(server.url, documents, callers=8, format="json", ocr="always")

    for document, answer in zip(documents, sent.answers, strict=True):
        for page, lines in zip(document.pages, _lines(answer), strict=True):
            drawn = [line.replace(" ", "") for line in page.splitlines()]
            read = {line.replace(" ", "") for line in lines}
            assert sum(line in read for line in drawn) >= 0.9 * len(drawn), (document.name, lines)
