"""What a pod holds while a document is split, read in ranges and joined, with 10, 100 and 1,000 pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.long.split_memory import document
from tests.shared import ROOT

pytestmark = pytest.mark.long


def test_memory_grows_by_no_more_than_the_result(tmp_path: Path) -> None:
    """JSON and Markdown, from the split to the join: by no more than the bytes of the JSON."""
    told = {}
    for pages in (10, 100, 1000):
        folder = tmp_path / str(pages)
        (folder / "in").mkdir(parents=True)
        (folder / "out").mkdir()
        (folder / "in" / "a.tif").write_bytes(document(pages))
        command = [sys.executable, "-m", "tests.long.split_memory", str(folder)]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
        told[pages] = json.loads(answer.stdout.splitlines()[-1])
        print(pages, {name: f"{size / 1e6:.1f} MB" for name, size in told[pages].items()})

    grown = told[1000]["result"] - told[10]["result"]
    assert told[1000]["peak"] - told[10]["peak"] <= grown
