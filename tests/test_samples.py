"""The project's own sample documents: small, complete, and read to the text beside them."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from tests.conftest import PAGES, ROOT

SAMPLES = sorted(path for path in PAGES.iterdir() if path.suffix in {".pdf", ".png", ".jpg"})


def _letters(text: str) -> str:
    """Without white space, and with full-width forms folded: what was read, not how it was set."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def test_there_is_a_sample_of_every_sort() -> None:
    """English, Chinese, a photograph, a table and a turned page, each with its text."""
    assert {path.stem for path in SAMPLES} == {"english", "chinese", "photo", "table", "turned"}
    assert [path for path in SAMPLES if not path.with_suffix(".txt").read_text(encoding="utf-8").strip()] == []


def test_the_samples_stay_small() -> None:
    """They travel with every clone and every image."""
    assert sum(path.stat().st_size for path in PAGES.iterdir() if path.is_file()) < 400_000


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make run` prints first, written to files: all samples, through the command line and the real engine."""
    folder = tmp_path_factory.mktemp("samples")
    command = [sys.executable, "-m", "function", "parse", *map(str, SAMPLES), "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_read(sample: Path, outputs: Path) -> None:
    """At most two letters in a hundred differ from the text beside it."""
    expected = _letters(sample.with_suffix(".txt").read_text(encoding="utf-8"))
    actual = _letters((outputs / f"{sample.name}.txt").read_text(encoding="utf-8"))

    assert Levenshtein.distance(expected, actual) <= 0.02 * len(expected), actual


def test_paragraphs_and_cells_come_out_whole(outputs: Path) -> None:
    """Lines are joined into paragraphs, and a table's row is a line with tabs."""
    english = (outputs / "english.pdf.txt").read_text(encoding="utf-8")
    table = (outputs / "table.png.txt").read_text(encoding="utf-8")

    assert english.splitlines() == (PAGES / "english.txt").read_text(encoding="utf-8").splitlines()
    assert "Beech\t27 m\t1910\tOctober" in table.splitlines()
