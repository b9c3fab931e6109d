"""The collection of hostile documents: each ends as its entry expects, alone and sixteen at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from function.documents.base import Limits
from function.documents.pool import Pool
from function.documents.sources import from_path
from function.errors import OcrError, Refusal
from tests.shared import BAD, GOOD, Sample, needs_shared

LIMITS = Limits(max_pages=2000, max_pixels=16_000_000, page_seconds=60.0, child_memory_bytes=2 << 30)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """As the function has it, but for time: a test machine may be slow."""
    pool = Pool(LIMITS, size=8)
    yield pool
    pool.close()


def _ends(pool: Pool, sample: Sample) -> str:
    """`ok`: some page was drawn and its text layer came; else the class of the refusal. Anything else is raised."""
    drawn, refused = 0, ""
    try:
        with from_path(sample.path, max_bytes=1 << 30) as source, pool.open(source) as document:
            for number in range(1, document.pages + 1):
                try:
                    document.draw(number, 100)
                    document.text_layer(number, 100)
                    drawn += 1
                except Refusal as problem:
                    refused = type(problem).__name__
    except Refusal as problem:
        return type(problem).__name__
    return "ok" if drawn else refused


def _is_expected(sample: Sample, end: str) -> bool:
    return {"ok": end == "ok", "error": end != "ok", "either": True}[sample.expect]


@needs_shared
@pytest.mark.parametrize("sample", BAD, ids=str)
def test_a_bad_document_ends_as_expected(pool: Pool, sample: Sample) -> None:
    """Refused or drawn; never an outage, never a hang."""
    assert _is_expected(sample, _ends(pool, sample))


@needs_shared
def test_bad_documents_end_as_expected_sixteen_at_once(pool: Pool) -> None:
    """As in the quiet: none costs another anything."""

    def end(sample: Sample) -> str:
        try:
            return _ends(pool, sample)
        except OcrError as problem:
            return f"outage {problem!r}"

    with ThreadPoolExecutor(16) as threads:
        ends = dict(zip(map(str, BAD), threads.map(end, BAD), strict=True))

    assert {str(sample): ends[str(sample)] for sample in BAD if not _is_expected(sample, ends[str(sample)])} == {}
    assert [name for name, end in ends.items() if end.startswith("outage")] == []


@needs_shared
@pytest.mark.parametrize("sample", GOOD, ids=str)
def test_a_good_document_is_drawn(pool: Pool, sample: Sample) -> None:
    """Every page of every one."""
    with from_path(sample.path, max_bytes=1 << 30) as source, pool.open(source) as document:
        for number in range(1, document.pages + 1):
            assert document.draw(number, 50).pixels.size > 0
        assert document.warnings == []
