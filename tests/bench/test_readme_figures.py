"""The figures that the README shows are those of its pictures, and a simulation gives them again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.autoscaling.__main__ import main
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("\n## How fast, how long, how much\n")[2].partition("\n## ")[0]
PICTURES = ROOT / "bench" / "pictures"


def rows(head: str) -> list[list[str]]:
    """Of the section's table that begins so, the cells of each row."""
    lines = SECTION[SECTION.index(head) :].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_pages_a_second_is_the_one_that_is_drawn() -> None:
    """Each figure stands beside a bar; a table that was mended by hand would differ from its picture."""
    drawn = set(re.findall(r">(\d+\.\d\d)(?:, P50[^<]*)?<", (PICTURES / "throughput.svg").read_text(encoding="utf-8")))
    told = [cell for row in rows("| pages/s |") for cell in row[1:4] if cell]

    assert len(told) == 12
    assert [
        cell for cell in told if not any(bar.startswith(cell) or f"{float(bar):.1f}" == cell for bar in drawn)
    ] == []


def test_the_start_that_is_told_is_the_one_that_is_drawn() -> None:
    """Seconds until ready: ours, and the script's."""
    drawn = re.findall(r">(\d+\.\d\d) s<", (PICTURES / "coldstart.svg").read_text(encoding="utf-8"))
    [ours, script] = re.findall(r"process (\S+) s until ready.*?models \((\S+) and", SECTION, re.DOTALL)[0]

    assert {ours, script} <= {f"{float(bar):.1f}" for bar in drawn}


@pytest.mark.long
def test_the_simulation_gives_what_the_readme_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same waits, hours and cost, by the command beside them; and the same picture."""
    assert main(["--out", str(tmp_path)]) == 0
    printed = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    played = {
        (", ".join(row[1:4]) + " s", f"{float(row[8]):.0f}", f"{float(row[10]):.0f}")
        for row in printed
        if row[1].replace(".", "").isdigit()
    }
    told = [tuple(row[1:]) for row in rows("| | wait P50")]

    assert len(told) == 5
    assert [row for row in told if row not in played] == []
    assert (tmp_path / "autoscaling.svg").read_text() == (PICTURES / "autoscaling.svg").read_text()
