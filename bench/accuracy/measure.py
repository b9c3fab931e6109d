"""Every reader on every document: readings, scores, means by class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from bench.accuracy import facts, metrics, tables
from bench.accuracy.cache import Cache
from bench.accuracy.corpus import Sample
from bench.accuracy.readers.base import Reader, Reading


@dataclass(frozen=True)
class Result:
    """One reader on one document.

    Attributes:
        sample: as far as it was to be read.
        reader: the reader's name.
        reading: what it gave.
        scores: against the truth.
        facts: statements that hold.
        table: F1 of the table's structure; None where the truth has no table, or this reader gives none.
    """

    sample: Sample
    reader: str
    reading: Reading
    scores: metrics.Scores
    facts: facts.Facts
    table: float | None

    @property
    def seconds_a_page(self) -> float:
        """Wall clock."""
        return self.reading.seconds / max(1, len(self.reading.pages))

    def to_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "document": self.sample.name,
            "classes": self.sample.classes,
            "truth_kind": self.sample.truth_kind,
            "reader": self.reader,
            "pages": len(self.reading.pages),
            **asdict(self.scores),
            "facts_passed": self.facts.passed,
            "facts_judged": self.facts.judged,
            "facts_failed": list(self.facts.failed),
            "table_f1": self.table,
            "seconds_a_page": self.seconds_a_page,
            "rungs": self.reading.rungs,
            "error": self.reading.error,
        }


def measure(
    samples: Sequence[Sample],
    readers: Iterable[Reader],
    *,
    pages: int,
    cache: Cache | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Result]:
    """Let every reader read every document, one after another.

    Args:
        samples: the documents.
        readers: each is started at its first document that the cache does not hold, and closed at its end.
        pages: at most so many of each document.
        cache: where readings are kept, of readers that allow it; None reads everything anew.
        tell: gets a line of progress.
    """
    told = [sample for sample in samples if "".join(sample.first(pages).truth).strip()]
    for sample in samples:
        if sample not in told:
            tell(f"{sample.name} is left out: its first {pages} pages have no ground truth")
    return [result for reader in readers for result in _measure_one(told, reader, pages, cache, tell)]


def _measure_one(
    samples: Sequence[Sample], reader: Reader, pages: int, cache: Cache | None, tell: Callable[[str], None]
) -> list[Result]:
    version, started, results = reader.version, False, []
    cache = cache if reader.kept else None
    try:
        for count, sample in enumerate(samples, start=1):
            reading = cache.get(reader.name, version, sample, pages) if cache else None
            source = "kept"
            if reading is None:
                if not started:
                    reader.start()
                    started = True
                reading, source = reader.read(sample, pages), "read"
                if cache:
                    cache.put(reader.name, version, sample, pages, reading)
            results.append(judge(sample.first(pages), reader.name, reading))
            cer = results[-1].scores.cer
            tell(f"{reader.name} {count}/{len(samples)} {sample.name}: {source}, CER {cer:.3f} {reading.error}")
    finally:
        if started:
            reader.close()
    return results


def judge(sample: Sample, reader: str, reading: Reading) -> Result:
    """Score one reading."""
    scores = metrics.NOTHING if reading.error else metrics.score(sample.truth, reading.pages)
    statements = facts.judge(sample.facts, reading.pages, reading.tables)
    gives_tables = bool(reading.rungs)
    table = tables.structure_f1(tables.from_html(sample.html), reading.tables) if sample.html and gives_tables else None
    return Result(sample, reader, reading, scores, statements, table)


@dataclass(frozen=True)
class Mean:
    """One reader's mean over the documents of one class."""

    name: str
    reader: str
    documents: int
    scores: metrics.Scores
    facts: facts.Facts
    seconds_a_page: float

    def to_json(self) -> dict[str, Any]:
        """For the report."""
        return asdict(self)


#: The name under which all documents together are reported.
ALL = "all documents"


def means(results: Sequence[Result]) -> list[Mean]:
    """By class, every document counting once; a document of several classes counts in each. All together first."""
    classes = sorted({name for result in results for name in result.sample.classes})
    readers = list(dict.fromkeys(result.reader for result in results))
    found = []
    for name in [ALL, *classes]:
        for reader in readers:
            chosen = [r for r in results if r.reader == reader and (name == ALL or name in r.sample.classes)]
            if chosen:
                found.append(_mean(name, reader, chosen))
    return found


def _mean(name: str, reader: str, chosen: Sequence[Result]) -> Mean:
    def average(of: Callable[[Result], float]) -> float:
        return fmean(map(of, chosen))

    scores = metrics.Scores(
        cer=average(lambda r: r.scores.cer),
        cer_free=average(lambda r: r.scores.cer_free),
        f1_free=average(lambda r: r.scores.f1_free),
        f1_ordered=average(lambda r: r.scores.f1_ordered),
    )
    statements = facts.Facts(sum(r.facts.passed for r in chosen), sum(r.facts.judged for r in chosen))
    return Mean(name, reader, len(chosen), scores, statements, average(lambda r: r.seconds_a_page))
