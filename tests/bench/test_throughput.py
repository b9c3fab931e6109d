from __future__ import annotations

import math
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest

from bench import born_digital, synthetic
from bench.soak import Sample, Soak, report, soak
from bench.throughput.chart import chart
from bench.throughput.measure import Bounds, Run, Work, measure
from bench.throughput.report import ratios, table, verdicts
from tests.server import stub_server


def _run(way: str, seconds: float, latencies: list[float] | None = None) -> Run:
    return Run(way, 10, seconds, 5.0, 300 << 20, latencies or [], 0, 0.99 if latencies else None)


_ROUNDS = [
    [_run("raw loop", 10.0), _run("server, 8 callers", 10.0, [1.0, 2.0, 3.0])],
    [_run("server, 8 callers", 10.0, [2.0, 2.0, 2.0]), _run("raw loop", 8.0)],
    [_run("raw loop", 12.0), _run("server, 8 callers", 10.0, [2.0, 2.0, 9.0])],
]


def test_ratios_are_taken_within_a_round() -> None:
    """A slow minute of the machine slows both sides of a round, so it cancels out."""
    assert ratios(_ROUNDS, "server, 8 callers") == [1.0, 0.8, 1.2]


def test_the_table_tells_medians_spread_and_latencies() -> None:
    """Three rounds: ratio 1.0 between 0.8 and 1.2, half a CPU second a page, nine latencies with median 2."""
    row = next(line for line in table(_ROUNDS).splitlines() if "8 callers" in line)

    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "server, 8 callers", "1.000", "1.000 (0.800-1.200)", "0.500", "2.00", "6.60", "8.52", "0/9", "300", "0.990",
    ]  # fmt: skip


def test_both_sides_of_a_round_read_the_same_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server and the raw loop are given equal work, and every document is answered."""
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")
    documents = list(islice(synthetic.documents(5, fill=0.05), 4))

    kept: list[int] = []
    work = Work(documents, callers=(2,))
    (runs,) = measure(work, Bounds(1), done=lambda rounds: kept.append(len(rounds)))

    assert kept == [1], "a run that is cut short has told all that it found"
    assert [run.way for run in runs][-1] != "server, 2 callers", "the second round begins with another way"
    assert {run.pages for run in runs} == {sum(len(document.pages) for document in documents)}
    assert [run.failed for run in runs] == [0, 0, 0]


def test_targets_are_judged_in_what_was_measured_alone() -> None:
    """Against the raw loop with several callers; against whom nobody measured nothing is said."""
    (told,) = verdicts(_ROUNDS, (1, 8, 32))

    assert told == "- server, 8 callers: 1.000 (0.80-1.20) of raw loop; target 0.95: met"


def test_the_picture_has_a_bar_a_way_and_a_dot_a_round() -> None:
    """Two ways, three rounds."""
    drawn = chart(_ROUNDS)

    ElementTree.fromstring(drawn)
    assert drawn.count("<circle") == 6
    assert "server, 8 callers" in drawn


def test_born_digital_documents_have_the_text_that_they_say(tmp_path: Path) -> None:
    """Their text layer holds each line, page by page."""
    document = next(born_digital.documents(3, pages=2))
    (tmp_path / "a.pdf").write_bytes(document.content)

    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as pdf:
        read = [pdf[index].get_textpage().get_text_bounded().replace("\r\n", "\n").strip() for index in range(2)]
    assert tuple(read) == document.pages


def test_a_soak_takes_memory_before_and_after() -> None:
    """At least as many pages as asked for, or until the time is over; a sample each stretch, the first the base."""
    with stub_server() as server:
        result = soak(server, first_pages=4, pages=10, every=3, callers=2, fill=0.05, digital=1)
        timed = soak(server, first_pages=1, pages=math.inf, minutes=0.0, every=1, callers=1, fill=0.05)

    assert result.failed == 0
    assert len(timed.samples) == 1, "no more is begun when the time is over"
    first, last = result.samples[0], result.samples[-1]
    assert first.pages >= 4
    assert last.pages >= 10
    assert first.rss > 20 << 20
    assert min(first.threads, first.descriptors) > 2


def test_growth_is_told_as_a_share_of_the_base() -> None:
    """From 100 to 104 MiB is 4 %."""
    result = Soak((Sample(50, 100 << 20, 20, 9, 0.5), Sample(1000, 104 << 20, 20, 9, 0.5)), 0, 60.0)

    assert result.growth == pytest.approx(0.04)
    assert "+4.0%" in report(result)
