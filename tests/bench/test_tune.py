"""Tuning: it tries what it says, leaves things as they were, and chooses by what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import tune
from bench.tune import Knobs, Trial, Tuner, best, table
from function.engines.stub import StubEngine
from function.reading.options import Options
from function.settings import Settings
from function.wiring import Function, build
from tests.doors.conftest import stamped_png


class Priced(StubEngine):
    """A GPU as engines see it: a batch costs far more than each page in it."""

    def __init__(self) -> None:
        super().__init__(max_batch=8, seconds_per_batch=0.01, gains_from_batches=True)


@pytest.fixture(scope="module")
def function() -> Iterator[Function]:
    """One with such an engine."""
    made = build(Settings(fast_engine="stub", slots=4), fast=Priced())
    made.start()
    made.wait_until_ready()
    yield made
    made.stop()


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Six pages, a file each, and something that is no document."""
    for number in range(6):
        (tmp_path / f"{number}.png").write_bytes(stamped_png(f"page {number}", 100, 100))
    (tmp_path / "notes.txt").write_text("not a document")
    (tmp_path / "broken.pdf").write_bytes(b"no document either")
    return tmp_path


def test_it_tries_every_window_then_every_size(function: Function, scans: Path) -> None:
    """Each as often as said; a size of one page means batches of one; the knobs stand as before."""
    [batcher] = function.reader.batchers.values()
    before = batcher.batching
    paths = tune.documents([scans])
    tuner = Tuner(function, paths, callers=3, rounds=2, options=Options(ocr="always"))

    trials = tuner.tune(Knobs(50.0, 32_000_000), [0.0, 5000.0], [10_000, 32_000_000])

    assert [trial.knobs.window_ms for trial in trials[:2]] == [0.0, 5000.0]
    assert [trial.knobs.pixels for trial in trials] == [32_000_000, 32_000_000, 10_000]
    assert all(len(trial.speeds) == 2 and len(trial.waits) == 12 and trial.refused == 2 for trial in trials)
    assert trials[2].batches == [1.0, 1.0]
    assert all(pages > 1 for pages in trials[1].batches)
    assert batcher.batching is before


def trial(window: float, speeds: list[float], waits: list[float]) -> Trial:
    """One that was measured."""
    return Trial(Knobs(window, 32_000_000), speeds, waits, [1.0])


def test_the_fastest_is_best_and_of_equals_who_waits_least() -> None:
    """A difference that is chance counts for nothing; one bad round does not decide."""
    slow = trial(0, [5.0, 5.0, 5.0], [0.1] * 20)
    fast = trial(50, [9.9, 10.0, 1.0], [1.0] * 20)
    faster = trial(100, [10.0, 10.1, 10.2], [2.0] * 20)

    assert best([slow, fast, faster]) is fast
    assert best([slow, trial(25, [8.0], [0.2] * 20), faster]) is faster


def test_the_table_marks_what_was_chosen() -> None:
    """A line a trial."""
    trials = [trial(50, [9.0], [1.0]), trial(0, [5.0], [0.5])]

    lines = table(trials, trials[0]).splitlines()

    assert lines[2:] == ["| 0 | 32 | 5.00 | 0.50 | 1.0 |  |", "| 50 | 32 | 9.00 | 1.00 | 1.0 | best |"]


def test_the_command_prints_the_variables(
    scans: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To be set as they stand."""
    monkeypatch.setattr(tune, "build", lambda settings: build(settings, fast=Priced()))
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")

    assert tune.main([str(scans), "--rounds", "1", "--windows", "0,20", "--pixels", "32", "--callers", "2"]) == 0

    told = capsys.readouterr().out
    assert "1 of them cannot be read" in told
    assert told.splitlines()[-2].startswith("OCR_BATCH_WINDOW_MS=")
    assert told.splitlines()[-1] == "OCR_BATCH_PIXELS=32000000"


def test_an_engine_that_gains_nothing_is_told_so(
    scans: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a CPU, where there is nothing to set."""
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")

    assert tune.main([str(scans)]) == 0
    assert "Nothing to tune: stub" in capsys.readouterr().out


def test_no_documents_is_a_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is loaded."""
    assert tune.main([str(tmp_path)]) == 2
    assert "no documents" in capsys.readouterr().err
