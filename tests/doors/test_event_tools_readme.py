"""The section "Tools" of events/README.md: its commands can be typed, its metrics and options are what the code has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from function.doors.event_tools.cli import _parser
from function.doors.event_tools.reconcile import Tally
from tests.conftest import ROOT

TEXT = (ROOT / "events" / "README.md").read_text(encoding="utf-8").partition("\n## Tools\n")[2]


def test_every_command_can_be_typed() -> None:
    """Each line of the blocks is understood by the parser."""
    lines = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines]

    assert len(commands) > 8
    for words in commands:
        assert words[:3] == ["python", "-m", "events"]
        _parser().parse_args(words[3:])


def test_every_metric_is_explained(tmp_path: Path) -> None:
    """Those that a run writes, and no others."""
    Tally().write(tmp_path / "run.prom")
    written = set(re.findall(r"^zeropage_reconcile_(\w+) ", (tmp_path / "run.prom").read_text(), re.MULTILINE))

    assert set(re.findall(r"`(?:zeropage_reconcile|…)_(\w+)`", TEXT)) == written
